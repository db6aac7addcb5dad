// How long this host takes over a step of a network, for anything that can run one.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "model/network.hpp"
#include "model/step.hpp"

namespace bru {

/// Host times of a step, one a repeat; each repeat runs `steps` steps.
struct StepTiming {
    std::size_t steps = 0;
    std::vector<double> step_us;      ///< by the clock
    std::vector<double> processor_us; ///< of all threads together: hardly longer on a busy host
};

double median(std::vector<double> values);

/// Makes ready for these steps, outside the measured time; what it returns runs them once.
using PrepareRun = std::function<std::function<void()>(const std::vector<Step>&)>;

/// Runs the first steps `repeats` times, after a run that warms up: all of them, or as many as take about
/// kSecondsPerRepeat.
StepTiming time_steps(const std::vector<Step>& steps, int repeats, const PrepareRun& prepare);
inline constexpr double kSecondsPerRepeat = 0.2;

/// The same for the float execution: plain C++, one thread.
StepTiming time_float_execution(const Network& network, OutputMode mode, const std::vector<Step>& steps, int repeats);

} // namespace bru
