#include "run/machine_figures.hpp"

#include <algorithm>
#include <cmath>

#include "base/integers.hpp"
#include "run/run.hpp"
#include "run/steady_state.hpp"

namespace bru {

namespace {

constexpr std::size_t kRequests = 8; ///< at several phases of the memory's refresh

/// What the machine is asked for at once: a step, or a whole sequence where it cannot begin before that is there. In a
/// stream of steps each request is the second step of a sequence, which has an earlier h.
struct Request {
    bool whole_sequence = false;
    std::uint64_t length = 2; ///< of its sequence

    std::uint64_t steps() const { return whole_sequence ? length : 1; }
    std::uint64_t arrivals() const { return whole_sequence ? 1 : length; } ///< that its sequence takes
};

/// Sequences whose requests are so far apart that the machine is idle when each of them arrives.
std::vector<Step> sequences(const Request& request, std::size_t count, double distance_us) {
    std::vector<Step> result;
    double arrival = distance_us;
    for (std::size_t sequence = 0; sequence < count; ++sequence) {
        for (std::uint64_t k = 0; k < request.length; ++k) {
            Step step;
            step.first = k == 0;
            step.last = k + 1 == request.length;
            step.arrival_us = arrival;
            if (!request.whole_sequence || step.last) arrival += distance_us;
            result.push_back(step);
        }
    }
    return result;
}

double median(std::vector<Cycle> values) {
    std::sort(values.begin(), values.end());
    return real(values[values.size() / 2]);
}

/// Between arrivals: longer than the machine is busy with a request, whatever limits it. The requests arrive at evenly
/// spread phases of the memory's refresh.
double idle_distance_us(const Run& timing, const Request& request) {
    const Configuration& configuration = timing.configuration();
    const std::vector<Step> steps = sequences(request, 1, 0);
    StepList source(steps);
    const Cycle busy = timing.execute(source, false).simulation.total_cycles;
    const auto interval = std::max<Cycle>(static_cast<Cycle>(std::llround(configuration.refresh_interval_cycles())), 1);
    const Cycle phases = kRequests * request.arrivals();
    return configuration.us(real(divide_up(busy, interval) * interval + divide_up(interval, phases)));
}

Response response_of(const Run& timing, const Request& request) {
    const std::vector<Step> steps = sequences(request, kRequests, idle_distance_us(timing, request));
    StepList source(steps);
    VectorTimes times;
    RunObservers observers;
    observers.vectors = &times;
    timing.execute(source, true, observers);
    const std::size_t outputs = times.outputs.size() / kRequests; // of a sequence
    std::vector<Cycle> responses;
    std::vector<Cycle> services;
    auto vector = times.issued.begin();
    for (std::size_t sequence = 0; sequence < kRequests; ++sequence) {
        const std::uint64_t end_step = (sequence + 1) * request.length;
        const auto step_is_from = [&](std::uint64_t step) {
            return [step](const VectorTimes::Issued& issued) { return issued.step >= step; };
        };
        vector = std::find_if(vector, times.issued.end(), step_is_from(end_step - request.steps()));
        const auto end = times.outputs.begin() + (sequence + 1) * outputs;
        const Cycle last_beat = *std::max_element(end - outputs, end);
        responses.push_back(last_beat - times.output_arrivals[(sequence + 1) * outputs - 1]);
        services.push_back(last_beat - vector->first_chunk);
        vector = std::find_if(vector, times.issued.end(), step_is_from(end_step));
    }
    return {request.steps(), median(responses), median(services)};
}

} // namespace

SteadyState measure_steady_state(Library& library, const RunSpecification& specification,
                                 const SequencePattern& pattern) {
    return steady_state_of(library, for_timing_alone(specification), pattern);
}

MachineFigures measure_figures(Library& library, const RunSpecification& specification,
                               const SequencePattern& pattern) {
    const RunSpecification timing = for_timing_alone(specification);
    const Run run(library, timing);
    Request request;
    request.whole_sequence = run.network().needs_whole_sequence();
    if (request.whole_sequence) request.length = pattern.longest();
    RunSpecification alone = timing; // the other cores have nothing to do
    alone.configuration.platform.cores = 1;
    return {steady_state_of(library, timing, pattern), response_of(Run(library, alone), request)};
}

} // namespace bru
