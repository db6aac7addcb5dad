#include "fleet/random.hpp"

#include <cmath>

namespace bru::fleet {

namespace {

constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15;
constexpr double kLn2 = 0.693147180559945309;
constexpr double kHalfRoot = 0.707106781186547524;

std::uint64_t mixed(std::uint64_t value) {
    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EB;
    return value ^ (value >> 31U);
}

} // namespace

/// ln(m 2^e) = e ln 2 + 2 artanh((m - 1) / (m + 1)), with m from sqrt(1/2) to sqrt(2) so that the series is short.
double natural_logarithm(double value) {
    int exponent = 0;
    double mantissa = std::frexp(value, &exponent);
    if (mantissa < kHalfRoot) {
        mantissa *= 2;
        --exponent;
    }
    const double s = (mantissa - 1) / (mantissa + 1);
    const double square = s * s;
    double sum = 0;
    for (int power = 21; power >= 1; power -= 2) sum = sum * square + 1.0 / power;
    return exponent * kLn2 + 2 * s * sum;
}

Random::Random(std::uint64_t seed, Purpose purpose, std::uint64_t number)
    : state_(mixed(mixed(mixed(seed + kStep) + static_cast<std::uint64_t>(purpose) * kStep) + number * kStep)) {}

std::uint64_t Random::next() {
    state_ += kStep;
    return mixed(state_);
}

double Random::uniform() { return static_cast<double>((next() >> 11U) + 1) * 0x1.0p-53; }

bool Random::chance(double probability) { return probability > 0 && uniform() <= probability; }

Time Random::between(Time low, Time high) {
    return low + static_cast<Time>((1.0 - uniform()) * static_cast<double>(high - low));
}

Time Random::exponential(Time mean) { return nearest_time(static_cast<double>(mean) * -natural_logarithm(uniform())); }

std::uint64_t Random::below(std::uint64_t end) {
    return static_cast<std::uint64_t>((1.0 - uniform()) * static_cast<double>(end));
}

} // namespace bru::fleet
