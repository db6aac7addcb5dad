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

/// Of a response, in us per us: what offers that much more than is answered. Random queues vary more than this.
constexpr double kMostGrowthOfPeriodic = 0.0005;
constexpr double kMostGrowthOfPoisson = 0.02;
constexpr std::uint64_t kLongRunSteps = 20'000;
constexpr std::uint64_t kLongRunStepsOfAStream = 40;

/// How arrival times are drawn: each draw is a run of its own, of which the first half fills the queues.
struct Draws {
    std::uint64_t steps;         ///< of all streams in a draw
    std::uint64_t least_periods; ///< of each stream
    std::uint64_t least;         ///< before too many late steps are believed
    std::uint64_t least_served;  ///< before few late steps are believed: few phases can cause many of them
};

/// Periodic streams meet each other in every period as in the first one, so that a draw tells nothing after a few
/// periods, and many draws are needed. Poisson arrivals tell something new all the time, but fill queues slowly.
Draws draws_of(const Demand& demand) { return demand.is_periodic() ? Draws{100, 2, 40, 300} : Draws{20'000, 40, 4, 4}; }

constexpr double kSureness = 4;    ///< standard errors between the late share and its limit
constexpr double kFarInTime = 0.7; ///< of the deadline: no response is longer where the deadline does not press

/// One sequence of each stream, with arrival times at the software. In the same draw, a stream has the same times
/// however many others there are.
std::vector<Step> offered_steps(const Demand& demand, std::uint64_t draw, std::uint64_t streams, std::uint64_t each) {
    std::vector<Step> steps;
    for (std::uint64_t stream = 0; stream < streams; ++stream) {
        std::seed_seq seed{demand.seed, draw, stream};
        std::mt19937_64 random(seed);
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

/// The responses of the second half of the steps.
std::vector<double> responses_us(const Run& run, const std::vector<Step>& offered) {
    const ServedSteps served = serve_steps(run, offered);
    std::vector<double> responses;
    for (std::size_t k = offered.size() / 2; k < offered.size(); ++k)
        responses.push_back(served.machine_us[k] + served.handed_us[k] - offered[k].arrival_us);
    return responses;
}

double mean_of(const std::vector<double>& values, std::size_t begin, std::size_t end) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = values.begin() + static_cast<std::ptrdiff_t>(end);
    return std::accumulate(first, last, 0.0) / real(end - begin);
}

/// How much longer responses get per time, between the first and the last quarter of what is counted.
double growth_of(const std::vector<double>& responses, const std::vector<Step>& offered) {
    const std::size_t count = responses.size();
    const std::size_t quarter = count / 4;
    const std::size_t before = offered.size() - count;
    const double passed_us =
        offered[before + count - quarter].arrival_us - offered[before].arrival_us; // between the quarters' beginnings
    const double longer_us = mean_of(responses, count - quarter, count) - mean_of(responses, 0, quarter);
    return passed_us > 0 ? longer_us / passed_us : 0;
}

double value_at(std::vector<double>& values, double fraction) {
    const auto place = static_cast<std::ptrdiff_t>(std::ceil(fraction * real(values.size()))) - 1;
    const auto nth = values.begin() + std::clamp<std::ptrdiff_t>(place, 0, signed_size(values) - 1);
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
}

/// The shares of draws, and how far their mean may be from that of all draws.
class MeanOfDraws {
public:
    void add(double share) {
        ++count_;
        const double before = share - mean_;
        mean_ += before / real(count_);
        squares_ += before * (share - mean_);
    }

    std::uint64_t count() const { return count_; }
    double mean() const { return mean_; }
    /// At least two draws.
    double standard_error() const { return std::sqrt(squares_ / real(count_ - 1) / real(count_)); }

private:
    std::uint64_t count_ = 0;
    double mean_ = 0;
    double squares_ = 0; ///< of the distances from the mean (B. P. Welford, Technometrics 4, 1962)
};

/// The share of its time that the busiest core, which has the most streams, works.
double machine_share_of(Library& library, const Run& run, const Demand& demand, std::uint64_t streams) {
    const auto cores = std::min(streams, narrow<std::uint64_t>(run.configuration().platform.cores));
    const std::uint64_t of_core = divide_up(streams, cores);
    SequencePattern pattern;
    pattern.streams = cores * of_core;
    const SteadyState steady = measure_steady_state(library, run.specification(), pattern);
    return run.configuration().us(steady.cycles_per_step()) * (real(of_core) / demand.arrival.interval_us);
}

/// Whether responses get longer and longer in one long run. Adds the responses that were counted if they do.
bool queue_grows(const Run& run, const Demand& demand, std::uint64_t streams, std::vector<double>& responses) {
    const std::uint64_t each = std::max(divide_up(kLongRunSteps, streams), kLongRunStepsOfAStream);
    const std::vector<Step> offered = offered_steps(demand, 0, streams, each);
    std::vector<double> counted = responses_us(run, offered);
    if (growth_of(counted, offered) <= (demand.is_periodic() ? kMostGrowthOfPeriodic : kMostGrowthOfPoisson))
        return false;
    responses = std::move(counted);
    return true;
}

double late_share(const std::vector<double>& responses, const Demand& demand) {
    const auto late = std::count_if(responses.begin(), responses.end(),
                                    [&](double response) { return response > demand.deadline_us; });
    return real(late) / real(responses.size());
}

/// Draws arrival times until it is clear on which side of its limit the share of late steps is, or `most_steps` ran.
/// Returns the standard error of that share.
std::optional<double> draw_responses(const Run& run, const Demand& demand, std::uint64_t streams,
                                     std::uint64_t most_steps, std::vector<double>& responses) {
    const Draws draws = draws_of(demand);
    const std::uint64_t each = 2 * std::max(divide_up(draws.steps, 2 * streams), draws.least_periods / 2);
    const double most_late = 1 - demand.fraction;
    MeanOfDraws late;
    double slowest_us = 0;
    const auto clear = [&] {
        if (late.count() < draws.least) return false;
        const double margin = kSureness * late.standard_error();
        if (late.mean() - most_late > margin || slowest_us < kFarInTime * demand.deadline_us) return true;
        return late.count() >= draws.least_served && most_late - late.mean() > margin;
    };
    do {
        const std::vector<double> drawn = responses_us(run, offered_steps(demand, 1 + late.count(), streams, each));
        late.add(late_share(drawn, demand));
        slowest_us = std::max(slowest_us, *std::max_element(drawn.begin(), drawn.end()));
        responses.insert(responses.end(), drawn.begin(), drawn.end());
    } while (!clear() && (late.count() + 1) * each * streams <= most_steps);
    return late.count() > 1 ? std::optional<double>(late.standard_error()) : std::nullopt;
}

} // namespace

CapacityProbe probe_capacity(Library& library, const RunSpecification& specification, const Demand& demand,
                             std::int64_t streams, std::uint64_t most_steps) {
    RunSpecification timing = for_timing_alone(specification);
    timing.output.steps = "every";
    const Run run(library, timing);
    if (run.network().needs_whole_sequence())
        throw InputError(
            fmt::format("{} has reverse layers, which answer a whole sequence at a time; capacity is that of "
                        "forward layers",
                        run.network().name));
    const auto count = narrow<std::uint64_t>(streams);
    CapacityProbe probe;
    probe.streams = streams;
    probe.machine_share = machine_share_of(library, run, demand, count);
    probe.software_share =
        software_cost(run.configuration().host).software_step_us() * (real(count) / demand.arrival.interval_us);
    std::vector<double> responses;
    probe.queue_grows = queue_grows(run, demand, count, responses);
    if (!probe.queue_grows) probe.late_share_error = draw_responses(run, demand, count, most_steps, responses);
    probe.steps = responses.size();
    probe.late_share = late_share(responses, demand);
    probe.percentile_us = value_at(responses, demand.fraction);
    probe.median_us = value_at(responses, 0.5);
    // How fast the machine can be depends a little on the order of its streams, which periodic arrivals decide.
    const bool keeps_up = demand.is_periodic() || probe.machine_share <= 1;
    probe.served =
        probe.percentile_us <= demand.deadline_us && !probe.queue_grows && keeps_up && probe.software_share <= 1;
    return probe;
}

Capacity measure_capacity(Library& library, const RunSpecification& specification, const Demand& demand,
                          std::uint64_t most_steps) {
    Capacity capacity;
    const auto served = [&](std::int64_t streams) {
        capacity.probes.push_back(probe_capacity(library, specification, demand, streams, most_steps));
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
