#include "platform/driver_image.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/enumeration.hpp"
#include "base/integers.hpp"
#include "machine/core_registers.hpp"
#include "machine/shape_registers.hpp"

namespace bru {

namespace {

bru_region driver_region(const LoadRegion& region, bool has_values) {
    bru_region result = {};
    result.target = static_cast<std::uint32_t>(region.target);
    result.word_beats = narrow<std::uint32_t>(region.beats_per_word);
    result.words = narrow<std::uint32_t>(region.beat_count / region.beats_per_word);
    result.beats = has_values ? region.beats.data() : nullptr;
    return result;
}

} // namespace

bru_image driver_image(const NetworkImage& image, const Shape& shape, const Network& network) {
    const std::array<std::uint32_t, reg::kShapeRegisters> registers = shape_registers(shape);
    bru_image result = {};
    std::copy(registers.begin(), registers.end(), std::begin(result.shape));
    result.mode = mode_register(image.sequence_mode, image.mode);
    result.input = image.input_chunks | (image.one_hot ? kInputOneHot : 0);
    result.input_slots = image.input_slots;
    result.step_beats = narrow<std::uint32_t>(image.beats_per_input_step);
    result.step_values = narrow<std::uint32_t>(network.input_size());
    result.vector_beats = narrow<std::uint32_t>(image.beats_per_output_vector);
    result.vector_values = narrow<std::uint32_t>(image.values_per_output_vector);
    result.vectors = narrow<std::uint32_t>(image.vectors_per_output);
    result.input_exponent = narrow<std::int32_t>(shape.activation_bits) - 1 - network.input_exponent;
    result.descriptor_count = narrow<std::uint32_t>(image.descriptors.size());
    result.descriptors = reinterpret_cast<const std::uint32_t*>(image.descriptors.data()); // fields are registers
    for (std::size_t k = 0; k < image.regions.size(); ++k)
        result.regions[k] = driver_region(image.regions[k], image.has_values);
    return result;
}

} // namespace bru
