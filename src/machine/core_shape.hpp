// The core's static shape as the small integers that the blocks compute with; every depth is resolved.
#pragma once

#include <cstdint>

#include "base/integers.hpp"
#include "machine/shape.hpp"
#include "model/network.hpp"
#include "model/number_formats.hpp"

namespace bru {

struct CoreShape {
    explicit CoreShape(const Shape& resolved, bool with_values = true)
        : shape(resolved), computes_values(with_values), lanes(narrow<int>(resolved.lanes)),
          lane_width(narrow<int>(resolved.lane_width)), update_width(narrow<int>(resolved.update_width)),
          activation_bits(narrow<int>(resolved.activation_bits)),
          lut_address_bits(narrow<int>(resolved.lut_address_bits)),
          units_per_group(narrow<int>(resolved.units_per_group())),
          slices_per_group(narrow<int>(resolved.slices_per_group())) {}

    Shape shape;
    /// False: the blocks keep their schedules and compute nothing - no weights, no activations, outputs are zeros. No
    /// cycle depends on values, so every cycle is the same.
    bool computes_values;
    int lanes;
    int lane_width;
    int update_width;
    int activation_bits;
    int lut_address_bits;
    int units_per_group;  ///< U
    int slices_per_group; ///< D

    bool has_gru() const { return shape.cell_kinds > 1; }
    /// Words that a memory of the simulation keeps.
    std::int64_t kept_words(std::int64_t words) const { return computes_values ? words : 0; }
    std::int64_t weight_word_bits() const { return std::int64_t{lanes} * lane_width; }
    std::int64_t scale_word_bits() const { return std::int64_t{rows_per_slice()} * kScaleFieldBits; }
    std::int64_t bias_word_bits() const { return std::int64_t{rows_per_slice()} * kBiasBits; }
    std::int64_t table_word_bits() const { return std::int64_t{2} * kTableEntryBits; }
    std::int64_t state_word_bits() const { return std::int64_t{lane_width} * activation_bits; }
    std::int64_t cell_word_bits() const { return std::int64_t{update_width} * kCellBits; }
    /// Steps or chunks that the input memory holds at most: it is a ring of a power of two.
    std::uint64_t input_ring_words() const {
        std::uint64_t words = 2;
        while (words < narrow<std::uint64_t>(shape.input_words)) words *= 2;
        return words;
    }
    /// Rows of a row group that post-processing takes in one cycle: a slice has E units of four gates.
    int rows_per_slice() const { return kGates * update_width; }
};

} // namespace bru
