// One simulation: a configured BRU on its Zynq (or several of them), a quantized network, a stream of steps. The only
// door through which the command line, sweeps and tests run the machine.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "machine/cycle_class.hpp"
#include "model/quantized_network.hpp"
#include "model/step.hpp"
#include "observe/observer.hpp"
#include "observe/signal_trace.hpp"
#include "observe/timeline.hpp"
#include "reference/reference.hpp"

namespace bru {

/// The SystemC model, or the Verilated RTL behind the same sockets.
enum class CoreKind { systemc, rtl };

/// Every event at the core's ports, for comparing cores cycle by cycle.
struct PortRecord {
    std::vector<std::uint64_t> input_cycles;     ///< transfer of each beat, loads included
    std::vector<std::uint64_t> output_cycles;    ///< transfer of each beat
    std::vector<std::uint64_t> output_beats;     ///< their data, paddings included
    std::vector<std::uint64_t> output_packets;   ///< beats of each packet (TLAST ends one)
    std::vector<std::uint64_t> interrupt_cycles; ///< rising edges
    std::array<std::uint64_t, 10> counters{};    ///< as the host read them
};

/// When each vector was issued and when its output left, for figures of a machine in steady state.
struct VectorTimes : VectorObserver {
    struct Issued {
        std::uint32_t descriptor = 0;
        std::uint64_t step = 0; ///< since the start; in sequence mode, of the vector's input
        Cycle first_chunk = 0;
        Cycle end = 0;                                      ///< the cycle after the issue of its last chunk
        std::array<std::uint64_t, kCycleClasses> classes{}; ///< of its cycles, waits before the first chunk included
        std::uint64_t source_wait_cycles = 0;               ///< of state_wait: for values that another
        std::uint32_t source_descriptor = 0;                ///< descriptor computes
    };
    std::vector<Issued> issued;
    std::vector<Cycle> output_arrivals; ///< per output: arrival of its step (back to back: acceptance)
    std::vector<Cycle> outputs;         ///< per output: the cycle of its last beat

    void vector_issued(const IssuedVector& vector) override;
};

/// Who looks at one core. What is given is filled in.
struct CoreObservers {
    PortRecord* record = nullptr;   ///< grows with the run
    SignalTrace* signals = nullptr; ///< cycles from the start of the simulation
    Timeline* timeline = nullptr;   ///< the SystemC core only
    VectorTimes* vectors = nullptr; ///< grows with the run; the SystemC core only
};

/// The cores of a chip share the steps of a trace: stream s belongs to core s mod N, where it has the number s / N; or
/// the sequences of the only stream go to the cores in turn (deals_sequences).
struct SimulationOptions {
    OutputMode mode;
    bool timed_arrivals = false; ///< steps enter the machine no earlier than their arrival_us
    double deadline_us = 0;      ///< > 0: outputs later than this after their step's arrival are counted
    CoreKind core = CoreKind::systemc;
    /// Nothing is computed but cycles: outputs are not delivered, saturated inputs not counted, the values of steps not
    /// looked at. Every cycle of the result equals that of a whole simulation. SystemC core only.
    bool timing_only = false;
    CoreObservers observers = {};                ///< of the only core, or of core 0
    std::vector<CoreObservers> other_cores = {}; ///< of core 1 and so on; may be shorter than there are cores
    bool deals_sequences = false;                ///< of no effect on a chip with one core
    /// Where given, the host sends the first inputs, lets so many cycles pass, and only then writes `start`.
    std::optional<std::uint64_t> start_delay_cycles = std::nullopt;
    std::uint64_t most_cycles = 0; ///< > 0: a run that is longer ends with NotFinished

    CoreObservers observers_of(std::size_t number) const {
        if (number == 0) return observers;
        return number <= other_cores.size() ? other_cores[number - 1] : CoreObservers();
    }
};

/// A core that hangs: no input makes it do so, only a fault of the core.
class NotFinished : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct LatencyStatistics {
    std::uint64_t count = 0;
    double mean_us = 0;
    double p50_us = 0;
    double p99_us = 0;
    double max_us = 0;
    std::uint64_t missed_deadlines = 0;
};

/// What one stream got.
struct StreamResult {
    std::uint64_t steps = 0;
    LatencyStatistics latency;
};

/// What one of several cores did. A core that has no steps is idle, and is not loaded.
struct CoreResult {
    /// Sums to the cycles of the whole run: while the core does not count yet, it waits for its network (weight_load),
    /// and after it has counted it is idle.
    ClassCycles class_cycles{};
    std::uint64_t steps = 0;
    std::uint64_t sequences = 0;
    std::uint64_t output_vectors = 0;
    LatencyStatistics latency;
};

struct SimulationResult {
    std::uint64_t total_cycles = 0; ///< first register write to last interrupt served
    /// Sums to total_cycles; of several cores the mean, rounded so that the sum is exact.
    ClassCycles class_cycles{};
    std::uint64_t steps = 0;
    std::uint64_t sequences = 0;
    std::uint64_t output_vectors = 0;
    std::uint64_t active_cycles = 0; ///< first input accepted to last output beat: fills and empties the pipeline, too
    std::uint64_t load_beats = 0;    ///< of the network's weights, scales, biases and tables
    std::uint64_t saturated_inputs = 0;
    std::optional<Saturations> saturations; ///< where the core tells them
    LatencyStatistics latency;              ///< of all streams
    std::vector<StreamResult> streams;      ///< of a machine with several; in the order of their numbers
    std::vector<CoreResult> cores;          ///< of a chip with several
    double one_bit_macs_per_step = 0; ///< one-bit multiply-accumulates of all planes, network's own sizes (no padding)
    double host_seconds = 0;          ///< wall time of the simulation itself
};

/// Outputs arrive in sequence and step order; the reference is valid during the call. An empty one is not called.
using OutputSink = std::function<void(const OutputVector&)>;

/// The shape with every `auto` depth replaced by what the network needs. Throws InputError where a given
/// depth is too small for the network, or the network can't be placed (descriptors, sequence length...).
Shape resolve_shape(const Configuration& configuration, const QuantizedNetwork& network, OutputMode mode);

/// Elaborates the machine, runs it over all steps, takes it down. Can be called again and again in one
/// process, not from two threads. Throws InputError on bad input, NotFinished where the core hangs.
SimulationResult simulate(const Configuration& configuration, const QuantizedNetwork& network,
                          const SimulationOptions& options, StepSource& steps, const OutputSink& sink);

} // namespace bru
