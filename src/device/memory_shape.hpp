// How many block RAMs or LUTs a memory of a given width and depth takes on a 7-series device.
// Exact by construction: primitives are counted over their aspect ratios (UG473), not scaled from bits.
#pragma once

#include <cstdint>

namespace bru {

/// Memories of up to this many words are distributed RAM (LUTs) unless they ask for block RAM.
inline constexpr std::int64_t kDistributedRamWords = 64;

/// What one memory takes. Two RAMB18 make a RAMB36.
struct MemoryCost {
    std::int64_t ramb18 = 0;
    std::int64_t memory_luts = 0;

    MemoryCost operator+(const MemoryCost& other) const {
        return {ramb18 + other.ramb18, memory_luts + other.memory_luts};
    }
    MemoryCost operator*(std::int64_t copies) const { return {ramb18 * copies, memory_luts * copies}; }
};

/// Fewest RAMB18 for width x depth with one read and one write port (simple dual port). The depth is cut into
/// layers at multiples of a primitive's depth, a layer's width into columns of equal or different shapes.
std::int64_t simple_dual_port_ramb18(std::int64_t width_bits, std::int64_t depth);

/// Fewest RAMB18 for width x depth with two read ports, of which one can write while loading (true dual port).
std::int64_t true_dual_port_ramb18(std::int64_t width_bits, std::int64_t depth);

/// One read and one write port, up to 64 words of LUTs: RAM32M has 6 bits, RAM64M 3 bits in 4 LUTs.
std::int64_t simple_dual_port_luts(std::int64_t width_bits, std::int64_t depth);

/// Block RAM, or distributed RAM up to kDistributedRamWords.
MemoryCost simple_dual_port(std::int64_t width_bits, std::int64_t depth);

/// A table read through `read_ports` ports at once, written only while loading: a copy for every two ports in
/// block RAM, for every three ports in distributed RAM (RAM64M, RAM32M: three reads beside the write port).
MemoryCost multi_read_table(std::int64_t width_bits, std::int64_t depth, std::int64_t read_ports);

} // namespace bru
