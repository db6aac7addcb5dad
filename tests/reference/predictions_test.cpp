// Does the scorer match labels with outputs that come later, and compute cross-entropy and accuracy?
#include "support/catch.hpp"
#include <cmath>

#include "base/error.hpp"
#include "reference/predictions.hpp"

using namespace bru;
using Catch::Matchers::ContainsSubstring;

namespace {

Step labelled(bool first, bool last, std::int32_t label) {
    Step step;
    step.first = first;
    step.last = last;
    step.label = label;
    return step;
}

constexpr std::int32_t kOne = 1 << 16; ///< a logit of 1.0

} // namespace

TEST_CASE("cross-entropy and bits of a text", "[predictions]") {
    PredictionScorer scorer({OutputKind::logits, OutputSteps::every});
    scorer.expect(labelled(true, false, 1));
    scorer.expect(labelled(false, false, 0));
    scorer.expect(labelled(false, true, kNoLabel));
    scorer.score(OutputVector{0, 0, {0, kOne}});
    scorer.score(OutputVector{0, 1, {0, 2 * kOne}});
    scorer.score(OutputVector{0, 2, {0, 0}});
    const PredictionScore score = scorer.result();
    const double expected = (std::log(1 + std::exp(1.0)) - 1 + std::log(1 + std::exp(2.0))) / 2;
    CHECK(score.scored == 2);
    CHECK(score.correct == 1);
    CHECK(score.labels_every_step);
    CHECK(score.nats.value() == Approx(expected));
    CHECK(score.bits().value() == Approx(expected / std::log(2.0)));
    CHECK(score.accuracy().value() == Approx(0.5));
}

TEST_CASE("fixed point and floating point score alike", "[predictions]") {
    PredictionScorer fixed({OutputKind::logits, OutputSteps::last});
    PredictionScorer floating({OutputKind::logits, OutputSteps::last});
    for (PredictionScorer* scorer : {&fixed, &floating}) {
        scorer->expect(labelled(true, false, kNoLabel));
        scorer->expect(labelled(false, true, 2));
        scorer->expect(labelled(true, true, 0));
    }
    fixed.score(OutputVector{0, 1, {kOne / 2, 0, kOne}});
    fixed.score(OutputVector{1, 0, {-kOne, 0, kOne}});
    floating.score(FloatOutputVector{0, 1, {0.5, 0, 1}});
    floating.score(FloatOutputVector{1, 0, {-1, 0, 1}});
    CHECK(fixed.result().nats.value() == Approx(floating.result().nats.value()));
    CHECK(fixed.result().correct == 1);
    CHECK(floating.result().correct == 1);
    CHECK_FALSE(fixed.result().labels_every_step);
}

TEST_CASE("argmax outputs have accuracy and no cross-entropy", "[predictions]") {
    PredictionScorer scorer({OutputKind::argmax, OutputSteps::last});
    scorer.expect(labelled(true, true, 3));
    scorer.expect(labelled(true, true, 4));
    scorer.score(OutputVector{0, 0, {3}});
    scorer.score(OutputVector{1, 0, {3}});
    CHECK(scorer.result().accuracy().value() == Approx(0.5));
    CHECK_FALSE(scorer.result().nats.has_value());
}

TEST_CASE("steps without a label are not scored", "[predictions]") {
    PredictionScorer scorer({OutputKind::logits, OutputSteps::every});
    scorer.expect(labelled(true, false, kNoLabel));
    scorer.expect(labelled(false, true, 0));
    scorer.score(OutputVector{0, 0, {0, kOne}});
    CHECK(scorer.result().scored == 0);
    CHECK_FALSE(scorer.result().accuracy().has_value());
    scorer.score(OutputVector{0, 1, {kOne, 0}});
    CHECK(scorer.result().correct == 1);
}

TEST_CASE("ties go to the lowest class", "[predictions]") {
    PredictionScorer scorer({OutputKind::logits, OutputSteps::last});
    scorer.expect(labelled(true, true, 1));
    scorer.score(OutputVector{0, 0, {7, 7}});
    CHECK(scorer.result().correct == 0);
}

TEST_CASE("what cannot be scored is refused", "[predictions]") {
    CHECK_THROWS_AS(PredictionScorer({OutputKind::hidden, OutputSteps::every}), InputError);
    PredictionScorer scorer({OutputKind::logits, OutputSteps::last});
    scorer.expect(labelled(true, true, 2));
    CHECK_THROWS_WITH(scorer.score(OutputVector{0, 0, {7, 7}}),
                      ContainsSubstring("label 2") && ContainsSubstring("2 classes"));
}

TEST_CASE("one output tells two classes apart: 1 where it is at least 0", "[predictions]") {
    PredictionScorer scorer({OutputKind::logits, OutputSteps::every});
    const std::vector<std::pair<std::int32_t, double>> steps = {{1, 0.0}, {1, 2.0}, {0, -1.0}, {0, 0.0}, {1, -0.5}};
    double nats = 0;
    std::uint64_t place = 0;
    for (const auto& [label, logit] : steps) {
        Step step;
        step.first = place == 0;
        step.label = label;
        scorer.expect(step);
        FloatOutputVector output;
        output.step = place++;
        output.values = {logit};
        scorer.score(output);
        const double probability = 1 / (1 + std::exp(-logit));
        nats -= std::log(label == 1 ? probability : 1 - probability) / 5;
    }
    CHECK(scorer.result().correct == 3);
    CHECK(std::abs(*scorer.result().nats - nats) < 1e-12);
    Step wrong;
    wrong.label = 2;
    scorer.expect(wrong);
    FloatOutputVector output;
    output.step = 5;
    output.values = {1};
    CHECK_THROWS_WITH(scorer.score(output), Catch::Matchers::ContainsSubstring("two classes"));
}
