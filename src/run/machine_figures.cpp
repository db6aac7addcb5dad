#include "run/machine_figures.hpp"

#include <algorithm>

#include "base/integers.hpp"
#include "platform/network_placement.hpp"
#include "run/run.hpp"

namespace bru {

namespace {

constexpr std::uint64_t kFillSteps = 256; ///< until buffers are as full as they get
constexpr std::uint64_t kDrainSteps = 64; ///< behind the window, so that it does not see the end of the run
constexpr std::size_t kRequests = 8;      ///< at several phases of the memory's refresh

RunSpecification timing_specification(const RunSpecification& specification) {
    RunSpecification timing;
    timing.configuration = specification.configuration;
    timing.model = specification.model;
    timing.output = specification.output;
    timing.timing_only = true;
    timing.on_device = false;
    return timing;
}

/// Repetitions of a pattern, back to back, and which of them are looked at.
struct Stretch {
    std::uint64_t pattern_steps = 1;
    std::uint64_t first = 0; ///< repetition
    std::uint64_t count = 0;
    std::uint64_t last = 0; ///< all that are run
    std::uint64_t first_step() const { return first * pattern_steps; }
    std::uint64_t end_step() const { return (first + count) * pattern_steps; }
};

Stretch stretch_of(const SequencePattern& pattern) {
    const auto repetitions = [&](std::uint64_t steps) { return divide_up(steps, pattern.steps()); };
    Stretch stretch;
    stretch.pattern_steps = pattern.steps();
    stretch.first = repetitions(kFillSteps);
    stretch.count = repetitions(kLeastSteadySteps);
    stretch.last = stretch.first + stretch.count + repetitions(kDrainSteps);
    return stretch;
}

std::vector<Step> repeated(const SequencePattern& pattern, std::uint64_t repetitions) {
    std::vector<Step> steps(repetitions * pattern.steps());
    steps.front().first = true;
    steps.back().last = true;
    std::size_t end = 0;
    for (std::uint64_t repetition = 0; repetition < repetitions; ++repetition)
        for (const std::uint64_t length : pattern.lengths) {
            steps[end].first = true;
            end += length;
            steps[end - 1].last = true;
        }
    return steps;
}

/// The cycles of every vector whose step lies in the stretch. In steady state the stretch ends as it began, so these
/// are the cycles of the stretch. Where a vector waits for values of the layer below, it waits for that layer's
/// pipeline, so the cycles are that layer's.
std::vector<LayerFigures> layers_in(const Stretch& stretch, const VectorTimes& times, const Run& run) {
    std::vector<LayerFigures> layers;
    for (const std::string& name : vector_names(run.quantized())) layers.push_back({name, {}});
    if (run.network().dense && run.mode().kind == OutputKind::hidden) layers.pop_back();
    for (const VectorTimes::Issued& vector : times.issued) {
        if (vector.step < stretch.first_step() || vector.step >= stretch.end_step()) continue;
        ClassCycles& classes = layers[vector.descriptor].classes;
        for (std::size_t k = 0; k < classes.size(); ++k) classes[k] += vector.classes[k];
        constexpr std::size_t kStateWait = index_of(CycleClass::state_wait);
        classes[kStateWait] -= vector.source_wait_cycles;
        if (vector.source_wait_cycles > 0)
            layers[vector.source_descriptor].classes[kStateWait] += vector.source_wait_cycles;
    }
    return layers;
}

SteadyState steady_state_of(const Run& timing, const SequencePattern& pattern) {
    const Stretch stretch = stretch_of(pattern);
    const std::vector<Step> steps = repeated(pattern, stretch.last);
    StepList source(steps);
    VectorTimes times;
    RunObservers observers;
    observers.vectors = &times;
    timing.execute(source, false, observers);
    SteadyState steady;
    steady.steps = stretch.count * stretch.pattern_steps;
    const std::uint64_t sequences = stretch.count * pattern.lengths.size();
    steady.sequences = real(sequences);
    steady.outputs = timing.mode().steps == OutputSteps::every ? steady.steps : sequences;
    steady.layers = layers_in(stretch, times, timing);
    return steady;
}

/// Requests so far apart that the machine is idle when each of them arrives.
std::vector<Step> requests(std::uint64_t steps, bool whole_sequences, double distance_us) {
    std::vector<Step> result;
    double arrival = distance_us;
    for (std::size_t request = 0; request < kRequests; ++request) {
        for (std::uint64_t k = 0; k < steps; ++k) {
            Step step;
            step.first = k == 0;
            step.last = k + 1 == steps;
            step.arrival_us = arrival;
            if (!whole_sequences || step.last) arrival += distance_us;
            result.push_back(step);
        }
    }
    return result;
}

double median(std::vector<Cycle> values) {
    std::sort(values.begin(), values.end());
    return real(values[values.size() / 2]);
}

/// In a stream of steps each request is the second step of a sequence, which has an earlier h.
Response response_of(const Run& timing, const SequencePattern& pattern, double distance_us) {
    const bool whole_sequences = timing.network().needs_whole_sequence();
    const std::uint64_t length = whole_sequences ? pattern.longest() : 2;
    const std::vector<Step> steps = requests(length, whole_sequences, distance_us);
    StepList source(steps);
    VectorTimes times;
    RunObservers observers;
    observers.vectors = &times;
    timing.execute(source, true, observers);
    const std::size_t outputs = times.outputs.size() / kRequests; // of a sequence
    std::vector<Cycle> responses;
    std::vector<Cycle> services;
    auto vector = times.issued.begin();
    for (std::size_t request = 0; request < kRequests; ++request) {
        const std::uint64_t first_step = request * length + (whole_sequences ? 0 : 1);
        while (vector->step < first_step) ++vector;
        const auto end = times.outputs.begin() + (request + 1) * outputs;
        const Cycle last_beat = *std::max_element(end - outputs, end);
        responses.push_back(last_beat - times.output_arrivals[(request + 1) * outputs - 1]);
        services.push_back(last_beat - vector->first_chunk);
        vector = std::find_if(vector, times.issued.end(),
                              [&](const VectorTimes::Issued& issued) { return issued.step >= (request + 1) * length; });
    }
    return {whole_sequences ? length : 1, median(responses), median(services)};
}

/// Longer than the machine is busy with a request, whatever limits it.
double idle_distance_us(const Run& timing, const SequencePattern& pattern) {
    const std::vector<Step> steps = repeated(pattern, 1);
    StepList source(steps);
    return timing.configuration().us(real(timing.execute(source, false).simulation.total_cycles));
}

} // namespace

ClassCycles SteadyState::classes() const {
    ClassCycles sum{};
    for (const LayerFigures& layer : layers)
        for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += layer.classes[k];
    return sum;
}

SteadyState measure_steady_state(Library& library, const RunSpecification& specification,
                                 const SequencePattern& pattern) {
    return steady_state_of(Run(library, timing_specification(specification)), pattern);
}

MachineFigures measure_figures(Library& library, const RunSpecification& specification,
                               const SequencePattern& pattern) {
    const Run timing(library, timing_specification(specification));
    return {steady_state_of(timing, pattern), response_of(timing, pattern, idle_distance_us(timing, pattern))};
}

} // namespace bru
