#include "run/run.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/piped_input.hpp"
#include "model/output_mode.hpp"
#include "model/synthetic_network.hpp"
#include "rtl_core/rtl_core.hpp"
#include "run/activity.hpp"
#include "trace/step_sources.hpp"
#include "trace/trace_file.hpp"

namespace bru {

OutputSpecification OutputSpecification::of(OutputMode mode) {
    return {output_kind_name(mode.kind), output_steps_name(mode.steps)};
}

Run::Run(Library& library, RunSpecification specification)
    : library_(&library), specification_(std::move(specification)), configuration_(specification_.configuration) {
    const InputPlace place{configuration_.file};
    if (specification_.on_device) device_ = in_place(place, [&] { return library.device(configuration_); });
    network_ = library.network(specification_.model);
    mode_ = choose_output(*network_, specification_.output.kind, specification_.output.steps);
    quantized_ = in_place({specification_.model.path},
                          [&] { return library.quantized(network_, configuration_.shape.formats()); });
    configuration_.shape = in_place(place, [&] { return resolve_shape(configuration_, *quantized_, mode_); });
}

/// Can this machine hold the network, and is there a core of its shape?
void Run::check_machine() const {
    if (device_) check_weights_fit(configuration_, device_->device, network_->name);
    if (specification_.core == CoreKind::rtl) check_rtl_core(configuration_.shape);
}

/// Has the machine a state for each stream of the trace?
void Run::check_streams(std::uint32_t streams) const {
    const std::int64_t of_machine = configuration_.streams();
    if (streams <= of_machine) return;
    const std::int64_t cores = configuration_.platform.cores;
    throw InputError({specification_.trace.path},
                     fmt::format("the trace has {} streams, and the machine has bru.streams = {}{}; set "
                                 "--bru.streams={} or more, or make the trace with --streams {}",
                                 streams, configuration_.shape.streams,
                                 cores > 1 ? fmt::format(" in each of {} cores", cores) : "",
                                 divide_up(std::int64_t{streams}, cores), of_machine));
}

RunOutcome Run::execute(const RunObservers& observers) const {
    const TraceSpecification& given = specification_.trace;
    if (given.path.empty()) return execute_random(observers);
    if (specification_.timing_only) return execute_timing(observers);
    check_machine();
    TraceReader trace(given.path, *network_);
    check_streams(trace.header().streams);
    LimitedSteps first(trace, step_limit(given));
    const std::unique_ptr<GoldenChecker> checker =
        specification_.compare_golden ? GoldenChecker::open(golden_path(given.path), golden_key()) : nullptr;
    RunObservers with_checker = observers;
    if (checker)
        with_checker.on_output = [&](const OutputVector& output) {
            checker->check(output);
            if (observers.on_output) observers.on_output(output);
        };
    // What the machine finds wrong with a step does not know the file.
    const Feed feed{trace.header().timed, trace.header().streams == 1};
    RunOutcome outcome = in_place({given.path}, [&] { return run_over(first, feed, with_checker); });
    if (specification_.compare_golden) compare_golden(outcome, checker.get(), first.was_cut());
    add_figures(outcome);
    return outcome;
}

namespace {

/// One sequence per stream, and the streams take turns.
void deal_in_turn(std::vector<Step>& steps, std::uint64_t streams) {
    for (std::size_t k = 0; k < steps.size(); ++k) {
        steps[k].stream = narrow<std::uint32_t>(k % streams);
        steps[k].first = k < streams;
        steps[k].last = k + streams >= steps.size();
    }
}

} // namespace

RunOutcome Run::execute_random(const RunObservers& observers) const {
    const std::uint64_t count = specification_.trace.random_steps;
    const SequencePattern sequences = pattern();
    std::vector<Step> list =
        synthetic_steps(*network_, count, sequences.lengths.empty() ? count : sequences.lengths.front());
    if (sequences.streams > 1) deal_in_turn(list, sequences.streams);
    StepList steps(list);
    check_machine();
    RunOutcome outcome = run_over(steps, {false, sequences.streams == 1}, observers);
    outcome.golden_remark = "random steps have no golden outputs";
    add_figures(outcome);
    return outcome;
}

SequencePattern Run::pattern() const {
    if (!specification_.trace.path.empty()) return library_->pattern(specification_.trace, *network_);
    if (!network_->needs_whole_sequence()) return {{}, narrow<std::uint64_t>(configuration_.streams())};
    return {{static_cast<std::uint64_t>(std::min(kRandomSequenceSteps, configuration_.shape.max_sequence_steps))}};
}

/// No cycle depends on values, so runs over one trace share the timing of its steps.
RunOutcome Run::execute_timing(const RunObservers& observers) const {
    check_machine();
    const std::shared_ptr<const TraceTiming> timing = library_->timing(specification_.trace, *network_);
    check_streams(timing->streams);
    StepList steps(timing->steps);
    RunOutcome outcome = run_over(steps, {timing->timed, timing->streams == 1}, observers);
    add_figures(outcome);
    return outcome;
}

RunOutcome Run::execute(StepSource& steps, bool timed_arrivals, const RunObservers& observers) const {
    check_machine();
    return run_over(steps, {timed_arrivals}, observers);
}

RunOutcome Run::run_over(StepSource& steps, const Feed& feed, const RunObservers& observers) const {
    SimulationOptions options;
    options.mode = mode_;
    options.timed_arrivals = feed.timed_arrivals;
    options.deals_sequences = feed.deals_sequences;
    options.deadline_us = specification_.deadline_us;
    options.core = specification_.core;
    options.timing_only = specification_.timing_only;
    options.observers = {observers.ports, observers.signals, observers.timeline, observers.vectors};
    options.other_cores = observers.other_cores;
    options.start_delay_cycles = specification_.start_delay_cycles;
    options.most_cycles = specification_.most_cycles;
    ObservedSteps tap(steps, observers.on_step);
    RunOutcome outcome;
    outcome.timed_arrivals = feed.timed_arrivals;
    outcome.simulation = simulate(configuration_, *quantized_, options, tap, observers.on_output);
    if (!device_) return outcome;
    outcome.estimate.emplace();
    outcome.estimate->resources = estimate_resources(configuration_, device_->device, device_->calibration);
    return outcome;
}

void Run::add_figures(RunOutcome& outcome) const {
    if (!specification_.figures) return;
    outcome.figures = measure_figures(*library_, specification_, pattern());
    LatencyStatistics& latency = outcome.simulation.latency;
    // Back to back, latencies tell how deep the input buffer is; then every output counts as one of the idle machine.
    const bool response_is_late = configuration_.us(outcome.figures->response.cycles) > specification_.deadline_us;
    if (!outcome.timed_arrivals) {
        latency.missed_deadlines = response_is_late ? latency.count : 0;
        for (StreamResult& stream : outcome.simulation.streams)
            stream.latency.missed_deadlines = response_is_late ? stream.latency.count : 0;
        for (CoreResult& core : outcome.simulation.cores)
            core.latency.missed_deadlines = response_is_late ? core.latency.count : 0;
    }
    if (!outcome.estimate) return;
    DeviceEstimate& estimate = *outcome.estimate;
    estimate.power =
        estimate_power(estimate.resources, steady_activity(*network_, configuration_, mode_, outcome.figures->steady));
    // The blocks of the estimate are those of all cores, and the activity is that of one.
    const SteadyState& steady = outcome.figures->steady;
    if (!steady.cores.empty()) estimate.power->steps *= steady.cycles_per_step() / steady.chip_cycles_per_step();
    const PowerEstimate loading =
        estimate_power(estimate.resources, loading_activity(configuration_, outcome.simulation));
    estimate.loading_uj = loading.microjoules();
}

void Run::compare_golden(RunOutcome& outcome, GoldenChecker* checker, bool was_cut) const {
    const std::string path = golden_path(specification_.trace.path);
    if (checker == nullptr && is_pipe(specification_.trace.path)) {
        outcome.golden_remark = "a trace from a pipe has no golden file, so nothing was compared";
    } else if (checker == nullptr) {
        outcome.golden_remark =
            fmt::format("no outputs for {} in {} (bru check --update writes them)", golden_key().text(), path);
    } else if (was_cut) {
        outcome.golden_remark = "--steps cut the trace, and golden outputs are those of the whole trace";
    } else {
        outcome.golden = checker->finish();
        if (outcome.golden->first) outcome.golden_remark = describe_mismatch(*outcome.golden);
    }
}

/// A digest tells that a step is wrong; the reference tells which unit.
std::string Run::describe_mismatch(const GoldenComparison& golden) const {
    const OutputMismatch& first = *golden.first;
    if (first.unit || golden.first_got.values.empty()) return first.reason;
    TraceReader trace(specification_.trace.path, *network_);
    const auto located = locate_mismatch(*quantized_, mode_, trace, golden.first_got);
    return located
               ? located->reason
               : first.reason + " (the reference execution agrees with the machine: the golden file is out of date)";
}

namespace {

/// No cycle depends on a budget, on cells that the network does not have, on what software adds, or on a crossing that
/// is not there.
bool decides_cycles(const std::string& key, const Configuration& configuration) {
    if (configuration.has_one_clock() && (key == "dma.clock_mhz" || key.rfind("dma.crossing_", 0) == 0)) return false;
    return key != "bru.device" && key != "bru.cell_kinds" && key != "host.software" && key != "host.step_software_ns" &&
           key != "host.transfer_software_ns";
}

} // namespace

std::string cycles_manifest(const Run& run, bool timed_arrivals) {
    std::string text;
    for (const Parameter& parameter : parameters()) {
        if (!decides_cycles(parameter.key, run.configuration())) continue;
        const std::string value = parameter.get(run.configuration());
        // Keys without them are of machines with one stream, and of chips with one core.
        const bool was_added_later = parameter.key == "bru.streams" || parameter.key.rfind("platform.", 0) == 0;
        if (was_added_later && value == parameter.get(Configuration())) continue;
        text += fmt::format("{} = {}\n", parameter.key, value);
    }
    return text + fmt::format("model = {}\noutput = {} {}\narrivals = {}\n", run.network().fingerprint,
                              output_kind_name(run.mode().kind), output_steps_name(run.mode().steps),
                              timed_arrivals ? "timed" : "back-to-back");
}

GoldenCycles golden_cycles(const Run& run, const RunOutcome& outcome) {
    GoldenCycles cycles{text_digest(cycles_manifest(run, outcome.timed_arrivals)), {}};
    cycles.counts.emplace_back("total", outcome.simulation.total_cycles);
    for (const CycleClass each : kAllCycleClasses)
        cycles.counts.emplace_back(cycle_class_name(each), outcome.simulation.class_cycles[index_of(each)]);
    return cycles;
}

} // namespace bru
