#include "run/board_measurement.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "accelerator/dma_channel.hpp"
#include "base/error.hpp"
#include "base/integers.hpp"
#include "config/software_cost.hpp"
#include "machine/dma_registers.hpp"
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
constexpr std::uint32_t kOfDma = 1;      ///< TimelineEvent::part of an access
constexpr double kPacketBeginCycles = 1; ///< from the write that takes the next packet to its first beat
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

/// The mean of those that are usual: within two cycles of the median. Others met a refresh of the memory. With two
/// clocks, the usual ones differ by their phases.
double usual_of(const std::vector<double>& values) {
    constexpr double kPhases = 2;
    const double median = median_of(values);
    std::vector<double> usual;
    for (const double value : values)
        if (std::abs(value - median) <= kPhases) usual.push_back(value);
    return mean_of(usual);
}

/// What an idle machine takes for a step that comes alone, in cycles.
struct LoneStep {
    double transfer = 0;   ///< from the write that begins the transfer of the input to its interrupt
    double crossing = 0;   ///< from then to the step in the core
    double answer = 0;     ///< from the interrupt to the last beat of the output
    double packet_end = 0; ///< from the last beat of the output to its interrupt
    double input_beats = 0;
    double output_beats = 0;
    double beat_cycles = 1; ///< of the memory
    double start = 0;       ///< when the time of the steps begins
};

/// When something happened for the first time after a cycle.
Cycle next_of(const std::vector<Cycle>& cycles, Cycle after) {
    const auto next = std::upper_bound(cycles.begin(), cycles.end(), after);
    return next == cycles.end() ? Timeline::kNoEnd : *next;
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
    /// Begins of the interrupts of a line, sorted.
    std::vector<Cycle> interrupts(TimelineTrack track) const {
        std::vector<Cycle> result;
        for (const TimelineEvent& event : timeline.events())
            if (event.track == track) result.push_back(event.begin);
        std::sort(result.begin(), result.end());
        return result;
    }
    /// Ends of the steps on the input of the core.
    std::vector<Cycle> entered() const {
        std::vector<Cycle> result;
        for (const TimelineEvent& event : timeline.events())
            if (event.kind == TimelineKind::input_step) result.push_back(event.end);
        std::sort(result.begin(), result.end());
        return result;
    }
    /// Ends of the writes of a register of the DMA, sorted.
    std::vector<Cycle> writes(std::uint32_t offset) const {
        std::vector<Cycle> result;
        for (const TimelineEvent& event : timeline.events())
            if (event.kind == TimelineKind::register_write && event.part == kOfDma && event.group == offset)
                result.push_back(event.end);
        std::sort(result.begin(), result.end());
        return result;
    }
    VectorTimes times;
    Timeline timeline = Timeline(0, Timeline::kNoEnd, TimelineDetail::vectors);
};

LoneStep lone_step(const Run& run, std::uint32_t streams) {
    const std::vector<Step> steps = steps_apart(kIdleSteps, streams, kIdleDistanceUs + kEvenDistanceUs);
    const RecordedRun recorded(run, steps);
    const VectorTimes& times = recorded.times;
    LoneStep lone;
    for (const TimelineEvent& event : recorded.timeline.events()) {
        if (event.kind == TimelineKind::input_step) lone.input_beats = real(event.count);
        if (event.kind == TimelineKind::output_vector) lone.output_beats = real(event.count);
    }
    const std::vector<Cycle> entered = recorded.entered();
    const std::vector<Cycle> sends = recorded.writes(dma_reg::kLength);
    const std::vector<Cycle> sent = recorded.interrupts(TimelineTrack::mm2s_interrupt);
    const std::vector<Cycle> received = recorded.interrupts(TimelineTrack::s2mm_interrupt);
    std::vector<double> transfers;
    std::vector<double> crossings;
    std::vector<double> answers;
    std::vector<double> ends;
    for (std::size_t k = 0; k + 1 < steps.size(); ++k) { // the last one has the interrupt of the end, too
        const Cycle begin = next_of(sends, times.output_arrivals[k]);
        const Cycle end = next_of(sent, begin);
        const Cycle output = times.outputs[k];
        transfers.push_back(real(end - begin));
        crossings.push_back(real(entered.at(k)) - real(end));
        answers.push_back(real(output) - real(end));
        ends.push_back(real(next_of(received, output) - output));
    }
    const Configuration& configuration = run.configuration();
    lone.beat_cycles = configuration.beat_cycles();
    lone.start = real(times.output_arrivals[0]) - std::ceil(steps[0].arrival_us * configuration.clock_mhz);
    lone.transfer = usual_of(transfers);
    lone.crossing = usual_of(crossings);
    lone.answer = usual_of(answers);
    lone.packet_end = usual_of(ends);
    return lone;
}

/// What the machine makes of steps that arrive together, in cycles.
struct Burst {
    double mean_interval = 0;      ///< of outputs, refreshes of the memory included
    std::int64_t input_places = 0; ///< steps that enter the core at once
    double input_release = 0; ///< from the place of the first step being free to the output of that step in the core
};

/// What waits where the host is slower than the core, so that all buffers are full.
struct FullBuffers {
    double packet_least = 0;        ///< from the host taking a packet to the interrupt of the next
    std::int64_t output_places = 0; ///< outputs in the core when it stalls for them
    double output_room = 0;         ///< from the end of an output to that of the step that waited for its place
};

Burst burst_of(const RecordedRun& recorded, const LoneStep& lone) {
    const std::vector<Cycle>& outputs = recorded.times.outputs;
    Burst burst;
    burst.mean_interval = ratio(outputs.back() - outputs[kBurstFillSteps], outputs.size() - 1 - kBurstFillSteps);
    const std::vector<Cycle> entered = recorded.entered();
    const double usual = kUsualGap * (lone.input_beats + 1) * std::max(1.0, lone.beat_cycles);
    std::size_t place = 1;
    while (place < entered.size() && real(entered[place] - entered[place - 1]) <= usual) ++place;
    burst.input_places = narrow<std::int64_t>(place);
    if (place < entered.size()) burst.input_release = real(entered[0]) + lone.answer - real(entered[place]);
    return burst;
}

/// An output that leaves lets the core go on, which then frees a place of the input buffer: the next step that enters
/// tells how many outputs wait, and when the core has gone on. Every output is a packet.
std::optional<FullBuffers> full_buffers(const RecordedRun& recorded, const Burst& burst, const LoneStep& lone) {
    const std::vector<Cycle>& outputs = recorded.times.outputs;
    const std::vector<Cycle> entered = recorded.entered();
    const std::vector<Cycle> taken = recorded.writes(dma_reg::kS2mm + dma_reg::kLength);
    const std::vector<Cycle> lines = recorded.interrupts(TimelineTrack::s2mm_interrupt);
    std::vector<double> least;
    std::vector<double> places;
    std::vector<double> rooms;
    const std::size_t known = std::min({outputs.size(), taken.size(), lines.size()}); // a timeline has an end
    for (std::size_t k = kBurstFillSteps; k < known; ++k) {
        const auto next = std::upper_bound(entered.begin(), entered.end(), outputs[k]);
        if (next == entered.end()) break;
        places.push_back(real(next - entered.begin()) - real(k) - real(burst.input_places));
        rooms.push_back(real(*next - outputs[k]) - lone.crossing + burst.input_release);
        least.push_back(real(lines[k] - taken[k]));
    }
    if (places.empty()) return std::nullopt;
    return FullBuffers{usual_of(least), std::llround(median_of(places)), usual_of(rooms)};
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

/// Cycles of the DMA in which the memory moves a packet: each burst begins with a cycle.
struct PacketData {
    double cycles = 0;
    double last_burst = 0;
};

PacketData packet_data_of(const LoneStep& lone, const Configuration& configuration) {
    const double beat_cycles = lone.beat_cycles * configuration.dma_clock_mhz / configuration.clock_mhz;
    const auto beats = static_cast<std::int64_t>(lone.output_beats);
    const std::int64_t full_bursts = (beats - 1) / configuration.dma.burst_beats;
    const std::int64_t last_beats = beats - full_bursts * configuration.dma.burst_beats;
    const double last_burst = std::ceil(real(last_beats) * beat_cycles);
    return {real(full_bursts) * std::ceil(real(configuration.dma.burst_beats) * beat_cycles) + last_burst, last_burst};
}

Time time_of(const Configuration& configuration, double cycles) {
    return fleet::of_us(configuration.us(std::max(cycles, 0.0)));
}

/// Of accesses one after the other, which differ by the phases of two clocks.
Time mean_access(const BoardService& service) {
    constexpr Time kAccesses = 1000;
    return service.clock.accesses_end(0, kAccesses, service.access_cycles) / kAccesses;
}

/// The memory works in cycles of the DMA.
void set_memory(BoardService& service, const Configuration& configuration, const LoneStep& lone) {
    const double mhz = configuration.dma_clock_mhz;
    const auto dma_time = [mhz](double cycles) { return fleet::of_us(cycles / mhz); };
    const RefreshCycles refresh = refresh_cycles(configuration.ddr, mhz);
    service.refresh_interval = dma_time(real(refresh.interval));
    service.refresh = dma_time(real(refresh.refresh));
    if (service.refresh_interval > 0)
        service.refresh_phase = time_of(configuration, lone.start) % service.refresh_interval;
    const double latency = real(kDmaCommandCycles - 1 + cycles_in(configuration.ddr.latency_ns, mhz));
    service.input_memory = dma_time(latency);
    const PacketData data = packet_data_of(lone, configuration);
    service.packet_data = dma_time(data.cycles);
    service.last_data = dma_time(data.last_burst);
    service.packet_least = dma_time(latency + real(configuration.dma.s2mm_latency_cycles)) + service.packet_data;
}

void set_host(BoardService& service, const Configuration& configuration) {
    const HostTiming& host = configuration.host;
    const SoftwareCost software = software_cost(host);
    const auto ns = [](double value) { return fleet::of_us(value / 1000); };
    service.software_step = ns(software.step_ns);
    service.software_transfer = ns(software.transfer_ns);
    service.transfer_steps = host.input_transfer_steps;
    service.packet_steps = host.output_packet_vectors == kAuto ? 1 : host.output_packet_vectors;
    service.clock = fleet::MachineClock(configuration.clock_mhz, configuration.dma_clock_mhz);
    service.access_cycles = narrow<std::int64_t>(configuration.cycles(host.register_access_ns));
    service.register_access = mean_access(service);
    service.interrupt_latency = time_of(configuration, real(configuration.cycles(host.interrupt_latency_ns)));
}

/// The interval must be known.
void set_buffers(BoardService& service, const Run& run, const LoneStep& lone) {
    const Configuration& configuration = run.configuration();
    const RecordedRun recorded(run, steps_apart(kBurstSteps, narrow<std::uint32_t>(service.streams), 0));
    const Burst burst = burst_of(recorded, lone);
    const auto places = [](std::int64_t beats, double beats_each) {
        return std::max<std::int64_t>(1, beats / static_cast<std::int64_t>(beats_each));
    };
    service.input_places = burst.input_places;
    service.input_release = time_of(configuration, burst.input_release);
    if (!configuration.has_one_clock())
        service.crossing_places = places(configuration.crossing.beats, lone.input_beats);
    service.output_places = places(configuration.shape.output_fifo_beats, lone.output_beats);
    const bool host_limits = service.packet_steps == 1 &&
                             time_of(configuration, burst.mean_interval) > service.interval + service.interval / 256;
    if (!host_limits) return;
    const std::optional<FullBuffers> full = full_buffers(recorded, burst, lone);
    if (!full) return;
    service.packet_least = time_of(configuration, full->packet_least);
    service.output_places = std::max<std::int64_t>(1, full->output_places);
    service.output_room = time_of(configuration, full->output_room);
}

} // namespace

BoardService measure_board(Library& library, const RunSpecification& specification) {
    RunSpecification timing = for_timing_alone(specification);
    timing.output.steps = "every";
    const Run run(library, timing);
    refuse_sequences(run.network());
    refuse_cores(run.configuration());
    const Configuration& configuration = run.configuration();
    const auto streams = narrow<std::uint32_t>(configuration.shape.streams);
    const auto time = [&configuration](double cycles) { return time_of(configuration, cycles); };
    const LoneStep lone = lone_step(run, streams);
    const double input_step = lone.input_beats * lone.beat_cycles;
    const double beat_cycles = std::max(1.0, configuration.clock_mhz / configuration.dma_clock_mhz); // of the stream

    BoardService service;
    service.streams = streams;
    set_host(service, configuration);
    service.input_begin = time(lone.transfer - input_step);
    service.input_step = time(input_step);
    service.input_pace = time(lone.input_beats * beat_cycles);
    service.answer = time(lone.answer);
    service.interval = time(steady_interval(library, timing, streams));
    service.stream_interval = streams > 1 ? time(steady_interval(library, timing, 1)) : service.interval;
    service.packet_drain = time(lone.output_beats * beat_cycles + kPacketBeginCycles);
    service.packet_end = time(lone.packet_end);
    set_memory(service, configuration, lone);
    set_buffers(service, run, lone);
    if (specification.on_device) {
        const BoardPower power = power_of(library, specification);
        service.idle_w = power.idle_w;
        service.busy_w = power.busy_w;
    }
    return service;
}

} // namespace bru
