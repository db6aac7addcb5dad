#include "platform/platform_clocks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>

#include "base/integers.hpp"

namespace bru {

namespace {

constexpr std::uint64_t kLeastClockTicks = 4; ///< what a CycleClock needs

/// The nearest proportion of different whole numbers up to kMostClockTicks, the smaller one first. There is one for
/// every proportion of different clocks that a configuration may have.
std::pair<std::uint64_t, std::uint64_t> nearest_proportion(std::uint64_t small, std::uint64_t large) {
    const std::uint64_t common = std::gcd(small, large);
    if (large / common <= kMostClockTicks) return {small / common, large / common};
    const double proportion = real(large) / real(small);
    std::pair<std::uint64_t, std::uint64_t> best{kMostClockTicks - 1, kMostClockTicks};
    double least_error = proportion;
    for (std::uint64_t of_small = 1;; ++of_small) {
        const auto of_large = static_cast<std::uint64_t>(std::llround(real(of_small) * proportion));
        if (of_large > kMostClockTicks) return best;
        if (of_large == of_small) continue;
        const double error = std::abs(real(of_large) / real(of_small) - proportion);
        if (error >= least_error) continue;
        least_error = error;
        best = {of_small, of_large};
    }
}

CycleClock clock_of(std::uint64_t ticks) { return CycleClock(sc_core::sc_time::from_value(ticks)); }

} // namespace

/// The faster clock has the shorter period: its ticks are in the proportion of the other one's frequency.
PlatformClocks platform_clocks(const Configuration& configuration) {
    if (configuration.has_one_clock()) return {run_clock(), run_clock()};
    const std::uint64_t core_hz = clock_hz(configuration.clock_mhz);
    const std::uint64_t dma_hz = clock_hz(configuration.dma_clock_mhz);
    const auto [small, large] = nearest_proportion(std::min(core_hz, dma_hz), std::max(core_hz, dma_hz));
    const std::uint64_t scale = divide_up(kLeastClockTicks, small);
    const CycleClock fast = clock_of(small * scale);
    const CycleClock slow = clock_of(large * scale);
    return core_hz > dma_hz ? PlatformClocks{fast, slow} : PlatformClocks{slow, fast};
}

/// During a load, the core takes a beat per cycle. The interrupt comes a cycle after the last beat was written to the
/// FIFO, which then holds at most all that it has places for. (docs/architecture.md, "Two clocks")
Cycle drain_cycles(const Configuration& configuration) {
    if (configuration.has_one_clock()) return 0;
    const PlatformClocks clocks = platform_clocks(configuration);
    const Cycle of_dma_cycle = divide_up(clocks.dma.ticks_per_cycle(), clocks.core.ticks_per_cycle());
    return of_dma_cycle + narrow<Cycle>(configuration.crossing.stages + configuration.crossing.beats) + kEmptyEdges + 1;
}

} // namespace bru
