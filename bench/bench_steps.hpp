// Steps for measurements: a trace in memory, replayed from its beginning as often as needed.
#pragma once

#include <cstdint>
#include <vector>

#include "model/step.hpp"

namespace bru::bench {

/// `count` steps, the trace again and again; the last one ends its sequence.
class ReplayedSteps : public StepSource {
public:
    ReplayedSteps(const std::vector<Step>& trace, std::uint64_t count) : trace_(trace), left_(count) {}
    const Step* next() override;

private:
    const std::vector<Step>& trace_;
    std::uint64_t left_;
    std::size_t place_ = 0;
    Step end_;
};

/// The first `count` steps of the replay as one sequence.
std::vector<Step> one_sequence(const std::vector<Step>& trace, std::size_t count);

} // namespace bru::bench
