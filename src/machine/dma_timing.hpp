// The figures of the AXI DMA that a configuration may change.
#pragma once

#include <cstdint>

namespace bru {

/// AXI DMA (PG021 v7.1, direct register mode). Cycles are those of its own clock.
struct DmaTiming {
    std::int64_t burst_beats = 16;         ///< AXI3 on AXI_HP: at most 16
    std::int64_t outstanding_bursts = 4;   ///< per direction
    std::int64_t fifo_beats = 512;         ///< per direction
    std::int64_t mm2s_latency_cycles = 6;  ///< ARVALID to first stream TVALID, on top of the memory's latency [PG021]
    std::int64_t s2mm_latency_cycles = 39; ///< first stream TVALID to AWVALID [PG021]
    std::int64_t length_bits = 23;         ///< of the LENGTH registers, 8 to 26
    bool realigns = false; ///< it has the data realignment engine: buffers may begin at any byte, not only at a beat's
};

} // namespace bru
