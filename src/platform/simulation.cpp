#include "platform/simulation.hpp"

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <systemc>

#include "accelerator/axi_dma.hpp"
#include "base/error.hpp"
#include "base/integers.hpp"
#include "machine/core_shape.hpp"
#include "machine/registers.hpp"
#include "modules/core.hpp"
#include "platform/bru_system.hpp"
#include "platform/host_software.hpp"
#include "platform/kernel_scope.hpp"
#include "platform/network_placement.hpp"
#include "platform/timeline_recorder.hpp"

namespace bru {

namespace {

constexpr double kCycleTolerance = 1e-6; ///< 0.29 us at 200 MHz are 58 cycles, though the product is below 58

/// Records the rising edges of the core's interrupt.
class InterruptObserver : public sc_core::sc_module {
public:
    SC_HAS_PROCESS(InterruptObserver);
    InterruptObserver(const sc_core::sc_module_name& name, const BruSystem& system, PortRecord* record)
        : sc_module(name), record_(record) {
        if (record == nullptr) return;
        SC_METHOD(observe);
        sensitive << system.core_interrupt().posedge_event();
        dont_initialize();
    }

private:
    void observe() { record_->interrupt_cycles.push_back(current_cycle()); }

    PortRecord* record_;
};

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

SimulationResult simulate(const Configuration& given, const QuantizedNetwork& network, const SimulationOptions& options,
                          StepSource& steps, const OutputSink& sink) {
    Configuration configuration = given;
    const NetworkPlacement placement = resolved_placement(given, network, options.mode);
    configuration.shape = placement.shape;
    const NetworkImage image = make_network_image(placement, network, options.mode, !options.timing_only);
    StepEncoder encoder(configuration.shape, *network.network, image);
    std::optional<Cycle> deadline;
    if (options.deadline_us > 0)
        deadline = static_cast<Cycle>(std::floor(options.deadline_us * configuration.clock_mhz + kCycleTolerance));
    const OutputSink no_sink;
    OutputAssembler outputs(image, narrow<int>(configuration.shape.activation_bits), deadline,
                            options.timing_only ? no_sink : sink);
    if (const auto streams = narrow<std::size_t>(configuration.shape.streams); streams > 1)
        outputs.record_streams(streams);
    HostTask task{configuration, image, *network.network, options, steps, encoder, outputs};

    std::optional<SaturatedValues> saturated;
    std::exception_ptr failure = nullptr;
    const auto begin = std::chrono::steady_clock::now();
    {
        const KernelScope kernel;
        BruSystem system("bru", configuration, image.has_values, options.core,
                         [&task](const bru_port& port, const bru_addresses& addresses) {
                             HostSoftware(task, port, addresses).run();
                         });
        // Observers on the streams: which beat of a step or of an output vector passes.
        bool started = false;
        int input_beats = 0;
        std::size_t output_beats = 0;
        task.on_start = [&](Cycle) { started = true; };
        system.accelerator.dma().mm2s.on_transfer = [&](const Cycle* cycles, std::size_t count) {
            if (options.record != nullptr)
                options.record->input_cycles.insert(options.record->input_cycles.end(), cycles, cycles + count);
            if (!started || options.timed_arrivals) return;
            for (std::size_t beat = 0; beat < count; ++beat) {
                if (input_beats == 0) outputs.step_arrived(cycles[beat]);
                if (++input_beats == image.beats_per_input_step) input_beats = 0;
            }
        };
        system.accelerator.dma().s2mm.on_transfer = [&](const Cycle* cycles, std::size_t count) {
            if (options.record != nullptr)
                options.record->output_cycles.insert(options.record->output_cycles.end(), cycles, cycles + count);
            // output_beats: of the vector under way, before the first of these.
            const std::size_t vector_beats = image.beats_per_output_vector;
            std::size_t last_of_vector = vector_beats - 1 - output_beats;
            for (; last_of_vector < count; last_of_vector += vector_beats) outputs.vector_left(cycles[last_of_vector]);
            output_beats = count + vector_beats - 1 - last_of_vector;
        };
        const InterruptObserver observer("interrupt_observer", system, options.record);
        if (options.signals != nullptr) system.accelerator.core().record_signals(*options.signals);
        std::optional<TimelineRecorder> timeline;
        if (options.timeline != nullptr)
            timeline.emplace(*options.timeline, system, CoreShape(configuration.shape), network);
        if (options.vectors != nullptr) {
            system.accelerator.core().observe_vectors(*options.vectors);
            outputs.record_times(*options.vectors);
        }
        if (options.most_cycles > 0)
            sc_core::sc_start(cycles_to_time(options.most_cycles));
        else
            sc_core::sc_start();
        if (options.signals != nullptr) {
            system.accelerator.core().finish_signals(current_cycle());
            options.signals->ends_at(current_cycle());
        }
        if (timeline) timeline->finish(task.count_end);
        saturated = system.accelerator.core().saturated_values();
        failure = system.zynq_ps.failure();
    }
    if (failure) std::rethrow_exception(failure);
    if (!task.finished)
        throw NotFinished(options.most_cycles > 0
                              ? fmt::format("the run did not end within {} cycles", options.most_cycles)
                              : "the run stopped before its last output");

    if (options.record != nullptr) options.record->counters = task.counters;
    SimulationResult result;
    result.host_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    result.total_cycles = task.total_cycles;
    for (std::size_t k = 0; k < kCycleClasses; ++k) result.class_cycles[k] = task.counters[k];
    result.steps = task.input_steps;
    result.sequences = outputs.sequences();
    result.output_vectors = outputs.outputs();
    result.active_cycles = task.counters[kCounterLastOutput] - task.counters[kCounterFirstInput] + 1;
    for (const LoadRegion& region : image.regions) result.load_beats += region.beat_count;
    result.saturated_inputs = encoder.saturated_inputs();
    if (saturated) result.saturations = saturations_of(*saturated, network, options.mode.kind, result);
    result.latency = latency_statistics(outputs.latency_record(), configuration);
    for (const OutputAssembler::StreamRecord& stream : outputs.streams())
        result.streams.push_back({stream.steps, latency_statistics(stream.latencies, configuration)});
    result.one_bit_macs_per_step = one_bit_macs(network, options.mode);
    return result;
}

} // namespace bru
