// What a run is made of, as plain data: a command line, a sweep file, a co-simulation case or a test fills it in, and
// run/run.hpp makes the outcome from it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "config/configuration.hpp"
#include "model/network.hpp"
#include "model/onnx/import.hpp"
#include "platform/simulation.hpp"

namespace bru {

/// The network that runs: read from an ONNX file, or one that is in memory already.
struct ModelSpecification {
    std::string path;
    ImportOptions quantization;             ///< what was asked for
    std::shared_ptr<const Network> network; ///< where it is given, no file is read
};

/// What leaves the machine. What is absent is as the graph has it.
struct OutputSpecification {
    std::optional<std::string> kind;  ///< hidden, logits, argmax
    std::optional<std::string> steps; ///< every, last, final

    static OutputSpecification of(OutputMode mode);
};

/// What the machine runs over: a trace file, or steps made from a seed, which are enough for cycles.
struct TraceSpecification {
    std::string path;                        ///< "": random steps
    std::optional<std::uint64_t> most_steps; ///< only so many from the beginning of the file
    std::uint64_t random_steps = 1000;       ///< where there is no file, over all streams of the machine
};

/// Steps of a random sequence where a layer is reverse or bidirectional, fewer where the machine takes fewer; other
/// networks get one sequence without end.
inline constexpr std::int64_t kRandomSequenceSteps = 32;

struct RunSpecification {
    Configuration configuration; ///< depths as given; check_shape() has accepted it
    ModelSpecification model;
    OutputSpecification output;
    TraceSpecification trace; ///< Run::execute() without steps of its own reads it
    CoreKind core = CoreKind::systemc;
    bool timing_only = false;      ///< cycles and latencies, but no values; SystemC core only
    bool compare_golden = false;   ///< outputs are compared with the golden file beside the trace
    bool figures = false;          ///< of the machine in steady state and of its response (run/machine_figures.hpp)
    bool on_device = true;         ///< the device file is read, the weights must fit, and the outcome has estimates
    double deadline_us = 0;        ///< > 0: outputs later than this after the arrival of their step are counted
    std::uint64_t most_cycles = 0; ///< > 0: a run that is longer ends with NotFinished
    std::optional<std::uint64_t> start_delay_cycles; ///< SimulationOptions::start_delay_cycles
};

/// The same machine, model and output, for its timing alone, whatever the device has room for.
inline RunSpecification for_timing_alone(const RunSpecification& specification) {
    RunSpecification timing;
    timing.configuration = specification.configuration;
    timing.model = specification.model;
    timing.output = specification.output;
    timing.timing_only = true;
    timing.on_device = false;
    return timing;
}

} // namespace bru
