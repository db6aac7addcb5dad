#include "fleet/machine_clock.hpp"

#include <cmath>
#include <numeric>

namespace bru::fleet {

namespace {

constexpr std::int64_t kParts = 64;                          ///< of a cycle; each is longer than the errors of a sum
constexpr std::int64_t kPicosecondsTimesKhz = 1'000'000'000; ///< the length of a cycle of 1 kHz

std::int64_t khz_of(double mhz) { return std::llround(mhz * 1000); }

} // namespace

MachineClock::MachineClock(double mhz, double dma_mhz)
    : khz_(khz_of(mhz)), dma_khz_(khz_of(dma_mhz)), cycle_(period_of(khz_, 1)), part_(period_of(khz_, kParts)),
      dma_cycle_(period_of(dma_khz_, 1)) {}

MachineClock::Period MachineClock::period_of(std::int64_t khz, std::int64_t parts) {
    const std::int64_t common = std::gcd(kPicosecondsTimesKhz, khz * parts);
    return {kPicosecondsTimesKhz / common, khz * parts / common};
}

/// An edge that was rounded down is less than a picosecond in front of itself: it stays where it is.
Time MachineClock::edge_from(Time time, const Period& period) {
    const Time behind = behind_edge(time, period);
    return behind == 0 ? time : time + (period.dividend - behind) / period.divisor;
}

Time MachineClock::nearest_edge(Time time, const Period& period) {
    const Time behind = behind_edge(time, period);
    if (2 * behind < period.dividend) return time - (behind + period.divisor - 1) / period.divisor;
    return time + (period.dividend - behind) / period.divisor;
}

Time MachineClock::cycle_of(Time time) const {
    const Time behind = behind_edge(time, cycle_);
    if (behind == 0 || cycle_.dividend - behind < cycle_.divisor) return time; // rounded down
    return time - (behind + cycle_.divisor - 1) / cycle_.divisor;
}

Time MachineClock::accesses_end(Time begin, std::int64_t accesses, std::int64_t host_cycles) const {
    if (khz_ == dma_khz_) return exact(begin + length_of(accesses * (host_cycles + 1), cycle_));
    Time end = begin;
    for (std::int64_t access = 0; access < accesses; ++access) {
        const Time effect = edge_from(exact(cycle_of(end) + length_of(host_cycles, cycle_)), dma_cycle_);
        end = nearest_edge(effect + length_of(1, dma_cycle_), dma_cycle_);
    }
    return end;
}

} // namespace bru::fleet
