#include "run/board_measurement.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "config/software_cost.hpp"
#include "run/machine_figures.hpp"
#include "run/run.hpp"

namespace bru {

namespace {

using fleet::BoardService;
using fleet::Time;

constexpr std::size_t kIdleSteps = 8;        ///< far apart, at several phases of the memory's refresh
constexpr std::size_t kBurstSteps = 1024;    ///< that arrive together
constexpr std::size_t kBurstFillSteps = 128; ///< of a burst, until its outputs have an even distance
constexpr double kIdleDistanceUs = 1000;
constexpr double kEvenDistanceUs = 1.37; ///< so that the steps meet different phases of the refresh
constexpr double kAccessesPerSend = 2;   ///< driver/bru.c
constexpr std::uint32_t kOfDma = 1;      ///< TimelineEvent::part of an access
constexpr double kPacketBeginCycles = 1; ///< from the write that takes the next packet to its first beat
constexpr Cycle kAccessesPerPacket = 4;
constexpr std::uint64_t kPowerSteps = 64;
constexpr double kUsualGap = 4; ///< in steps: where steps enter later one after the other, the input buffer is full

/// One sequence of each stream, the streams in turn; steps `distance_us` apart.
std::vector<Step> steps_apart(std::size_t count, std::uint32_t streams, double distance_us) {
    std::vector<Step> steps(count);
    for (std::size_t k = 0; k < count; ++k) {
        steps[k].stream = narrow<std::uint32_t>(k % streams);
        steps[k].first = k < streams;
        steps[k].last = k + streams >= count;
        steps[k].arrival_us = kIdleDistanceUs + real(k) * distance_us;
    }
    return steps;
}

double median_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

double mean_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / real(values.size());
}

/// What an idle machine takes for a step that comes alone, in cycles.
struct LoneStep {
    double access = 0; ///< of a register of the DMA
    double response = 0;
    double transfer = 0;   ///< from the write that begins the transfer of the input to its interrupt
    double packet_end = 0; ///< from the last beat of the output to its interrupt
    double input_beats = 0;
    double output_beats = 0;
    double beat_cycles = 1; ///< of the memory
};

/// The first interrupt of the track after a cycle.
Cycle next_interrupt(const Timeline& timeline, TimelineTrack track, Cycle after) {
    Cycle result = Timeline::kNoEnd;
    for (const TimelineEvent& event : timeline.events())
        if (event.track == track && event.begin > after) result = std::min(result, event.begin);
    return result;
}

/// A run of timing with all that its observers heard.
struct RecordedRun {
    RecordedRun(const Run& run, const std::vector<Step>& steps) {
        StepList source(steps);
        RunObservers observers;
        observers.vectors = &times;
        observers.timeline = &timeline;
        run.execute(source, true, observers);
    }
    VectorTimes times;
    Timeline timeline = Timeline(0, Timeline::kNoEnd, TimelineDetail::vectors);
};

LoneStep lone_step(const Run& run, std::uint32_t streams) {
    const std::vector<Step> steps = steps_apart(kIdleSteps, streams, kIdleDistanceUs + kEvenDistanceUs);
    const RecordedRun recorded(run, steps);
    const VectorTimes& times = recorded.times;
    const Timeline& timeline = recorded.timeline;
    LoneStep lone;
    std::vector<double> accesses;
    for (const TimelineEvent& event : timeline.events()) {
        if (event.kind == TimelineKind::register_write && event.part == kOfDma)
            accesses.push_back(real(event.end - event.begin));
        if (event.kind == TimelineKind::input_step) lone.input_beats = real(event.count);
        if (event.kind == TimelineKind::output_vector) lone.output_beats = real(event.count);
    }
    lone.access = mean_of(accesses);
    std::vector<double> responses;
    std::vector<double> transfers;
    std::vector<double> ends;
    for (std::size_t k = 0; k + 1 < steps.size(); ++k) { // the last one has the interrupt of the end, too
        const Cycle arrival = times.output_arrivals[k];
        const Cycle output = times.outputs[k];
        responses.push_back(real(output - arrival));
        const Cycle begin = arrival + static_cast<Cycle>(std::llround(kAccessesPerSend * lone.access));
        transfers.push_back(real(next_interrupt(timeline, TimelineTrack::mm2s_interrupt, begin) - begin));
        ends.push_back(real(next_interrupt(timeline, TimelineTrack::s2mm_interrupt, output) - output));
    }
    lone.beat_cycles = run.configuration().beat_cycles();
    lone.response = median_of(responses);
    lone.transfer = median_of(transfers);
    lone.packet_end = median_of(ends);
    return lone;
}

/// What the machine makes of steps that arrive together, in cycles.
struct Burst {
    double interval = 0;           ///< usual distance of outputs
    double mean_interval = 0;      ///< refreshes of the memory included
    std::int64_t input_places = 0; ///< steps that enter the core at once
    double input_release = 0; ///< from the place of the first step being free to the output of that step in the core
};

Burst burst_of(const Run& run, std::uint32_t streams, const LoneStep& lone, double answer) {
    const std::vector<Step> steps = steps_apart(kBurstSteps, streams, 0);
    const RecordedRun recorded(run, steps);
    const VectorTimes& times = recorded.times;
    const Timeline& timeline = recorded.timeline;
    Burst burst;
    std::vector<double> distances;
    for (std::size_t k = kBurstFillSteps; k < times.outputs.size(); ++k)
        distances.push_back(real(times.outputs[k] - times.outputs[k - 1]));
    burst.interval = median_of(distances);
    burst.mean_interval = std::accumulate(distances.begin(), distances.end(), 0.0) / real(distances.size());
    std::vector<double> entered; // the last beat of each step
    for (const TimelineEvent& event : timeline.events())
        if (event.kind == TimelineKind::input_step) entered.push_back(real(event.end));
    std::sort(entered.begin(), entered.end());
    const double usual = kUsualGap * (lone.input_beats + 1) * std::max(1.0, lone.beat_cycles);
    std::size_t place = 1;
    while (place < entered.size() && entered[place] - entered[place - 1] <= usual) ++place;
    burst.input_places = narrow<std::int64_t>(place);
    if (place < entered.size()) burst.input_release = entered[0] + answer - entered[place];
    return burst;
}

double steady_interval(Library& library, const RunSpecification& timing, std::uint64_t streams) {
    SequencePattern pattern;
    pattern.streams = streams;
    return measure_steady_state(library, timing, pattern).cycles_per_step();
}

struct BoardPower {
    double idle_w = 0;
    double busy_w = 0; ///< on top of it
};

BoardPower power_of(Library& library, const RunSpecification& specification) {
    RunSpecification powered = specification;
    powered.timing_only = true;
    powered.figures = true;
    powered.trace = {};
    powered.trace.random_steps = kPowerSteps * narrow<std::uint64_t>(specification.configuration.shape.streams);
    const RunOutcome outcome = Run(library, powered).execute();
    if (!outcome.estimate || !outcome.estimate->power) return {};
    return {outcome.estimate->power->static_watts, outcome.estimate->power->dynamic_watts()};
}

void refuse_sequences(const Network& network) {
    if (network.needs_whole_sequence())
        throw InputError(fmt::format("{} has reverse layers, which answer a whole sequence at a time; a fleet serves "
                                     "forward layers",
                                     network.name));
}

void refuse_cores(const Configuration& configuration) {
    if (configuration.platform.cores > 1)
        throw InputError(fmt::format("platform.cores = {}: a board of a fleet has one core; leave it at 1",
                                     configuration.platform.cores));
}

} // namespace

BoardService measure_board(Library& library, const RunSpecification& specification) {
    RunSpecification timing = for_timing_alone(specification);
    timing.output.steps = "every";
    const Run run(library, timing);
    refuse_sequences(run.network());
    refuse_cores(run.configuration());
    const Configuration& configuration = run.configuration();
    const HostTiming& host = configuration.host;
    const auto streams = narrow<std::uint32_t>(configuration.shape.streams);
    const auto time = [&configuration](double cycles) { return fleet::of_us(configuration.us(std::max(cycles, 0.0))); };
    const auto ns = [](double value) { return fleet::of_us(value / 1000); };
    const SoftwareCost software = software_cost(host);
    const Cycle interrupt = configuration.cycles(host.interrupt_latency_ns);
    const LoneStep lone = lone_step(run, streams);
    const double input_step = lone.input_beats * lone.beat_cycles;
    const double answer = lone.response - kAccessesPerSend * lone.access - lone.transfer;
    const Burst burst = burst_of(run, streams, lone, answer);
    const RefreshCycles refresh = refresh_cycles(configuration.ddr, configuration.dma_clock_mhz);

    BoardService service;
    service.streams = streams;
    service.software_step = ns(software.step_ns);
    service.software_transfer = ns(software.transfer_ns);
    service.transfer_steps = host.input_transfer_steps;
    service.register_access = time(lone.access);
    service.interrupt_latency = time(real(interrupt));
    service.input_begin = time(lone.transfer - input_step);
    service.input_step = time(input_step);
    service.answer = time(answer);
    service.interval = time(steady_interval(library, timing, streams));
    service.stream_interval = streams > 1 ? time(steady_interval(library, timing, 1)) : service.interval;
    service.packet_steps = host.output_packet_vectors == kAuto ? 1 : host.output_packet_vectors;
    const double beat_cycles = std::max(1.0, configuration.clock_mhz / configuration.dma_clock_mhz); // of the stream
    service.packet_drain = time(lone.output_beats * beat_cycles + kPacketBeginCycles);
    service.packet_end = time(lone.packet_end);
    service.input_places = burst.input_places;
    service.input_release = time(burst.input_release);
    service.output_places =
        std::max<std::int64_t>(1, configuration.shape.output_fifo_beats / static_cast<std::int64_t>(lone.output_beats));
    service.refresh_interval = fleet::of_us(real(refresh.interval) / configuration.dma_clock_mhz);
    service.refresh = fleet::of_us(real(refresh.refresh) / configuration.dma_clock_mhz);
    service.packet_data = time(lone.output_beats * lone.beat_cycles);
    const Time of_host = service.interrupt_latency + service.register_access * kAccessesPerPacket;
    const bool host_limits =
        service.packet_steps == 1 && time(burst.mean_interval) > service.interval + service.interval / 256;
    if (host_limits) service.packet_least = time(burst.interval) - of_host;
    if (specification.on_device) {
        const BoardPower power = power_of(library, specification);
        service.idle_w = power.idle_w;
        service.busy_w = power.busy_w;
    }
    return service;
}

} // namespace bru
