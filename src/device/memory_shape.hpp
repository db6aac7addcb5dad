// How many block RAMs or LUTs a memory of the RTL takes on a 7-series device: the choice that Yosys 0.23 and 0.52 make
// (memory_libmap with brams_xc4v.txt and lutrams_xc5v.txt), cost by cost, so that the count equals the synthesized one.
#pragma once

#include <cstdint>

namespace bru {

/// Memories of up to this many words are distributed RAM (LUTs) unless they ask for block RAM (rtl/ram_sdp.sv).
inline constexpr std::int64_t kDistributedRamWords = 64;

/// A memory of the RTL: one write port and `reads` read ports.
struct RamShape {
    std::int64_t width_bits = 0;
    std::int64_t depth = 0;
    std::int64_t write_groups = 1; ///< parts of a word, equally wide, with a write enable of their own
    std::int64_t reads = 1;
    bool shares_port = false; ///< the first read has the address of the write (a table that is loaded)
};

/// What Yosys makes of it.
struct MemoryMapping {
    std::int64_t ramb18 = 0;
    std::int64_t ramb36 = 0;
    std::int64_t memory_luts = 0; ///< RAM32M, RAM64M: four LUTs each
    std::int64_t ways = 1;        ///< stacked in depth: their words are selected in LUTs, their writes decoded
};

/// ram_style = "block". A memory without bits or words takes nothing.
MemoryMapping map_block_ram(const RamShape& memory);

/// ram_style = "distributed".
MemoryMapping map_distributed_ram(const RamShape& memory);

/// rtl/ram_sdp.sv and rtl/table_ram.sv: distributed up to kDistributedRamWords words, else block RAM.
MemoryMapping map_memory(const RamShape& memory);

} // namespace bru
