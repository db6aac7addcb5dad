// The float network walks over the trace alone, or in step with the machine where they are to be compared value by
// value.
#include "run/float_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

#include "reference/float_execution.hpp"
#include "trace/output_writer.hpp"
#include "trace/step_sources.hpp"
#include "trace/trace_file.hpp"

namespace bru {

namespace {

/// The float network always gives logits where there are any, so that nats are known for argmax too.
OutputMode float_mode(OutputMode mode) {
    return {mode.kind == OutputKind::hidden ? OutputKind::hidden : OutputKind::logits, mode.steps};
}

/// A float network that is fed step by step, with the score of its predictions.
class ScoredFloatExecution {
public:
    ScoredFloatExecution(const Network& network, OutputMode mode, FloatWeights weights)
        : execution_(network, mode, weights) {
        if (mode.kind == OutputKind::logits) scorer_.emplace(mode);
    }

    void step(const Step& step, const FloatExecution::Sink& sink) {
        if (scorer_) scorer_->expect(step);
        execution_.step(step, [&](const FloatOutputVector& output) {
            if (scorer_) scorer_->score(output);
            if (sink) sink(output);
        });
    }

    PredictionScore score() const { return scorer_ ? scorer_->result() : PredictionScore{}; }

private:
    FloatExecution execution_;
    std::optional<PredictionScorer> scorer_;
};

/// Takes outputs of both executions in their order.
class DivergenceSearch {
public:
    DivergenceSearch(const Run& run, double bound) : run_(run) { found_.bound = bound; }

    void add(const FloatOutputVector& output) { waiting_.push_back(output); }

    void compare(const OutputVector& output) {
        const FloatOutputVector expected = std::move(waiting_.front());
        waiting_.pop_front();
        for (std::size_t unit = 0; unit < output.values.size(); ++unit) {
            const double machine =
                output_value(output.values[unit], run_.mode().kind, run_.quantized().formats.activation_bits);
            const double floating = expected.values[unit];
            const double difference = std::fabs(machine - floating);
            found_.largest_difference = std::max(found_.largest_difference, difference);
            if (difference > found_.bound && !found_.first)
                found_.first = DivergingValue{output.sequence, output.step, unit, machine, floating};
        }
    }

    const Divergence& found() const { return found_; }

private:
    const Run& run_;
    Divergence found_;
    std::deque<FloatOutputVector> waiting_; ///< as many as the machine's outputs lag behind its inputs
};

PredictionScore score_alone(const Network& network, OutputMode mode, FloatWeights weights,
                            const TraceSpecification& given, const std::function<void(const Step&)>& on_step) {
    ScoredFloatExecution execution(network, mode, weights);
    TraceReader trace(given.path, network);
    LimitedSteps first(trace, step_limit(given));
    while (const Step* const step = first.next()) {
        if (on_step) on_step(*step);
        execution.step(*step, {});
    }
    return execution.score();
}

} // namespace

FloatComparison compare_with_float(const Run& run, std::optional<double> bound,
                                   const std::function<void(const Step&)>& on_step) {
    const OutputMode mode = float_mode(run.mode());
    const TraceSpecification& trace = run.specification().trace;
    FloatComparison comparison;
    if (mode.kind != OutputKind::hidden && was_quantized(run.network()))
        comparison.quantized = score_alone(run.network(), mode, FloatWeights::quantized, trace, {});
    if (!bound) {
        comparison.score = score_alone(run.network(), mode, FloatWeights::original, trace, on_step);
        return comparison;
    }
    RunSpecification with_values = run.specification();
    with_values.output = OutputSpecification::of(mode);
    with_values.compare_golden = false;
    with_values.figures = false;
    const Run machine(run.library(), with_values);
    ScoredFloatExecution execution(run.network(), mode, FloatWeights::original);
    DivergenceSearch search(machine, *bound);
    RunObservers observers;
    observers.on_step = [&](const Step& step) {
        if (on_step) on_step(step);
        execution.step(step, [&](const FloatOutputVector& output) { search.add(output); });
    };
    observers.on_output = [&](const OutputVector& output) { search.compare(output); };
    machine.execute(observers);
    comparison.score = execution.score();
    comparison.divergence = search.found();
    return comparison;
}

PredictionScore float_predictions(const Network& network, OutputSteps steps, const TraceSpecification& trace) {
    return score_alone(network, {OutputKind::logits, steps}, FloatWeights::original, trace, {});
}

} // namespace bru
