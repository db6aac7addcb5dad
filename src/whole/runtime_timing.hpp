// How long ONNX Runtime takes over a step of a graph on this host.
#pragma once

#include <string>
#include <vector>

#include "model/onnx/whole_model.hpp"
#include "reference/step_timing.hpp"

namespace bru {

/// A graph that is measured.
struct TimedGraph {
    std::string model; ///< bytes of an ONNX file
    std::vector<GraphInput> inputs;
    std::int64_t steps_per_call = 0; ///< 0: the length of the sequence decides
};

/// The network as a graph of its own, with an open batch.
TimedGraph graph_of(const Network& network);

/// Whether the file leaves the batch open.
bool has_open_batch(const TimedGraph& graph);

/// Calls with random inputs, and zero for states and whole numbers: `batch` sequences of at most `most_steps` steps
/// each. Times are per step of one sequence. Throws InputError where ONNX Runtime is missing or refuses the graph.
StepTiming time_in_onnx_runtime(const TimedGraph& graph, std::int64_t batch, std::size_t most_steps, int threads,
                                int repeats);

struct BatchTiming {
    std::int64_t batch = 1;
    StepTiming timing;
};

/// The batch with the shortest time per step among 1, 4, 16 and so on.
BatchTiming time_best_batch(const TimedGraph& graph, std::size_t most_steps, int threads, int repeats);

} // namespace bru
