// The shape as software reads it: the values of the SHAPE registers, in the order of their addresses.
#pragma once

#include <array>
#include <cstdint>

#include "base/integers.hpp"
#include "machine/registers.hpp"
#include "machine/shape.hpp"

namespace bru {

/// Every depth of the shape is resolved.
inline std::array<std::uint32_t, reg::kShapeRegisters> shape_registers(const Shape& s) {
    const std::int64_t values[reg::kShapeRegisters] = {
        s.lanes,        s.lane_width,        s.update_width, s.activation_bits, s.lut_address_bits,
        s.weight_words, s.scale_words,       s.bias_words,   s.state_words,     s.cell_words,
        s.input_words,  s.output_fifo_beats, s.streams,      s.cell_kinds};
    std::array<std::uint32_t, reg::kShapeRegisters> registers{};
    for (std::size_t k = 0; k < registers.size(); ++k) registers[k] = narrow<std::uint32_t>(values[k]);
    return registers;
}

} // namespace bru
