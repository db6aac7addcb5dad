// Time of the fleet's simulation: whole picoseconds since its begin, so that sums are exact and the same everywhere.
#pragma once

#include <cstdint>
#include <limits>

namespace bru::fleet {

using Time = std::int64_t;

inline constexpr Time kForever = std::numeric_limits<Time>::max() / 4; ///< later than every event; sums of two fit
inline constexpr double kMostSeconds = 2'000'000;                      ///< of a simulation: 23 days
inline constexpr double kPerUs = 1e6;
inline constexpr double kPerMs = 1e9;
inline constexpr double kPerS = 1e12;

/// The nearest picosecond; kForever where it is not sooner.
constexpr Time nearest_time(double picoseconds) {
    return picoseconds < static_cast<double>(kForever) ? static_cast<Time>(picoseconds + 0.5) : kForever;
}
constexpr Time of_us(double us) { return nearest_time(us * kPerUs); }
constexpr Time of_ms(double ms) { return nearest_time(ms * kPerMs); }
constexpr Time of_s(double s) { return nearest_time(s * kPerS); }
constexpr double in_us(Time time) { return static_cast<double>(time) / kPerUs; }
constexpr double in_s(Time time) { return static_cast<double>(time) / kPerS; }

} // namespace bru::fleet
