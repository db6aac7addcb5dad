#include "reference/step_timing.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>

#include "base/integers.hpp"
#include "reference/float_execution.hpp"

namespace bru {

namespace {

constexpr std::size_t kProbedSteps = 20;

double seconds_of(const std::function<void()>& run) {
    const auto begin = std::chrono::steady_clock::now();
    run();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// The last one ends its sequence.
std::vector<Step> first_steps(const std::vector<Step>& steps, std::size_t count) {
    std::vector<Step> first(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(std::min(count, steps.size())));
    first.back().last = true;
    return first;
}

} // namespace

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

StepTiming time_steps(const std::vector<Step>& steps, int repeats, const PrepareRun& prepare) {
    const std::vector<Step> probed = first_steps(steps, kProbedSteps);
    const auto probe = prepare(probed);
    probe();
    const double step_seconds = std::max(seconds_of(probe), 1e-9) / real(probed.size());
    const double affordable = std::min(kSecondsPerRepeat / step_seconds, real(steps.size()));
    const std::vector<Step> measured =
        first_steps(steps, std::max(static_cast<std::size_t>(affordable), probed.size()));
    const auto run = prepare(measured);
    run();
    StepTiming timing;
    timing.steps = measured.size();
    const double us_over_steps = 1e6 / real(measured.size());
    for (int repeat = 0; repeat < repeats; ++repeat) {
        const std::clock_t begin = std::clock();
        timing.step_us.push_back(seconds_of(run) * us_over_steps);
        timing.processor_us.push_back(real(std::clock() - begin) / CLOCKS_PER_SEC * us_over_steps);
    }
    return timing;
}

StepTiming time_float_execution(const Network& network, OutputMode mode, const std::vector<Step>& steps, int repeats) {
    const auto execution = std::make_shared<FloatExecution>(network, mode);
    return time_steps(steps, repeats, [&](const std::vector<Step>& measured) {
        return [execution, measured] {
            for (const Step& step : measured) execution->step(step, [](const FloatOutputVector&) {});
        };
    });
}

} // namespace bru
