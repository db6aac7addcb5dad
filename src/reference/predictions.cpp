#include "reference/predictions.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"

namespace bru {

std::optional<double> PredictionScore::bits() const {
    if (!nats) return std::nullopt;
    return *nats / std::log(2.0);
}

std::optional<double> PredictionScore::accuracy() const {
    if (scored == 0) return std::nullopt;
    return ratio(correct, scored);
}

PredictionScorer::PredictionScorer(OutputMode mode) : mode_(mode) {
    if (mode.kind == OutputKind::hidden)
        throw InputError("predictions need the output `logits` or `argmax`, and the output is `hidden`");
}

void PredictionScorer::expect(const Step& step) {
    const StepPlace place = counter_.count(step);
    if (step.label == kNoLabel) return;
    score_.labels_every_step |= !step.last;
    if (step.last || mode_.steps == OutputSteps::every) expected_.push_back({place.sequence, place.step, step.label});
}

std::optional<std::int32_t> PredictionScorer::take_label(std::uint64_t sequence, std::uint64_t step) {
    // Outputs come in the order of their steps, and every expected step has one.
    if (expected_.empty() || expected_.front().sequence != sequence || expected_.front().step != step)
        return std::nullopt;
    const std::int32_t label = expected_.front().label;
    expected_.pop_front();
    return label;
}

void PredictionScorer::score(const OutputVector& output) {
    const auto label = take_label(output.sequence, output.step);
    if (!label) return;
    if (mode_.kind == OutputKind::argmax) return score_index(*label, output.values.front());
    logits_.clear();
    for (const std::int32_t value : output.values) logits_.push_back(std::ldexp(value, -kLogitFractionBits));
    score_logits(*label, logits_);
}

void PredictionScorer::score(const FloatOutputVector& output) {
    const auto label = take_label(output.sequence, output.step);
    if (!label) return;
    if (mode_.kind == OutputKind::argmax) return score_index(*label, output.values.front());
    score_logits(*label, output.values);
}

void PredictionScorer::score_index(std::int32_t label, double index) {
    ++score_.scored;
    score_.correct += index == label ? 1 : 0;
}

void PredictionScorer::score_logits(std::int32_t label, const std::vector<double>& logits) {
    if (logits.size() == 1) return score_binary(label, logits.front());
    if (static_cast<std::size_t>(label) >= logits.size())
        throw InputError(fmt::format("there is a label {}, and the network has {} classes (0 to {}); "
                                     "give labels of this network, or none",
                                     label, logits.size(), logits.size() - 1));
    const auto best = std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const double logit : logits) sum += std::exp(logit - *best);
    nats_sum_ += *best + std::log(sum) - logits[label];
    ++score_.scored;
    score_.correct += best - logits.begin() == label ? 1 : 0;
}

void PredictionScorer::score_binary(std::int32_t label, double logit) {
    if (label > 1)
        throw InputError(fmt::format("there is a label {}, and the network has one output, which tells two "
                                     "classes apart (0 and 1); give labels of this network, or none",
                                     label));
    const double towards_label = label == 1 ? logit : -logit;
    nats_sum_ +=
        towards_label > 0 ? std::log1p(std::exp(-towards_label)) : std::log1p(std::exp(towards_label)) - towards_label;
    ++score_.scored;
    score_.correct += (logit >= 0) == (label == 1) ? 1 : 0;
}

PredictionScore PredictionScorer::result() const {
    PredictionScore result = score_;
    if (mode_.kind == OutputKind::logits && result.scored > 0) result.nats = nats_sum_ / real(result.scored);
    return result;
}

} // namespace bru
