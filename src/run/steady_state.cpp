#include "run/steady_state.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/enumeration.hpp"
#include "base/integers.hpp"
#include "platform/network_placement.hpp"
#include "run/run.hpp"

namespace bru {

namespace {

constexpr std::uint64_t kFillSteps = 256;           ///< of the first attempt, before what is counted
constexpr std::uint64_t kDrainSteps = 64;           ///< behind what is counted, so that it does not see the run's end
constexpr std::uint64_t kMostAlignedSteps = 131072; ///< that are counted, so that they hold whole transfers of the host
constexpr std::uint64_t kMostFillSteps = 262144;
constexpr double kTolerance = 0.001; ///< between the halves of a stretch, and between steps and outputs

/// Repetitions of the pattern: those that fill the machine, and those that are counted, an even number.
struct Stretch {
    std::uint64_t fill = 0;
    std::uint64_t count = 0;
};

/// Endless repetitions of a pattern, as many steps of it as asked for.
class RepeatedSteps : public StepSource {
public:
    RepeatedSteps(const SequencePattern& pattern, std::uint64_t steps) : pattern_(pattern), left_(steps) {}

    const Step* next() override {
        if (left_ == 0) return nullptr;
        --left_;
        const bool sequence_ends = !pattern_.lengths.empty() && place_ + 1 == pattern_.lengths[sequence_];
        step_.stream = stream_;
        step_.first = begins_;
        step_.last = sequence_ends || left_ < pattern_.streams;
        if (++stream_ == pattern_.streams) finish_round(sequence_ends);
        return &step_;
    }

private:
    /// Every stream had its step.
    void finish_round(bool sequence_ends) {
        stream_ = 0;
        begins_ = sequence_ends;
        ++place_;
        if (!sequence_ends) return;
        place_ = 0;
        sequence_ = (sequence_ + 1) % pattern_.lengths.size();
    }

    const SequencePattern& pattern_;
    std::uint64_t left_;
    std::uint32_t stream_ = 0; ///< of the next step
    std::uint64_t place_ = 0;  ///< within the sequences under way, which are the same in all streams
    std::size_t sequence_ = 0;
    bool begins_ = true;
    Step step_;
};

/// Adds up the vectors of the steps of a stretch while the machine runs. Their cycles are those of the stretch, since
/// in steady state it ends as it began. Where a vector waits for values of the layer below, it waits for that layer's
/// pipeline, so the cycles are that layer's.
struct StretchTimes : VectorTimes {
    std::uint64_t first_step = 0;
    std::uint64_t middle_step = 0;
    std::uint64_t end_step = 0;
    std::vector<ClassCycles> classes; ///< per descriptor
    // The cycle in which the last vector before each of the three steps was issued.
    Cycle first_end = 0;
    Cycle middle_end = 0;
    Cycle end = 0;

    void vector_issued(const IssuedVector& vector) override {
        const std::uint64_t step = vector.vector.input_step;
        if (step < first_step) first_end = vector.end;
        if (step < middle_step) middle_end = vector.end;
        if (step < end_step) end = vector.end;
        if (step < first_step || step >= end_step) return;
        ClassCycles& own = classes[vector.vector.descriptor_index];
        for (std::size_t k = 0; k < own.size(); ++k) own[k] += vector.classes[k];
        if (vector.source_wait_cycles == 0) return;
        constexpr std::size_t kStateWait = index_of(CycleClass::state_wait);
        own[kStateWait] -= vector.source_wait_cycles;
        classes[vector.source_descriptor][kStateWait] += vector.source_wait_cycles;
    }
};

std::uint64_t outputs_per_repetition(const Run& timing, const SequencePattern& pattern) {
    return timing.mode().steps == OutputSteps::every ? pattern.steps() : pattern.sequences();
}

/// The pattern is that of each core. The cores get the same steps, as streams of their own.
std::vector<StretchTimes> run_over(const Run& timing, const SequencePattern& pattern, const Stretch& stretch) {
    StretchTimes times;
    times.first_step = stretch.fill * pattern.steps();
    times.middle_step = times.first_step + stretch.count / 2 * pattern.steps();
    times.end_step = times.first_step + stretch.count * pattern.steps();
    times.classes.resize(vector_names(timing.quantized()).size());
    const auto cores = narrow<std::size_t>(timing.configuration().platform.cores);
    std::vector<StretchTimes> of_cores(cores, times);
    SequencePattern of_all = pattern;
    of_all.streams *= cores;
    RepeatedSteps steps(of_all, cores * (times.end_step + divide_up(kDrainSteps, pattern.steps()) * pattern.steps()));
    RunObservers observers;
    observers.vectors = &of_cores.front();
    for (std::size_t core = 1; core < cores; ++core)
        observers.other_cores.push_back({nullptr, nullptr, nullptr, &of_cores[core]});
    timing.execute(steps, false, observers);
    return of_cores;
}

/// `outputs` in the stretch, of which `outputs_before` left before it.
bool is_steady(const StretchTimes& times, std::uint64_t outputs_before, std::uint64_t outputs) {
    const auto agree = [](Cycle a, Cycle b) { return std::abs(real(a) - real(b)) <= kTolerance * real(a); };
    if (!agree(times.middle_end - times.first_end, times.end - times.middle_end)) return false;
    if (outputs == 0) return true; // none in any stretch
    const Cycle time_of_outputs = times.outputs[outputs_before + outputs - 1] - times.outputs[outputs_before - 1];
    return agree(times.end - times.first_end, time_of_outputs);
}

SteadyState measure(const Run& timing, const SequencePattern& pattern, const Stretch& stretch) {
    const std::vector<StretchTimes> of_cores = run_over(timing, pattern, stretch);
    const StretchTimes& times = of_cores.front();
    const std::uint64_t outputs = outputs_per_repetition(timing, pattern);
    SteadyState steady;
    steady.reached = std::all_of(of_cores.begin(), of_cores.end(), [&](const StretchTimes& each) {
        return is_steady(each, stretch.fill * outputs, stretch.count * outputs);
    });
    steady.fill_steps = times.first_step;
    steady.steps = times.end_step - times.first_step;
    steady.streams = pattern.streams * of_cores.size();
    steady.sequences = real(stretch.count * pattern.sequences());
    steady.outputs = stretch.count * outputs;
    const std::vector<std::string> names = vector_names(timing.quantized());
    for (std::size_t k = 0; k < names.size(); ++k) steady.layers.push_back({names[k], times.classes[k]});
    if (timing.network().dense && timing.mode().kind == OutputKind::hidden) steady.layers.pop_back();
    if (of_cores.size() == 1) return steady;
    for (const StretchTimes& each : of_cores) {
        CoreSteadyState core{steady.steps, {}};
        for (const ClassCycles& classes : each.classes) core.classes = sum_of(core.classes, classes);
        steady.cores.push_back(core);
    }
    return steady;
}

std::uint64_t even(std::uint64_t count) { return count + count % 2; }

Stretch first_attempt(const SequencePattern& pattern) {
    return {divide_up(kFillSteps, pattern.steps()), even(divide_up(kLeastSteadySteps, pattern.steps()))};
}

/// Shortens the host's transfers so that several end in each half of the stretch; true where they were short enough.
bool shorten_transfers(HostTiming& host, const Run& timing, const SequencePattern& pattern, const Stretch& stretch) {
    const HostTiming given = host;
    const std::int64_t steps = stretch.count * pattern.steps();
    const std::int64_t outputs = stretch.count * outputs_per_repetition(timing, pattern);
    host.output_packet_vectors = back_to_back_packet_vectors(given);
    const bool fit = given.input_transfer_steps <= steps / 4 && host.output_packet_vectors <= outputs / 4;
    host.input_transfer_steps = std::clamp<std::int64_t>(steps / 4, 1, given.input_transfer_steps);
    host.output_packet_vectors = std::clamp<std::int64_t>(outputs / 4, 1, host.output_packet_vectors);
    return fit;
}

/// A machine that never waits for inputs or for room for its outputs does not see where transfers end. If it does not
/// see short ones, it does not see longer ones, which end more rarely.
bool waits_for_host(const SteadyState& steady) {
    const ClassCycles classes = steady.classes();
    const auto cycles = [&](CycleClass one) { return classes[index_of(one)]; };
    return cycles(CycleClass::input_wait) + cycles(CycleClass::output_wait) + cycles(CycleClass::idle) > 0;
}

/// Repetitions of the pattern in which `per_repetition` events fill whole transfers of `transfer` events.
std::uint64_t whole_transfers(std::uint64_t transfer, std::uint64_t per_repetition) {
    return per_repetition == 0 ? 1 : transfer / std::gcd(transfer, per_repetition);
}

/// Twice the repetitions that fill whole transfers of the host in both directions; where those are too many, about as
/// many as there may be, of which a part of one transfer is a small share.
std::uint64_t aligned_count(const Run& timing, const SequencePattern& pattern) {
    const HostTiming& host = timing.configuration().host;
    const std::uint64_t in = whole_transfers(host.input_transfer_steps, pattern.steps());
    const std::uint64_t out =
        whole_transfers(back_to_back_packet_vectors(host), outputs_per_repetition(timing, pattern));
    const std::uint64_t most = std::max<std::uint64_t>(kMostAlignedSteps / pattern.steps(), 1);
    const std::uint64_t least = divide_up(kLeastSteadySteps, pattern.steps());
    const std::uint64_t whole = in > most || out > most ? most + 1 : std::lcm(in, out);
    return 2 * (whole > most ? most : divide_up(least, whole) * whole);
}

} // namespace

ClassCycles SteadyState::classes() const {
    ClassCycles sum{};
    for (const LayerFigures& layer : layers) sum = sum_of(sum, layer.classes);
    return sum;
}

double SteadyState::chip_cycles_per_step() const {
    if (cores.empty()) return cycles_per_step();
    double steps_per_cycle = 0;
    for (const CoreSteadyState& core : cores) steps_per_cycle += ratio(core.steps, core.cycles());
    return 1 / steps_per_cycle;
}

SteadyState steady_state_of(Library& library, const RunSpecification& given, const SequencePattern& of_chip) {
    RunSpecification specification = given;
    std::int64_t& cores = specification.configuration.platform.cores;
    if (of_chip.streams > 1) cores = std::min(cores, narrow<std::int64_t>(of_chip.streams));
    SequencePattern pattern = of_chip;
    pattern.streams = divide_up(of_chip.streams, narrow<std::uint64_t>(cores));
    const Run timing(library, specification);
    const Stretch first = first_attempt(pattern);
    RunSpecification trial = specification;
    const bool as_it_is = shorten_transfers(trial.configuration.host, timing, pattern, first);
    SteadyState steady = measure(Run(library, trial), pattern, first);
    steady.reached = steady.reached && (as_it_is || !waits_for_host(steady));
    const std::uint64_t count = aligned_count(timing, pattern);
    for (std::uint64_t fill = kFillSteps; !steady.reached && fill <= kMostFillSteps; fill *= 4)
        steady = measure(timing, pattern, {divide_up(fill, pattern.steps()), count});
    return steady;
}

} // namespace bru
