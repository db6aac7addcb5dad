#include "whole/runtime_timing.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <numeric>
#include <random>

#include "base/integers.hpp"
#include "host_runtime/session.hpp"
#include "model/onnx/export.hpp"

namespace bru {
namespace {

constexpr std::int64_t kLargestBatch = 256;
constexpr std::int64_t kBatchFactor = 4;
constexpr std::size_t kBatchSteps = 200; ///< of each sequence, where batches are tried
constexpr std::size_t kProbedSteps = 20;

std::vector<HostTensor> inputs_for(const TimedGraph& graph, std::int64_t batch, std::int64_t steps) {
    std::mt19937 random(1);
    std::uniform_real_distribution<double> number(-1, 1);
    std::vector<HostTensor> tensors;
    for (const GraphInput& input : graph.inputs) {
        std::vector<std::int64_t> dims = input.dims;
        for (std::int64_t& size : dims)
            if (size == 0) size = steps;
        for (const std::size_t axis : input.batch_axes) dims[axis] = batch;
        const auto type = static_cast<ElementType>(input.element_type);
        const std::int64_t size = std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
        std::vector<double> numbers(narrow<std::size_t>(size), 0.0);
        if (!is_integer(type) && !input.is_state)
            std::generate(numbers.begin(), numbers.end(), [&] { return number(random); });
        tensors.push_back(tensor_of(input.name, type, std::move(dims), numbers));
    }
    return tensors;
}

double seconds_of(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// What is run again and again: calls of so many steps.
class Calls {
public:
    Calls(const TimedGraph& graph, std::int64_t batch, int threads)
        : graph_(graph), batch_(batch), session_(graph.model, "the graph", threads) {}

    /// Seconds of the calls.
    double run(std::size_t steps, std::size_t calls) {
        if (steps != steps_) inputs_ = inputs_for(graph_, batch_, narrow<std::int64_t>(steps_ = steps));
        return seconds_of([&] {
            for (std::size_t call = 0; call < calls; ++call) session_.run_all(inputs_);
        });
    }

private:
    const TimedGraph& graph_;
    std::int64_t batch_;
    HostSession session_;
    std::vector<HostTensor> inputs_;
    std::size_t steps_ = 0;
};

} // namespace

TimedGraph graph_of(const Network& network) {
    GraphInput input;
    input.name = network.input_name;
    input.element_type = static_cast<int>(ElementType::float32);
    input.dims = {0, 1, network.input_size()};
    input.batch_axes = {1};
    return {with_open_axis(onnx_model(network), 1), {input}, 0};
}

bool has_open_batch(const TimedGraph& graph) {
    return std::any_of(graph.inputs.begin(), graph.inputs.end(),
                       [](const GraphInput& input) { return !input.batch_axes.empty(); });
}

StepTiming time_in_onnx_runtime(const TimedGraph& graph, std::int64_t batch, std::size_t most_steps, int threads,
                                int repeats) {
    Calls calls(graph, batch, threads);
    const bool is_fixed = graph.steps_per_call > 0;
    std::size_t steps = is_fixed ? narrow<std::size_t>(graph.steps_per_call) : std::min(kProbedSteps, most_steps);
    calls.run(steps, 1); // warms up
    const double step_seconds = std::max(calls.run(steps, 1), 1e-9) / real(steps);
    const auto affordable = static_cast<std::size_t>(kSecondsPerRepeat / step_seconds);
    if (!is_fixed) steps = std::clamp(affordable, steps, most_steps);
    const std::size_t count = is_fixed ? std::max<std::size_t>(1, std::min(affordable, most_steps) / steps) : 1;
    calls.run(steps, count);
    StepTiming timing;
    timing.steps = steps * count;
    const double us_over_steps = 1e6 / real(timing.steps) / real(batch);
    for (int repeat = 0; repeat < repeats; ++repeat) {
        const std::clock_t begin = std::clock();
        timing.step_us.push_back(calls.run(steps, count) * us_over_steps);
        timing.processor_us.push_back(real(std::clock() - begin) / CLOCKS_PER_SEC * us_over_steps);
    }
    return timing;
}

BatchTiming time_best_batch(const TimedGraph& graph, std::size_t most_steps, int threads, int repeats) {
    BatchTiming best;
    for (std::int64_t batch = 1; batch <= kLargestBatch; batch *= kBatchFactor) {
        StepTiming timing = time_in_onnx_runtime(graph, batch, std::min(most_steps, kBatchSteps), threads, repeats);
        if (best.timing.step_us.empty() || median(timing.step_us) < median(best.timing.step_us))
            best = {batch, std::move(timing)};
    }
    return best;
}

} // namespace bru
