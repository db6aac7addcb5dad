// The registers that control_registers holds: what the other blocks see as wires. Only control_registers
// writes them.
#pragma once

#include <array>
#include <cstdint>

#include "machine/descriptor.hpp"
#include "machine/registers.hpp"
#include "model/network.hpp"

namespace bru {

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
