// The clocks of `bru run` in kernel time. One clock: a cycle takes one nanosecond, whatever the frequency. Two clocks:
// the periods are whole numbers of steps of the kernel's time, in the proportion of the two clocks.
#pragma once

#include "config/configuration.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

struct PlatformClocks {
    CycleClock core; ///< of the core; host times, arrivals and everything that is reported count its cycles
    CycleClock dma;  ///< of DMA, interconnect, AXI_HP ports and registers' port
};

/// Both begin with an edge at time zero. A proportion whose smallest whole numbers are above kMostClockTicks is rounded
/// to the nearest one that has smaller ones, but never to equal clocks: by less than 1.3 * 10^-4, as much as crystals
/// differ by.
PlatformClocks platform_clocks(const Configuration& configuration);

inline constexpr std::uint64_t kMostClockTicks = 8192;

/// Longest time from the interrupt of a load's transfer to the cycle in which the core has its last beat; 0 with one
/// clock.
Cycle drain_cycles(const Configuration& configuration);

} // namespace bru
