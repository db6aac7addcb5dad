// The core's static shape and the registers that control_registers holds: what the other blocks see as
// wires. Only control_registers writes it.
#pragma once

#include <array>
#include <cstdint>

#include "config/configuration.hpp"
#include "model/network.hpp"
#include "modules/interfaces.hpp"
#include "modules/timing.hpp"

namespace bru {

/// The shape as the small integers that blocks compute with; all depths resolved.
struct CoreShape {
    explicit CoreShape(const Shape& resolved, bool with_values = true)
        : shape(resolved), computes_values(with_values), lanes(static_cast<int>(resolved.lanes)),
          lane_width(static_cast<int>(resolved.lane_width)), update_width(static_cast<int>(resolved.update_width)),
          activation_bits(static_cast<int>(resolved.activation_bits)),
          lut_address_bits(static_cast<int>(resolved.lut_address_bits)),
          units_per_group(static_cast<int>(resolved.units_per_group())),
          slices_per_group(static_cast<int>(resolved.slices_per_group())) {}

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

    /// 64-bit beats of a word of `bits` bits in a load.
    static int beats(std::int64_t bits) { return static_cast<int>((bits + 63) / 64); }
    /// Words that a memory of the simulation keeps.
    std::int64_t kept_words(std::int64_t words) const { return computes_values ? words : 0; }
    std::int64_t weight_word_bits() const { return std::int64_t{lanes} * lane_width; }
    std::int64_t scale_word_bits() const { return std::int64_t{4} * update_width * 16; }
    std::int64_t bias_word_bits() const { return std::int64_t{4} * update_width * 48; }
    std::int64_t state_word_bits() const { return std::int64_t{lane_width} * activation_bits; }
    std::int64_t cell_word_bits() const { return std::int64_t{update_width} * 16; }
};

struct CoreRegisters {
    LoadTarget load_target = LoadTarget::run;
    std::uint32_t load_address = 0;
    std::uint32_t descriptor_count = 0;
    std::uint32_t mode = 0;
    std::uint32_t input = 0;
    std::uint32_t input_slots = 0;
    std::uint32_t packet_vectors = 1;
    std::array<Descriptor, kMaxDescriptors> descriptors{};

    bool sequence_mode() const { return (mode & 1) != 0; }
    OutputKind output_kind() const { return static_cast<OutputKind>((mode >> 4) & 3); }
    OutputSteps output_steps() const { return static_cast<OutputSteps>((mode >> 8) & 3); }
    bool input_one_hot() const { return (input & kInputOneHot) != 0; }
    std::uint32_t input_chunks() const { return input & 0xFFFF; }
};

constexpr std::uint32_t mode_register(bool sequence_mode, OutputMode output) {
    return (sequence_mode ? 1U : 0U) | static_cast<std::uint32_t>(output.kind) << 4 |
           static_cast<std::uint32_t>(output.steps) << 8;
}

} // namespace bru
