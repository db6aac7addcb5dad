// How many LSTM steps and machine cycles a second the simulator manages on this host: the War and Peace model with
// hidden and logit outputs, on the default machine. `steps_per_s` of the first is the figure that the README names.
#include <cstdlib>
#include <random>

#include <benchmark/benchmark.h>
#include <systemc>

#include "config/configuration.hpp"
#include "model/onnx_import.hpp"
#include "platform/simulation.hpp"

namespace {

/// Random symbols in one sequence; the machine's speed does not depend on which.
class RandomSymbols : public bru::StepSource {
public:
    RandomSymbols(std::uint64_t steps, std::uint32_t symbols) : left_(steps), symbols_(symbols) {}
    const bru::Step* next() override {
        if (left_ == 0) return nullptr;
        step_.first = first_;
        first_ = false;
        step_.last = --left_ == 0;
        step_.symbol = static_cast<std::uint32_t>(random_() % symbols_);
        return &step_;
    }

private:
    std::uint64_t left_;
    std::uint32_t symbols_;
    std::mt19937 random_{1};
    bool first_ = true;
    bru::Step step_;
};

void simulate_text(benchmark::State& state, bru::OutputKind kind) {
    const bru::Network network = bru::import_onnx(BRU_SOURCE_DIR "/models/warpeace_h256.onnx").network;
    bru::Configuration configuration;
    const bru::QuantizedNetwork quantized = bru::quantize(network, configuration.shape.formats());
    bru::SimulationOptions options;
    options.mode = {kind, bru::OutputSteps::every};
    const auto steps = static_cast<std::uint64_t>(state.range(0));
    std::uint64_t cycles = 0;
    for (auto _ : state) {
        RandomSymbols source(steps, static_cast<std::uint32_t>(network.input_size()));
        const bru::SimulationResult result =
            bru::simulate(configuration, quantized, options, source,
                          [](const bru::OutputVector& output) { benchmark::DoNotOptimize(output.values.data()); });
        cycles += result.total_cycles;
    }
    const auto count = static_cast<double>(steps) * static_cast<double>(state.iterations());
    state.counters["steps_per_s"] = benchmark::Counter(count, benchmark::Counter::kIsRate);
    state.counters["cycles_per_s"] = benchmark::Counter(static_cast<double>(cycles), benchmark::Counter::kIsRate);
}

void hidden_outputs(benchmark::State& state) { simulate_text(state, bru::OutputKind::hidden); }
void logit_outputs(benchmark::State& state) { simulate_text(state, bru::OutputKind::logits); }

} // namespace

BENCHMARK(hidden_outputs)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(logit_outputs)->Arg(10'000)->Unit(benchmark::kMillisecond);

int sc_main(int argc, char* argv[]) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}

int main(int argc, char* argv[]) {
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    return sc_core::sc_elab_and_sim(argc, argv);
}
