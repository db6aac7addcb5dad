#include "run/capacity.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "config/software_cost.hpp"
#include "run/machine_figures.hpp"
#include "run/run.hpp"
#include "run/served_steps.hpp"

namespace bru {

namespace {

constexpr std::uint64_t kLeastSteps = 20'000; ///< of all streams; the first half fills the queues
constexpr std::uint64_t kLeastStepsOfAStream = 40;
constexpr double kMostGrowth = 0.02; ///< of a response, in us per us: what offers 2 % more than is answered

/// One sequence of each stream, with arrival times at the software. A stream has the same times however many others
/// there are.
std::vector<Step> offered_steps(const Demand& demand, std::uint64_t streams) {
    const std::uint64_t each = std::max(divide_up(kLeastSteps, streams), kLeastStepsOfAStream);
    std::vector<Step> steps;
    for (std::uint64_t stream = 0; stream < streams; ++stream) {
        std::mt19937_64 random(demand.seed * kMostStreams + stream);
        const double start_us = uniform(random) * demand.arrival.interval_us;
        ArrivalClock clock(demand.arrival, start_us, random());
        for (std::uint64_t k = 0; k < each; ++k) {
            Step step;
            step.stream = narrow<std::uint32_t>(stream);
            step.first = k == 0;
            step.last = k + 1 == each;
            step.arrival_us = clock.next();
            steps.push_back(std::move(step));
        }
    }
    std::stable_sort(steps.begin(), steps.end(),
                     [](const Step& a, const Step& b) { return a.arrival_us < b.arrival_us; });
    return steps;
}

double mean_of(const std::vector<double>& values, std::size_t begin, std::size_t end) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = values.begin() + static_cast<std::ptrdiff_t>(end);
    return std::accumulate(first, last, 0.0) / real(end - begin);
}

/// How much longer responses get per time, between the first and the last quarter of what is counted.
double growth_of(const std::vector<double>& responses_us, const std::vector<Step>& offered) {
    const std::size_t count = responses_us.size();
    const std::size_t quarter = count / 4;
    const std::size_t before = offered.size() - count;
    const double passed_us =
        offered[before + count - quarter].arrival_us - offered[before].arrival_us; // between the quarters' beginnings
    const double longer_us = mean_of(responses_us, count - quarter, count) - mean_of(responses_us, 0, quarter);
    return passed_us > 0 ? longer_us / passed_us : 0;
}

double value_at(std::vector<double>& values, double fraction) {
    const auto place = static_cast<std::ptrdiff_t>(std::ceil(fraction * real(values.size()))) - 1;
    const auto nth = values.begin() + std::clamp<std::ptrdiff_t>(place, 0, signed_size(values) - 1);
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
}

} // namespace

namespace {

/// The share of its time that the busiest core, which has the most streams, works.
double machine_share_of(Library& library, const Run& run, const Demand& demand, std::uint64_t streams) {
    const auto cores = std::min(streams, narrow<std::uint64_t>(run.configuration().platform.cores));
    const std::uint64_t of_core = divide_up(streams, cores);
    SequencePattern pattern;
    pattern.streams = cores * of_core;
    const SteadyState steady = measure_steady_state(library, run.specification(), pattern);
    return run.configuration().us(steady.cycles_per_step()) * (real(of_core) / demand.arrival.interval_us);
}

} // namespace

CapacityProbe probe_capacity(Library& library, const RunSpecification& specification, const Demand& demand,
                             std::int64_t streams) {
    RunSpecification timing = for_timing_alone(specification);
    timing.output.steps = "every";
    const Run run(library, timing);
    if (run.network().needs_whole_sequence())
        throw InputError(
            fmt::format("{} has reverse layers, which answer a whole sequence at a time; capacity is that of "
                        "forward layers",
                        run.network().name));
    const SoftwareCost cost = software_cost(run.configuration().host);
    const std::vector<Step> offered = offered_steps(demand, narrow<std::uint64_t>(streams));
    const ServedSteps served = serve_steps(run, offered);
    std::vector<double> responses_us;
    for (std::size_t k = offered.size() / 2; k < offered.size(); ++k)
        responses_us.push_back(served.machine_us[k] + served.handed_us[k] - offered[k].arrival_us);
    CapacityProbe probe;
    probe.streams = streams;
    probe.steps = responses_us.size();
    probe.queue_grows = growth_of(responses_us, offered) > kMostGrowth;
    probe.percentile_us = value_at(responses_us, demand.fraction);
    probe.median_us = value_at(responses_us, 0.5);
    probe.machine_share = machine_share_of(library, run, demand, narrow<std::uint64_t>(streams));
    probe.software_share = cost.software_step_us() * (real(streams) / demand.arrival.interval_us);
    probe.served = probe.percentile_us <= demand.deadline_us && !probe.queue_grows && probe.machine_share <= 1 &&
                   probe.software_share <= 1;
    return probe;
}

Capacity measure_capacity(Library& library, const RunSpecification& specification, const Demand& demand) {
    Capacity capacity;
    const auto served = [&](std::int64_t streams) {
        capacity.probes.push_back(probe_capacity(library, specification, demand, streams));
        return capacity.probes.back().served;
    };
    const std::int64_t all = specification.configuration.streams();
    capacity.limited_by_streams = served(all);
    std::int64_t good = capacity.limited_by_streams ? all : 0;
    std::int64_t bad = all + (capacity.limited_by_streams ? 1 : 0);
    while (bad - good > 1) {
        const std::int64_t middle = good + (bad - good) / 2;
        (served(middle) ? good : bad) = middle;
    }
    capacity.streams_served = good;
    return capacity;
}

} // namespace bru
