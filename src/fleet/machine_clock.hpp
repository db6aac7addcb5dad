// The clocks of a board. Host and machine act at clock edges, so what happens first is decided in whole cycles: a board
// model whose times drift from the edges serves interrupts and steps in another order than the machine does.
#pragma once

#include <cstdint>

#include "fleet/time.hpp"

namespace bru::fleet {

/// The clock of core and host, and that of the DMA. Both have an edge at time 0. Edges are exact; as times they are
/// rounded down to whole picoseconds. The default has an edge at each picosecond.
class MachineClock {
public:
    MachineClock() = default;
    MachineClock(double mhz, double dma_mhz);

    /// The first cycle that begins at `time` or later.
    Time cycle_from(Time time) const { return edge_from(time, cycle_); }
    /// The cycle in which `time` is.
    Time cycle_of(Time time) const;
    /// The part of a cycle that is nearest to `time`: a sum of rounded times becomes exact again.
    Time exact(Time time) const { return khz_ == 0 ? time : nearest_edge(time, part_); }
    /// The same on an edge of the DMA, where its interrupts rise.
    Time exact_of_dma(Time time) const { return khz_ == 0 ? time : nearest_edge(time, dma_cycle_); }
    /// When so many accesses of registers of the DMA have ended, one after the other. The host works so many cycles for
    /// each; it takes effect at an edge of the DMA, and ends at the next one.
    Time accesses_end(Time begin, std::int64_t accesses, std::int64_t host_cycles) const;

    std::int64_t khz() const { return khz_; }
    std::int64_t dma_khz() const { return dma_khz_; }

private:
    /// The length of a cycle or of a part of it, as a reduced fraction of picoseconds.
    struct Period {
        Time dividend = 1;
        Time divisor = 1;
    };
    static Period period_of(std::int64_t khz, std::int64_t parts);
    /// How far `time` is behind the last edge, times the divisor.
    static Time behind_edge(Time time, const Period& period) {
        return time % period.dividend * period.divisor % period.dividend;
    }
    static Time edge_from(Time time, const Period& period);
    static Time length_of(std::int64_t cycles, const Period& period) {
        return cycles * period.dividend / period.divisor;
    }
    static Time nearest_edge(Time time, const Period& period);

    std::int64_t khz_ = 0; ///< 0: the default
    std::int64_t dma_khz_ = 0;
    Period cycle_;
    Period part_;
    Period dma_cycle_;
};

} // namespace bru::fleet
