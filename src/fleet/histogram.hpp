// Times in classes whose width is 1/256 of their lower end, so that a percentile is right to 0.2 %, whatever its size.
#pragma once

#include <cstdint>
#include <vector>

#include "fleet/time.hpp"

namespace bru::fleet {

class Histogram {
public:
    void add(Time time);
    std::uint64_t count() const { return count_; }
    double mean_us() const;
    /// The least time that this share of all times does not pass; 0 where there is none.
    double percentile_us(double share) const;
    double largest_us() const { return in_us(largest_); }

    template <class Archive>
    void visit(Archive& archive) {
        archive(counts_);
        archive(count_);
        archive(sum_);
        archive(sum_high_);
        archive(largest_);
    }

private:
    std::vector<std::uint64_t> counts_; ///< by class; as many as were needed so far
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;      ///< of all times, exact, so that their order does not matter
    std::uint64_t sum_high_ = 0; ///< its bits from 64 on
    Time largest_ = 0;
};

} // namespace bru::fleet
