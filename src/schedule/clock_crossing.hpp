// What a clock sees of another one through a FIFO with two clocks. Each side keeps a pointer, which crosses as a Gray
// code through synchronizing registers. So the model is arithmetic on clock edges (docs/architecture.md, "Two clocks").
#pragma once

#include <cstdint>

#include "machine/crossing_timing.hpp"
#include "machine/cycle.hpp"

namespace bru {

/// Cycles of both clocks are counted from the start of the simulation, at which both have an edge.
class ClockCrossing {
public:
    /// `ticks`: of a period, of any length. `edges`: of the clock that looks, until a pointer shows.
    ClockCrossing(std::uint64_t from_ticks, std::uint64_t to_ticks, Cycle edges)
        : from_ticks_(from_ticks), to_ticks_(to_ticks), edges_(edges) {}

    /// The first cycle of the clock that looks in which it sees what moved the other clock's pointer in `cycle`.
    Cycle seen(Cycle cycle) const {
        const std::uint64_t changed = (cycle + 1 + kGrayCycles) * from_ticks_; // time at which the Gray code changes
        return changed / to_ticks_ + edges_; // the first edge behind that time is number changed / to_ticks_ + 1
    }

private:
    std::uint64_t from_ticks_;
    std::uint64_t to_ticks_;
    Cycle edges_;
};

} // namespace bru
