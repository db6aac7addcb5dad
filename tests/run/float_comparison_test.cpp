// Does the float network beside a run find where they part, and score its predictions?
#include "support/catch.hpp"

#include <cmath>

#include "reference/float_execution.hpp"
#include "run/float_comparison.hpp"
#include "support/shipped.hpp"

using namespace bru;
using namespace bru::test;

namespace {

RunSpecification warpeace() {
    RunSpecification specification;
    specification.model.path = source("models/warpeace_h256.onnx");
    specification.trace = {source("traces/warpeace.trace"), 60};
    specification.on_device = false;
    return specification;
}

} // namespace

TEST_CASE("the first value beyond the bound is found, and none beyond a large bound") {
    Library library;
    const Run run(library, warpeace());
    int steps = 0;
    const FloatComparison close = compare_with_float(run, 1e-6, [&](const Step&) { ++steps; });
    CHECK(steps == 60);
    REQUIRE(close.divergence);
    REQUIRE(close.divergence->first);
    CHECK(close.divergence->first->step == 0);
    const double difference = close.divergence->first->machine - close.divergence->first->floating;
    CHECK(std::fabs(difference) > 1e-6);
    CHECK(close.divergence->largest_difference >= std::fabs(difference));
    const FloatComparison far = compare_with_float(run, 1000, {});
    CHECK(!far.divergence->first);
    CHECK(far.divergence->largest_difference == close.divergence->largest_difference);
    CHECK(far.score.scored == close.score.scored);
}

TEST_CASE("predictions of the float network do not depend on the company of the machine") {
    Library library;
    const Run run(library, warpeace());
    const FloatComparison alone = compare_with_float(run, std::nullopt, {});
    CHECK(!alone.divergence);
    CHECK(alone.score.scored == 60);
    CHECK(alone.score.nats == compare_with_float(run, 1, {}).score.nats);
    const PredictionScore score = float_predictions(run.network(), OutputSteps::every, run.specification().trace);
    CHECK(score.nats == alone.score.nats);
    CHECK(score.correct == alone.score.correct);
}

TEST_CASE("hidden outputs are compared, and predict nothing") {
    RunSpecification specification = warpeace();
    specification.output.kind = "hidden";
    Library library;
    const FloatComparison comparison = compare_with_float(Run(library, specification), 0, {});
    CHECK(comparison.score.scored == 0);
    CHECK(comparison.divergence->first);
}

TEST_CASE("float is the network as its file has it, and quantized float is what bru made of it") {
    RunSpecification specification = warpeace();
    specification.model.quantization = {std::nullopt, 1, std::nullopt}; // the file has six bits
    Library library;
    const Run run(library, specification);
    REQUIRE(was_quantized(run.network()));
    const FloatComparison coarse = compare_with_float(run, std::nullopt, {});
    REQUIRE(coarse.quantized);
    const PredictionScore file = compare_with_float(Run(library, warpeace()), std::nullopt, {}).score;
    CHECK(coarse.score.nats.value() == Approx(file.nats.value()).epsilon(1e-4));
    CHECK(std::fabs(coarse.quantized->nats.value() - file.nats.value()) > 0.01);
    CHECK_FALSE(compare_with_float(Run(library, warpeace()), std::nullopt, {}).quantized);
}

TEST_CASE("where the output is argmax, logits are compared and not an index with a logit") {
    RunSpecification specification = warpeace();
    specification.output.kind = "argmax";
    Library library;
    const FloatComparison argmax = compare_with_float(Run(library, specification), 1000, {});
    const FloatComparison logits = compare_with_float(Run(library, warpeace()), 1000, {});
    CHECK(argmax.divergence->largest_difference == logits.divergence->largest_difference);
    CHECK(argmax.divergence->largest_difference < 1);
}
