#include "run/served_steps.hpp"

#include <algorithm>

#include "base/integers.hpp"
#include "config/software_cost.hpp"

namespace bru {

namespace {

/// When the software has handed each step to the machine.
void pass_software(std::vector<Step>& steps, const SoftwareCost& cost, std::int64_t most_steps) {
    double free_us = 0;
    for (std::size_t begin = 0; begin < steps.size();) {
        const double start_us = std::max(free_us, steps[begin].arrival_us);
        std::size_t end = begin;
        while (end < steps.size() && steps[end].arrival_us <= start_us &&
               narrow<std::int64_t>(end - begin) < most_steps)
            ++end;
        free_us = start_us + (cost.transfer_ns + real(end - begin) * cost.step_ns) / 1000;
        for (; begin < end; ++begin) steps[begin].arrival_us = free_us;
    }
}

} // namespace

ServedSteps serve_steps(const Run& run, const std::vector<Step>& offered) {
    const Configuration& configuration = run.configuration();
    std::vector<Step> steps = offered;
    pass_software(steps, software_cost(configuration.host), configuration.host.input_transfer_steps);
    StepList source(steps);
    VectorTimes times;
    RunObservers observers;
    observers.vectors = &times;
    run.execute(source, true, observers);
    ServedSteps served;
    for (std::size_t k = 0; k < offered.size(); ++k) {
        served.handed_us.push_back(steps[k].arrival_us);
        served.machine_us.push_back(configuration.us(real(times.outputs[k] - times.output_arrivals[k])));
    }
    return served;
}

} // namespace bru
