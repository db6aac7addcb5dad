#include "fleet/histogram.hpp"

#include <algorithm>
#include <cmath>

#include "base/integers.hpp"

namespace bru::fleet {

namespace {

constexpr unsigned kBits = 8; ///< classes per octave: 2^8
constexpr std::uint64_t kPerOctave = std::uint64_t{1} << kBits;

/// Times below 2^9 have a class each. Above, the class is the octave and the eight bits behind the leading one.
std::size_t class_of(Time time) {
    const auto value = static_cast<std::uint64_t>(time);
    if (value < 2 * kPerOctave) return static_cast<std::size_t>(value);
    const unsigned shift = 63U - kBits - static_cast<unsigned>(__builtin_clzll(value));
    return static_cast<std::size_t>(shift * kPerOctave + (value >> shift));
}

/// The middle of a class.
double middle_of(std::size_t place) {
    if (place < 2 * kPerOctave) return real(place);
    const std::uint64_t shift = place / kPerOctave - 1;
    const std::uint64_t lead = place - shift * kPerOctave;
    return std::ldexp(real(lead) + 0.5, narrow<int>(shift));
}

} // namespace

void Histogram::add(Time time) {
    const std::size_t place = class_of(time);
    if (place >= counts_.size()) counts_.resize(place + 1);
    ++counts_[place];
    ++count_;
    sum_ += static_cast<std::uint64_t>(time);
    sum_high_ += sum_ < static_cast<std::uint64_t>(time) ? 1 : 0;
    largest_ = std::max(largest_, time);
}

double Histogram::mean_us() const {
    return count_ > 0 ? (real(sum_high_) * 0x1.0p64 + real(sum_)) / real(count_) / kPerUs : 0;
}

double Histogram::percentile_us(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * real(count_)));
    std::uint64_t seen = 0;
    for (std::size_t place = 0; place < counts_.size(); ++place) {
        seen += counts_[place];
        if (counts_[place] > 0 && seen >= wanted) return std::min(middle_of(place), real(largest_)) / kPerUs;
    }
    return 0;
}

} // namespace bru::fleet
