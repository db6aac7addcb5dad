// Is the exported model the trained one? Read back by the project's importer and run by its float execution.
#include <cstdio>

#include "catch_and_torch.hpp"

#include "model/onnx/import.hpp"
#include "reference/predictions.hpp"
#include "tasks.hpp"
#include "train/matrix_product.hpp"
#include "train/onnx_export.hpp"
#include "train/results.hpp"
#include "train/training.hpp"

using namespace bru::train;

namespace {

Result trained(const Settings& settings, Task& task) {
    Training training(settings, true, task);
    while (!training.finished()) training.step(0);
    return result_of(training, task);
}

/// Scores the model file on steps, as `bru run --predictions` does in its column "float".
bru::PredictionScore score(const std::string& path, const std::vector<bru::Step>& steps) {
    const bru::Network network = bru::import_onnx(path).network;
    bru::PredictionScorer scorer({bru::OutputKind::logits, network.graph_output.steps});
    bru::FloatExecution execution(network, {bru::OutputKind::logits, network.graph_output.steps});
    bru::StepList list(steps);
    bru::LabelTap tap(list, scorer);
    execution.run(tap, [&](const bru::FloatOutputVector& output) { scorer.score(output); });
    return scorer.result();
}

const std::string kPath = "train_export_test.onnx";

} // namespace

TEST_CASE("an exported text model predicts as the trained one") {
    TextTask task = text_task(20000);
    Settings settings = small_settings(150);
    settings.layers = GENERATE(1, 2);
    settings.cell = GENERATE("lstm", "gru");
    settings.scale_rule = GENERATE("learned", "mean", "loss-aware");
    settings.dense_bits = settings.layers == 1 ? 6 : 1;
    settings.batch_norm = settings.scale_rule == "learned" && GENERATE(false, true);
    const Result result = trained(settings, task);
    write_onnx(kPath, result.shape, result.weights, settings.dense_bits, {{"input_encoding", "onehot"}});

    const bru::Network network = bru::import_onnx(kPath).network;
    CHECK(network.layers.size() == static_cast<std::size_t>(settings.layers));
    for (const bru::LstmLayer& layer : network.layers)
        CHECK((layer.directions[0].input.planes == 1 && layer.directions[0].recurrent.planes == 1));
    CHECK(network.dense->weights.planes == settings.dense_bits);

    std::vector<bru::Step> steps;
    const Text text = text_from(made_up_text(20000), "made up");
    for (std::int64_t at = task.begin(Split::test); at + 1 < task.end(Split::test); ++at) {
        bru::Step step;
        step.first = steps.empty();
        step.symbol = static_cast<std::uint32_t>(text.symbols[static_cast<std::size_t>(at)]);
        step.label = text.symbols[static_cast<std::size_t>(at) + 1];
        steps.push_back(step);
    }
    steps.back().last = true;
    const bru::PredictionScore there = score(kPath, steps);
    CHECK(there.scored == static_cast<std::uint64_t>(result.test.count));
    CHECK(*there.nats == Approx(result.test.nats).margin(1e-4));
    CHECK(*there.accuracy() == Approx(result.test.accuracy).margin(2e-3));
    std::remove(kPath.c_str());
}

TEST_CASE("an exported classifier predicts as the trained one") {
    LabelledSequences data = made_up_sequences(200, 3);
    SequenceTask task(data, {20, 0, 1});
    Settings settings = small_settings(100);
    settings.batch = 20;
    settings.layers = GENERATE(1, 2);
    settings.cell = GENERATE("lstm", "gru");
    settings.bidirectional = GENERATE(false, true);
    const Result result = trained(settings, task);
    write_onnx(kPath, result.shape, result.weights, settings.dense_bits, {{"input_encoding", "vector"}});
    std::vector<bru::Step> steps;
    for (const std::int64_t member : task.test_sequences()) {
        const at::Tensor& sequence = data.sequences[static_cast<std::size_t>(member)];
        for (std::int64_t t = 0; t < sequence.size(0); ++t) {
            bru::Step step;
            step.first = t == 0;
            step.last = t + 1 == sequence.size(0);
            for (std::int64_t k = 0; k < sequence.size(1); ++k)
                step.values.push_back(sequence.data_ptr<float>()[t * sequence.size(1) + k]);
            if (step.last) step.label = data.labels[static_cast<std::size_t>(member)];
            steps.push_back(step);
        }
    }
    const bru::PredictionScore there = score(kPath, steps);
    CHECK(there.scored == 20);
    CHECK(*there.nats == Approx(result.test.nats).margin(1e-4));
    CHECK(*there.accuracy() == Approx(result.test.accuracy));
    std::remove(kPath.c_str());
}
