#include "run/served_steps.hpp"

#include <algorithm>

#include "base/integers.hpp"
#include "config/software_cost.hpp"

namespace bru {

namespace {

/// Of so many cores, those that the steps are for: a transfer goes to one core.
std::size_t transfers_of(const std::vector<Step>& steps, std::size_t begin, std::size_t end, std::size_t cores) {
    std::uint32_t seen = 0;
    std::size_t count = 0;
    for (; begin < end && count < cores; ++begin) {
        const std::uint32_t core = 1U << steps[begin].stream % cores;
        count += (seen & core) == 0 ? 1 : 0;
        seen |= core;
    }
    return count;
}

/// When the software has handed each step to the machine.
void pass_software(std::vector<Step>& steps, const SoftwareCost& cost, const Configuration& configuration) {
    const auto cores = narrow<std::size_t>(configuration.platform.cores);
    const std::int64_t most_steps = configuration.platform.cores * configuration.host.input_transfer_steps;
    double free_us = 0;
    for (std::size_t begin = 0; begin < steps.size();) {
        const double start_us = std::max(free_us, steps[begin].arrival_us);
        std::size_t end = begin;
        while (end < steps.size() && steps[end].arrival_us <= start_us &&
               narrow<std::int64_t>(end - begin) < most_steps)
            ++end;
        const double transfers_ns = real(transfers_of(steps, begin, end, cores)) * cost.transfer_ns;
        free_us = start_us + (transfers_ns + real(end - begin) * cost.step_ns) / 1000;
        for (; begin < end; ++begin) steps[begin].arrival_us = free_us;
    }
}

} // namespace

ServedSteps serve_steps(const Run& run, const std::vector<Step>& offered) {
    const Configuration& configuration = run.configuration();
    std::vector<Step> steps = offered;
    pass_software(steps, software_cost(configuration.host), configuration);
    const auto cores = narrow<std::size_t>(configuration.platform.cores);
    std::vector<VectorTimes> times(cores);
    RunObservers observers;
    observers.vectors = &times.front();
    for (std::size_t core = 1; core < cores; ++core)
        observers.other_cores.push_back({nullptr, nullptr, nullptr, &times[core]});
    StepList source(steps);
    run.execute(source, true, observers);
    std::vector<std::size_t> answered(cores); // steps of each core
    ServedSteps served;
    for (const Step& step : steps) {
        const std::size_t core = step.stream % cores;
        const std::size_t output = answered[core]++;
        served.handed_us.push_back(step.arrival_us);
        served.machine_us.push_back(
            configuration.us(real(times[core].outputs[output] - times[core].output_arrivals[output])));
    }
    return served;
}

} // namespace bru
