// Random numbers of the fleet. They are the same on every platform: whole numbers and sums, products and quotients of
// IEEE 754 alone, no function of a mathematical library. Every session and every board has a generator of its own, so a
// session is the same whatever else the fleet does.
#pragma once

#include <cstdint>

#include "fleet/time.hpp"

namespace bru::fleet {

/// What a generator is for. Two purposes never share numbers.
enum class Purpose : std::uint64_t { arrivals = 1, session = 2, failures = 3 };

/// Natural logarithm of a number in (0, 1], to 1e-14 of its value.
double natural_logarithm(double value);

/// SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
class Random {
public:
    Random() = default;
    Random(std::uint64_t seed, Purpose purpose, std::uint64_t number);

    std::uint64_t next();
    double uniform();                       ///< in (0, 1], a multiple of 2^-53
    bool chance(double probability);        ///< true with this probability; draws nothing for 0
    Time between(Time low, Time high);      ///< uniform in [low, high)
    Time exponential(Time mean);            ///< -mean ln(u), rounded; kForever at most
    std::uint64_t below(std::uint64_t end); ///< uniform in 0 to end - 1

private:
    std::uint64_t state_ = 0;
};

} // namespace bru::fleet
