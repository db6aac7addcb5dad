// Percentiles of latencies in constant memory: exact up to 4,095 cycles, above that within 1 part in 2,048.
#pragma once

#include <cstdint>
#include <vector>

#include "base/integers.hpp"

namespace bru {

class LatencyHistogram {
public:
    void add(std::uint64_t cycles);
    void add(const LatencyHistogram& other);
    std::uint64_t count() const { return count_; }
    std::uint64_t max() const { return max_; }
    double mean() const { return count_ > 0 ? ratio(sum_, count_) : 0; }
    /// Smallest recorded value v such that at least `fraction` (0 to 1) of all values are <= v; 0 where none
    /// was added.
    std::uint64_t percentile(double fraction) const;

private:
    std::vector<std::uint64_t> buckets_;
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
    std::uint64_t sum_ = 0;
};

} // namespace bru
