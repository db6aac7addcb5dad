// The latencies of all outputs, or of those of one stream, and how many of them missed the deadline.
#pragma once

#include <cstdint>
#include <optional>

#include "machine/cycle.hpp"
#include "platform/latency_histogram.hpp"

namespace bru {

class LatencyRecord {
public:
    void add(Cycle latency, std::optional<Cycle> deadline) {
        histogram_.add(latency);
        if (deadline && latency > *deadline) ++missed_deadlines_;
    }
    void add(const LatencyRecord& other) {
        histogram_.add(other.histogram_);
        missed_deadlines_ += other.missed_deadlines_;
    }
    const LatencyHistogram& histogram() const { return histogram_; }
    std::uint64_t missed_deadlines() const { return missed_deadlines_; }

private:
    LatencyHistogram histogram_;
    std::uint64_t missed_deadlines_ = 0;
};

} // namespace bru
