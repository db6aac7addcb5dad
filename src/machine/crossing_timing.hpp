// The figures of a crossing between two clocks: those of FIFO Generator with independent clocks (PG057), which
// AXI4-Stream Clock Converter (PG085) and AXI Clock Converter (PG059) are made of.
#pragma once

#include <cstdint>

#include "machine/cycle.hpp"

namespace bru {

/// What a configuration may change.
struct CrossingTiming {
    std::int64_t stages = 2; ///< N, registers of a synchronizer: Vivado's default
    std::int64_t beats = 32; ///< places of the FIFO of a stream
};

// PG057, first-word fall-through. "Empty" falls 1 + (N + 4) cycles after a write, "full" 1 + (N + 2) after a read: one
// of the clock that moves its pointer, the others of the clock that looks, and up to one more until its first edge.
inline constexpr Cycle kGrayCycles = 1;
inline constexpr Cycle kEmptyEdges = 4;
inline constexpr Cycle kFullEdges = 2;

} // namespace bru
