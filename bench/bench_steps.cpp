#include "bench_steps.hpp"

namespace bru::bench {

const Step* ReplayedSteps::next() {
    if (left_ == 0) return nullptr;
    const Step* step = &trace_[place_];
    place_ = place_ + 1 < trace_.size() ? place_ + 1 : 0;
    if (--left_ > 0) return step;
    end_ = *step;
    end_.last = true;
    return &end_;
}

std::vector<Step> one_sequence(const std::vector<Step>& trace, std::size_t count) {
    ReplayedSteps replayed(trace, count);
    std::vector<Step> steps;
    while (const Step* step = replayed.next()) {
        steps.push_back(*step);
        steps.back().first = steps.size() == 1;
        steps.back().last = steps.size() == count;
    }
    return steps;
}

} // namespace bru::bench
