#include "platform/simulation.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <systemc>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "machine/registers.hpp"
#include "platform/bru_system.hpp"
#include "platform/core_run.hpp"
#include "platform/kernel_scope.hpp"
#include "platform/network_placement.hpp"
#include "platform/step_dealer.hpp"

namespace bru {

namespace {

constexpr double kCycleTolerance = 1e-6; ///< 0.29 us at 200 MHz are 58 cycles, though the product is below 58

double one_bit_macs(const QuantizedNetwork& network, OutputMode mode) {
    double macs = 0;
    const auto add = [&](const QuantizedRows& rows, double rows_with_weights) {
        for (const QuantizedPart& part : rows.parts) macs += rows_with_weights * part.planes() * part.size();
    };
    for (const QuantizedLayer& layer : network.layers) // of a GRU's four rows each part has three
        for (const QuantizedDirection& direction : layer.directions)
            add(direction.rows, real(layer.cell == CellKind::gru ? 3 * layer.hidden_size : direction.rows.row_count()));
    if (network.dense && mode.kind != OutputKind::hidden) add(*network.dense, real(network.dense->row_count()));
    return macs;
}

} // namespace

namespace {

/// With how many values there were: every layer has its sums and cells in every step.
Saturations saturations_of(const SaturatedValues& saturated, const QuantizedNetwork& quantized, OutputKind kind,
                           const SimulationResult& result) {
    const Network& network = *quantized.network;
    Saturations all;
    if (network.input_encoding != InputEncoding::one_hot)
        all.inputs = {result.steps * static_cast<std::uint64_t>(network.input_size()), result.saturated_inputs};
    for (const LstmLayer& layer : network.layers)
        all.cells.values += result.steps * static_cast<std::uint64_t>(layer.hidden_size * layer.direction_count());
    all.sums = {kGates * all.cells.values, saturated.sums};
    all.cells.saturated = saturated.cells;
    if (network.dense && kind != OutputKind::hidden)
        all.logits = {result.output_vectors * static_cast<std::uint64_t>(network.dense->weights.rows),
                      saturated.logits};
    return all;
}

LatencyStatistics latency_statistics(const LatencyRecord& record, const Configuration& configuration) {
    const LatencyHistogram& latencies = record.histogram();
    LatencyStatistics statistics;
    statistics.count = latencies.count();
    statistics.mean_us = configuration.us(latencies.mean());
    statistics.p50_us = configuration.us(real(latencies.percentile(0.50)));
    statistics.p99_us = configuration.us(real(latencies.percentile(0.99)));
    statistics.max_us = configuration.us(real(latencies.max()));
    statistics.missed_deadlines = record.missed_deadlines();
    return statistics;
}

} // namespace

void VectorTimes::vector_issued(const IssuedVector& vector) {
    issued.push_back({vector.vector.descriptor_index, vector.vector.input_step, vector.first_chunk, vector.end,
                      vector.classes, vector.source_wait_cycles, vector.source_descriptor});
}

Shape resolve_shape(const Configuration& configuration, const QuantizedNetwork& network, OutputMode mode) {
    return resolved_placement(configuration, network, mode).shape;
}

namespace {

using CoreRuns = std::deque<CoreRun>;

/// The observers of the cores go before the system and the kernel, where an exception ends the simulation, too.
class ObserversInKernel {
public:
    explicit ObserversInKernel(CoreRuns& runs) : runs_(runs) {}
    ObserversInKernel(const ObserversInKernel&) = delete;
    ObserversInKernel& operator=(const ObserversInKernel&) = delete;
    ~ObserversInKernel() {
        for (CoreRun& run : runs_) run.drop_observers();
    }

private:
    CoreRuns& runs_;
};

/// Runs the kernel until the last task has ended.
void run_kernel(const SimulatedMachine& machine, CoreRuns& runs) {
    std::exception_ptr failure = nullptr;
    {
        const KernelScope kernel;
        std::vector<HostProgram> programs;
        for (CoreRun& run : runs) programs.push_back(run.program());
        BruSystem system("bru", machine.configuration, machine.image.has_values, machine.options.core,
                         std::move(programs));
        StartLine start_line(static_cast<std::size_t>(
            std::count_if(runs.begin(), runs.end(), [](const CoreRun& run) { return run.task().has_steps; })));
        const ObserversInKernel observers(runs);
        for (std::size_t core = 0; core < runs.size(); ++core)
            runs[core].observe(*system.cores[core], runs.size() > 1 ? &start_line : nullptr);
        if (machine.options.most_cycles > 0)
            sc_core::sc_start(system.clock.duration(machine.options.most_cycles));
        else
            sc_core::sc_start();
        for (CoreRun& run : runs) run.end_observation();
        failure = system.failure();
    }
    if (failure) std::rethrow_exception(failure);
    for (const CoreRun& run : runs)
        if (!run.task().finished)
            throw NotFinished(machine.options.most_cycles > 0
                                  ? fmt::format("the run did not end within {} cycles", machine.options.most_cycles)
                                  : "the run stopped before its last output");
}

/// The cycles in which any of the cores counted.
struct Counted {
    Cycle begin = ~Cycle{0};
    Cycle end = 0;
    Cycle first_input = ~Cycle{0};
    Cycle last_output = 0;
};

Counted counted_by(const CoreRuns& runs) {
    Counted counted;
    for (const CoreRun& run : runs) {
        const HostTask& task = run.task();
        if (!task.has_steps) continue;
        counted.begin = std::min(counted.begin, task.count_begin);
        counted.end = std::max(counted.end, task.count_end);
        counted.first_input = std::min(counted.first_input, task.count_begin + task.counters[kCounterFirstInput]);
        counted.last_output = std::max(counted.last_output, task.count_begin + task.counters[kCounterLastOutput]);
    }
    return counted;
}

ClassCycles classes_of(const HostTask& task, const Counted& counted) {
    ClassCycles classes{};
    if (task.has_steps) {
        std::copy_n(task.counters.begin(), kCycleClasses, classes.begin());
        classes[index_of(CycleClass::weight_load)] += task.count_begin - counted.begin;
        classes[index_of(CycleClass::idle)] += counted.end - task.count_end;
    } else {
        classes[index_of(CycleClass::idle)] = counted.end - counted.begin;
    }
    return classes;
}

/// Rounded down, with the sum of all classes before each taken along, so that the rounded ones sum exactly.
ClassCycles mean_of(const std::vector<ClassCycles>& of_cores) {
    ClassCycles mean{};
    std::uint64_t sum = 0;
    std::uint64_t rounded = 0;
    for (std::size_t k = 0; k < kCycleClasses; ++k) {
        for (const ClassCycles& classes : of_cores) sum += classes[k];
        mean[k] = sum / of_cores.size() - rounded;
        rounded += mean[k];
    }
    return mean;
}

std::optional<SaturatedValues> saturated_of(const CoreRuns& runs) {
    std::optional<SaturatedValues> sum;
    for (const CoreRun& run : runs) {
        const std::optional<SaturatedValues>& one = run.saturated_values();
        if (!one) return std::nullopt;
        if (!sum) sum.emplace();
        sum->sums += one->sums;
        sum->cells += one->cells;
        sum->logits += one->logits;
    }
    return sum;
}

/// By the numbers of the trace.
std::vector<StreamResult> streams_of(const CoreRuns& runs, const Configuration& configuration) {
    std::vector<StreamResult> streams;
    for (std::size_t stream = 0; stream < narrow<std::size_t>(configuration.shape.streams); ++stream)
        for (const CoreRun& run : runs) {
            const OutputAssembler::StreamRecord& record = run.outputs().streams()[stream];
            streams.push_back({record.steps, latency_statistics(record.latencies, configuration)});
        }
    return streams;
}

/// The steps of a trace, dealt to the cores of the chip.
struct Shares {
    Shares(const SimulatedMachine& machine, StepSource& steps, const OutputSink& sink) {
        const auto cores = narrow<std::size_t>(machine.configuration.platform.cores);
        if (cores == 1) {
            runs.emplace_back(machine, 0, steps, sink);
            return;
        }
        dealer.emplace(steps, cores, machine.options, sink);
        for (std::size_t core = 0; core < cores; ++core) {
            OutputSink of_core;
            if (sink) of_core = [this, core](const OutputVector& output) { dealer->take_output(core, output); };
            runs.emplace_back(machine, core, dealer->steps_of(core), of_core);
            // Core 0 tells where there are none at all.
            if (core > 0 && !dealer->has_steps(core)) runs.back().has_no_steps();
        }
    }
    Shares(const Shares&) = delete;
    Shares& operator=(const Shares&) = delete;

    void finish() {
        if (dealer) dealer->finish();
    }

    std::optional<StepDealer> dealer;
    CoreRuns runs;
};

SimulationResult result_of(const SimulatedMachine& machine, const CoreRuns& runs, bool has_streams) {
    const Configuration& configuration = machine.configuration;
    const Counted counted = counted_by(runs);
    SimulationResult result;
    result.total_cycles = counted.end - counted.begin;
    result.active_cycles = counted.last_output - counted.first_input + 1;
    LatencyRecord latencies;
    std::vector<ClassCycles> classes;
    for (const CoreRun& run : runs) {
        const OutputAssembler& outputs = run.outputs();
        result.steps += run.task().input_steps;
        result.sequences += outputs.sequences();
        result.output_vectors += outputs.outputs();
        result.saturated_inputs += run.saturated_inputs();
        latencies.add(outputs.latency_record());
        classes.push_back(classes_of(run.task(), counted));
        if (runs.size() > 1)
            result.cores.push_back({classes.back(), run.task().input_steps, outputs.sequences(), outputs.outputs(),
                                    latency_statistics(outputs.latency_record(), configuration)});
    }
    result.class_cycles = mean_of(classes);
    result.latency = latency_statistics(latencies, configuration);
    if (has_streams) result.streams = streams_of(runs, configuration);
    for (const LoadRegion& region : machine.image.regions) result.load_beats += region.beat_count;
    if (const auto saturated = saturated_of(runs))
        result.saturations = saturations_of(*saturated, machine.network, machine.options.mode.kind, result);
    result.one_bit_macs_per_step = one_bit_macs(machine.network, machine.options.mode);
    return result;
}

} // namespace

SimulationResult simulate(const Configuration& given, const QuantizedNetwork& network, const SimulationOptions& options,
                          StepSource& steps, const OutputSink& sink) {
    Configuration configuration = given;
    const NetworkPlacement placement = resolved_placement(given, network, options.mode);
    configuration.shape = placement.shape;
    const NetworkImage image = make_network_image(placement, network, options.mode, !options.timing_only);
    std::optional<Cycle> deadline;
    if (options.deadline_us > 0)
        deadline = static_cast<Cycle>(std::floor(options.deadline_us * configuration.clock_mhz + kCycleTolerance));
    const SimulatedMachine machine{configuration, network, image, options, deadline};
    const OutputSink wanted = options.timing_only ? OutputSink() : sink;

    Shares shares(machine, steps, wanted);
    CoreRuns& runs = shares.runs;
    const std::size_t cores = runs.size();
    const bool has_streams = configuration.streams() > 1 && !(cores > 1 && options.deals_sequences);
    if (has_streams)
        for (CoreRun& run : runs) run.record_streams(narrow<std::size_t>(configuration.shape.streams));

    const auto begin = std::chrono::steady_clock::now();
    run_kernel(machine, runs);
    shares.finish();
    SimulationResult result = result_of(machine, runs, has_streams);
    result.host_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return result;
}

} // namespace bru
