#include "platform/latency_histogram.hpp"

#include <algorithm>
#include <cmath>

#include "base/integers.hpp"

namespace bru {

namespace {

constexpr int kMantissaBits = 11; ///< after the leading one
constexpr std::uint64_t kExact = std::uint64_t{1} << (kMantissaBits + 1);

std::size_t bucket_of(std::uint64_t value) {
    int shift = 0;
    while (value >> shift >= kExact) ++shift;
    return shift * (kExact / 2) + (value >> shift);
}

/// Largest value of a bucket.
std::uint64_t bucket_top(std::size_t bucket) {
    if (bucket < kExact) return bucket;
    const std::uint64_t shift = bucket / (kExact / 2) - 1;
    const std::uint64_t mantissa = bucket - shift * (kExact / 2);
    return ((mantissa + 1) << shift) - 1;
}

} // namespace

void LatencyHistogram::add(std::uint64_t cycles) {
    const std::size_t bucket = bucket_of(cycles);
    if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
    ++buckets_[bucket];
    ++count_;
    sum_ += cycles;
    max_ = std::max(max_, cycles);
}

void LatencyHistogram::add(const LatencyHistogram& other) {
    if (other.buckets_.size() > buckets_.size()) buckets_.resize(other.buckets_.size());
    for (std::size_t bucket = 0; bucket < other.buckets_.size(); ++bucket) buckets_[bucket] += other.buckets_[bucket];
    count_ += other.count_;
    sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
}

std::uint64_t LatencyHistogram::percentile(double fraction) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(fraction * real(count_)));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
        seen += buckets_[bucket];
        if (seen >= wanted && seen > 0) return std::min(bucket_top(bucket), max_);
    }
    return max_;
}

} // namespace bru
