#include "whole/predictions.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/printable.hpp"
#include "trace/step_sources.hpp"
#include "trace/trace_file.hpp"

namespace bru {
namespace {

constexpr double kLeastProbability = 1e-30;

/// Numbers whose softmax, or sigmoid where there is one, are the probabilities.
std::vector<double> logits_of(std::vector<double> probabilities) {
    const auto log_of = [](double probability) { return std::log(std::max(probability, kLeastProbability)); };
    if (probabilities.size() == 1) return {log_of(probabilities.front()) - log_of(1 - probabilities.front())};
    for (double& each : probabilities) each = log_of(each);
    return probabilities;
}

} // namespace

void WholeScorer::expect(const Step& step) {
    scorer_.expect(step);
    Place place = last_.value_or(Place{});
    if (last_ && step.first)
        place = {last_->sequence + 1, 0};
    else if (last_)
        ++place.step;
    last_ = place;
    places_.push_back(place);
}

void WholeScorer::score_row(std::vector<double> row, Place place) {
    if (use_.model.outputs_are_probabilities) row = logits_of(std::move(row));
    scorer_.score(FloatOutputVector{place.sequence, place.step, std::move(row)});
}

void WholeScorer::score(const HostTensor& output, std::uint64_t steps) {
    const std::vector<double> numbers = output.numbers();
    const std::size_t classes = output.dims.empty() ? 1 : narrow<std::size_t>(output.dims.back());
    const std::size_t rows = classes > 0 ? numbers.size() / classes : 0;
    const auto batch = std::max<std::size_t>(narrow<std::size_t>(use_.model.batch), 1);
    const bool follows_trace = batch == 1 || (!output.dims.empty() && output.dims.front() == use_.model.batch);
    const bool has_every_step = rows == steps && follows_trace;
    if ((!has_every_step && rows != batch) || places_.size() < steps)
        throw InputError(
            fmt::format("--predictions: the first output of {}, '{}', is {} in a call of {} steps; numbers "
                        "per class are needed, for each step or for the last one",
                        use_.name, printable(output.name), tensor_text(output.type, output.dims), steps));
    const std::size_t steps_of_row = has_every_step ? 1 : steps / batch;
    for (std::size_t row = 0; row < rows; ++row) {
        const auto start = numbers.begin() + narrow<std::ptrdiff_t>(row * classes);
        score_row({start, start + narrow<std::ptrdiff_t>(classes)}, places_[(row + 1) * steps_of_row - 1]);
    }
    places_.erase(places_.begin(), places_.begin() + narrow<std::ptrdiff_t>(steps));
}

PredictionScore whole_float_predictions(const WholeUse& use, const Network& network, const std::string& trace,
                                        std::uint64_t most_steps, const std::string& fingerprint,
                                        FloatWeights weights) {
    const OutputMode mode = whole_mode(use.model, network.graph_output);
    WholeOutputs whole(use, mode, trace, fingerprint);
    WholeScorer scorer(use);
    FloatExecution execution(network, mode, weights);
    TraceReader reader(trace, network);
    LimitedSteps first(reader, most_steps);
    while (const Step* const step = first.next()) {
        scorer.expect(*step);
        execution.step(*step, [&](const FloatOutputVector& output) {
            whole.add(output.values, [&](const std::vector<HostTensor>& outputs, std::uint64_t steps) {
                scorer.score(outputs.front(), steps);
            });
        });
    }
    return scorer.result();
}

} // namespace bru
