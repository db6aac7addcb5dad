#include "explore/evaluator.hpp"

#include <filesystem>
#include <new>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/ini_value.hpp"
#include "base/numbers.hpp"
#include "config/run_keys.hpp"
#include "model/output_mode.hpp"
#include "run/float_comparison.hpp"
#include "trace/golden_file.hpp"

namespace bru {

namespace {

std::optional<int> number_of(const PointSetup& point, const char* option) {
    const auto text = point.run_option(option);
    return text ? parse_integer<int>(*text) : std::nullopt;
}

RunSpecification specification_of(const PointSetup& point) {
    RunSpecification specification;
    specification.configuration = point.configuration;
    specification.model.path = point.run.at("model");
    specification.model.quantization = {number_of(point, "lstm-weight-bits"), number_of(point, "dense-weight-bits"),
                                        number_of(point, "input-exponent"), number_of(point, "region")};
    specification.output = {point.run_option("output"), point.run_option("output-steps")};
    specification.trace.path = point.run_option("trace").value_or("");
    if (const auto steps = point.run_option("steps")) {
        specification.trace.most_steps = parse_integer<std::uint64_t>(*steps);
        specification.trace.random_steps = specification.trace.most_steps.value_or(specification.trace.random_steps);
    }
    specification.timing_only = true;
    specification.figures = true;
    return specification;
}

/// What decides predictions beside the number formats: the network, over which steps, and which of them put out.
std::string prediction_key(const Run& run, const TraceSpecification& trace) {
    return fmt::format("{} {} {} {}", static_cast<const void*>(&run.network()), output_steps_name(run.mode().steps),
                       step_limit(trace), trace.path);
}

/// Predictions depend on number formats and on nothing else of the machine, so they are those of the default shape,
/// which is a fast one.
RunSpecification prediction_specification(const Run& run, const TraceSpecification& trace) {
    const Shape& shape = run.configuration().shape;
    RunSpecification specification;
    specification.configuration.shape.activation_bits = shape.activation_bits;
    specification.configuration.shape.lut_address_bits = shape.lut_address_bits;
    specification.configuration.shape.scale_bits = shape.scale_bits;
    specification.configuration.shape.max_sequence_steps = shape.max_sequence_steps;
    specification.model = run.specification().model;
    specification.output = OutputSpecification::of({OutputKind::logits, run.mode().steps});
    specification.trace = trace;
    specification.on_device = false;
    return specification;
}

PredictionScore machine_score(const Run& run) {
    PredictionScorer scorer(run.mode());
    RunObservers observers;
    observers.on_step = [&](const Step& step) { scorer.expect(step); };
    observers.on_output = [&](const OutputVector& output) { scorer.score(output); };
    run.execute(observers);
    return scorer.result();
}

} // namespace

Evaluation Evaluator::evaluate(std::int64_t number, const PointSetup& point) {
    Evaluation evaluation;
    evaluation.number = number;
    evaluation.configuration = point_configuration(point);
    evaluation.key = text_digest(evaluation.configuration);
    const auto try_to_measure = [&] {
        try {
            evaluation.values = measure(point);
        } catch (const SystemError& error) {
            evaluation.failure = error.what();
        } catch (const InputError& error) {
            evaluation.error = error.what();
        }
    };
    try {
        try_to_measure();
    } catch (const std::bad_alloc&) { // of this moment, or of this point?
        try {
            try_to_measure();
        } catch (const std::bad_alloc&) {
            evaluation.error = "not enough memory for this point";
        }
    }
    return evaluation;
}

/// As `bru run` does it, so that a point that cannot run has the same message.
MetricValues Evaluator::measure(const PointSetup& point) {
    check_shape(point.configuration);
    const Run run(library_, specification_of(point));
    const RunOutcome outcome = run.execute();
    const std::optional<PredictionQuality> predicted =
        plan_.predictions ? quality(run) : std::optional<PredictionQuality>();
    std::optional<Capacity> capacity;
    if (plan_.demand) capacity = measure_capacity(library_, run.specification(), *plan_.demand, kStepsOfSweep);
    return metric_values({run.configuration(), outcome, predicted, capacity});
}

std::optional<PredictionQuality> Evaluator::quality(const Run& run) {
    if (!run.network().dense) return std::nullopt;
    TraceSpecification trace = run.specification().trace;
    trace.most_steps = std::nullopt;
    if (plan_.accuracy_steps > 0) trace.most_steps = plan_.accuracy_steps;
    const std::string key = fmt::format("{} {}", run.golden_key().text(), prediction_key(run, trace));
    if (const auto known = qualities_.find(key); known != qualities_.end()) return known->second;

    const PredictionScore& floating = float_score(run, trace);
    const PredictionScore score = machine_score(Run(library_, prediction_specification(run, trace)));
    return qualities_[key] = {score.accuracy().value_or(0), floating.accuracy().value_or(0), score.nats, floating.nats};
}

const PredictionScore& Evaluator::float_score(const Run& run, const TraceSpecification& trace) {
    const std::string key = prediction_key(run, trace);
    auto known = float_scores_.find(key);
    if (known == float_scores_.end())
        known = float_scores_.emplace(key, float_predictions(run.network(), run.mode().steps, trace)).first;
    if (known->second.scored == 0)
        throw InputError({trace.path}, "has no labels in the steps that are looked at, so predictions cannot be "
                                       "scored; make the trace with labels, or say predictions = no");
    return known->second;
}

std::string point_configuration(const PointSetup& point) {
    std::string text = "[run]\n";
    for (const RunKey& key : run_keys()) {
        const auto value = point.run_option(key.name);
        if (!value) continue;
        const std::string name = key.key().substr(key.key().find('.') + 1);
        text += fmt::format(
            "{} = {}\n", name,
            ini_value(key.is_path
                          ? std::filesystem::path(*value).lexically_proximate(point.configuration.directory).string()
                          : *value));
    }
    std::string section = "run";
    for (const Parameter& parameter : parameters()) {
        const std::size_t dot = parameter.key.find('.');
        if (parameter.key.substr(0, dot) != section) {
            section = parameter.key.substr(0, dot);
            text += fmt::format("\n[{}]\n", section);
        }
        text += fmt::format("{} = {}\n", parameter.key.substr(dot + 1), ini_value(parameter.get(point.configuration)));
    }
    return text;
}

} // namespace bru
