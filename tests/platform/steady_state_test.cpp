// How many cycles does a step of the character model cost in steady state? A guard for the two figures that the design
// promises: 287 with its hidden vectors leaving, 480 with 82 logits of six planes.
#include "support/catch.hpp"

#include <numeric>

#include "support/core_bench.hpp"

using namespace bru;
using namespace bru::test;

namespace {

/// 82 one-hot inputs, 256 units, on the default machine: L = 64, W = 16, E = 2, so U = 16, D = 8, I = 8, T = 2.
NetworkRecipe character_model() {
    NetworkRecipe recipe;
    recipe.inputs = 82;
    recipe.hidden_sizes = {256};
    recipe.one_hot = true;
    recipe.dense_outputs = 82;
    recipe.dense_planes = 6;
    return recipe;
}

std::vector<Cycle> distances(const BenchRecord& record, std::size_t vectors) {
    std::vector<Cycle> result;
    for (std::size_t k = 1; k < vectors; ++k) result.push_back(record.vector(k) - record.vector(k - 1));
    return result;
}

} // namespace

TEST_CASE("hidden vectors of the character model leave every 287 cycles") {
    // 16 row groups of 1 + 16 chunks: 272. The last group's chunks issue until t, its scale_bias begins in t (its x
    // part was 16 chunks earlier), its last slice is final from t + 23 + 2 + 7 = t + 32. The next step's x chunk issues
    // in t + 1, the 16 h chunks from t + 2 on; the last one is wanted in t + 17 and waits 15 cycles. 272 + 15 = 287.
    const BenchRecord record = run_core(character_model(), {}, {OutputKind::hidden, OutputSteps::every}, {50});
    CHECK(distances(record, 50) == std::vector<Cycle>(49, 287));
    CHECK(record.classes(CycleClass::compute) == 50 * 272);
    CHECK(record.classes(CycleClass::state_wait) == 49 * 15);
    CHECK(record.classes(CycleClass::update_wait) == 0);
    CHECK(record.classes(CycleClass::output_wait) == 0);
    CHECK(record.classes(CycleClass::input_wait) == 3); // before the first chunk
}

TEST_CASE("logits of the character model leave every 480 cycles") {
    // The dense layer adds 2 groups x 16 chunks x 6 planes = 192. It wants the last h chunk in t + 16, 16 cycles before
    // it is final; the next step's LSTM then finds all of h. 272 + 192 + 16 = 480.
    const BenchRecord record = run_core(character_model(), {}, {OutputKind::logits, OutputSteps::every}, {50});
    CHECK(distances(record, 50) == std::vector<Cycle>(49, 480));
    CHECK(record.classes(CycleClass::state_wait) == 50 * 16);
    CHECK(record.classes(CycleClass::update_wait) == 0);
    CHECK(record.classes(CycleClass::output_wait) == 0);
    CHECK(record.classes(CycleClass::input_wait) == 3); // before the first chunk
}

TEST_CASE("argmax costs no more than logits") {
    const BenchRecord record = run_core(character_model(), {}, {OutputKind::argmax, OutputSteps::every}, {20});
    CHECK(distances(record, 20) == std::vector<Cycle>(19, 480));
}

TEST_CASE("the whole system keeps the core's pace: DMA and DDR hide behind it") {
    const Network network = random_network(character_model(), 7);
    const QuantizedNetwork quantized = quantize(network, NumberFormats{});
    const auto run = [&](OutputKind kind, int steps) {
        const std::vector<Step> stream = random_steps(network, {steps}, 8);
        StepList source(stream);
        SimulationOptions options;
        options.mode = {kind, OutputSteps::every};
        return simulate({}, quantized, options, source, [](const OutputVector&) {});
    };
    // From one length to the next, only whole steps are added.
    const SimulationResult a = run(OutputKind::hidden, 500);
    const SimulationResult b = run(OutputKind::hidden, 700);
    CHECK(b.class_cycles[1] - a.class_cycles[1] == 200 * 272);
    CHECK(b.class_cycles[3] - a.class_cycles[3] == 200 * 15);
    CHECK(b.class_cycles[5] == 0);
    CHECK(b.active_cycles < 288 * b.steps);
    CHECK(run(OutputKind::logits, 500).active_cycles < 481 * 500);
}
