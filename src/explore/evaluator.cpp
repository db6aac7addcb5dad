#include "explore/evaluator.hpp"

#include <filesystem>
#include <tuple>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/numbers.hpp"
#include "config/run_keys.hpp"
#include "model/onnx/import.hpp"
#include "model/output_mode.hpp"
#include "platform/activity.hpp"
#include "platform/simulation.hpp"
#include "reference/float_execution.hpp"
#include "reference/predictions.hpp"
#include "trace/golden_file.hpp"
#include "trace/step_sources.hpp"
#include "trace/trace_file.hpp"

namespace bru {

namespace {

constexpr std::uint64_t kAllSteps = ~std::uint64_t{0};

std::optional<int> number_of(const PointSetup& point, const char* option) {
    const auto text = point.run_option(option);
    return text ? parse_integer<int>(*text) : std::nullopt;
}

std::uint64_t steps_of(const PointSetup& point) {
    const auto text = point.run_option("steps");
    return text ? parse_integer<std::uint64_t>(*text).value_or(kAllSteps) : kAllSteps;
}

OutputMode mode_of(const PointSetup& point, const Network& network) {
    return choose_output(network, point.run_option("output"), point.run_option("output-steps"));
}

/// Steps without their values: when they arrive and where sequences begin and end.
class StoredSteps : public StepSource {
public:
    explicit StoredSteps(const std::vector<Step>& steps) : steps_(steps) {}
    const Step* next() override { return next_ < steps_.size() ? &steps_[next_++] : nullptr; }

private:
    const std::vector<Step>& steps_;
    std::size_t next_ = 0;
};

PredictionScore machine_score(const Configuration& configuration, const QuantizedNetwork& network, OutputMode mode,
                              StepSource& steps) {
    PredictionScorer scorer(mode);
    LabelTap tap(steps, scorer);
    SimulationOptions options;
    options.mode = mode;
    simulate(configuration, network, options, tap, [&](const OutputVector& output) { scorer.score(output); });
    return scorer.result();
}

PredictionScore float_score(const Network& network, OutputMode mode, StepSource& steps) {
    PredictionScorer scorer(mode);
    LabelTap tap(steps, scorer);
    FloatExecution(network, mode).run(tap, [&](const FloatOutputVector& output) { scorer.score(output); });
    return scorer.result();
}

} // namespace

struct Evaluator::LoadedDevice {
    Device device;
    Calibration calibration;
};

struct Evaluator::LoadedModel {
    Network network;
    std::map<std::tuple<int, int, int>, std::unique_ptr<QuantizedNetwork>> quantized; ///< by number formats
    std::map<std::string, PredictionScore> float_scores;                              ///< by trace and mode
};

struct Evaluator::LoadedTrace {
    bool timed = false;
    std::vector<Step> steps;
};

Evaluator::Evaluator(const SweepPlan& plan) : plan_(plan) {}
Evaluator::~Evaluator() = default;

Evaluation Evaluator::evaluate(std::int64_t number, const PointSetup& point) {
    Evaluation evaluation;
    evaluation.number = number;
    evaluation.configuration = point_configuration(point);
    evaluation.key = text_digest(evaluation.configuration);
    try {
        measure(point, evaluation);
    } catch (const InputError& error) {
        evaluation.error = error.what();
    } catch (const std::bad_alloc&) {
        evaluation.error = "not enough memory for this point";
    }
    if (evaluation.failed()) evaluation.values.clear();
    return evaluation;
}

/// As `bru run` does it, in the same order, so that a point that cannot run has the same message.
void Evaluator::measure(const PointSetup& point, Evaluation& evaluation) {
    Configuration configuration = point.configuration;
    check_shape(configuration);
    const LoadedDevice& on = device(configuration);
    LoadedModel& loaded = model(point);
    const OutputMode mode = mode_of(point, loaded.network);
    const QuantizedNetwork& network = quantized(loaded, configuration.shape.formats());
    configuration.shape = resolve_shape(configuration, network, mode);
    check_weights_fit(configuration, on.device, loaded.network.name);
    const LoadedTrace& steps = trace(point, loaded.network);
    StoredSteps source(steps.steps);
    SimulationOptions options;
    options.mode = mode;
    options.timed_arrivals = steps.timed;
    options.timing_only = true;
    const SimulationResult result = simulate(configuration, network, options, source, {});
    const ResourceEstimate resources = estimate_resources(configuration, on.device, on.calibration);
    const PowerEstimate power = estimate_power(resources, activity_of(loaded.network, configuration, mode, result));
    const std::optional<PredictionQuality> predicted =
        plan_.predictions ? quality(point, loaded) : std::optional<PredictionQuality>();
    evaluation.values = metric_values({configuration, result, resources, power, predicted});
}

const Evaluator::LoadedDevice& Evaluator::device(const Configuration& configuration) {
    auto& loaded = devices_[configuration.device];
    if (!loaded) {
        Device device = read_device(find_device_file(configuration.device, configuration.directory));
        Calibration calibration = read_calibration(device);
        loaded = std::make_unique<LoadedDevice>(LoadedDevice{std::move(device), std::move(calibration)});
    }
    return *loaded;
}

Evaluator::LoadedModel& Evaluator::model(const PointSetup& point) {
    const ImportOptions options{number_of(point, "lstm-weight-bits"), number_of(point, "dense-weight-bits")};
    const std::string& path = point.run.at("model");
    auto& loaded = models_[fmt::format("{} {} {}", options.lstm_weight_bits.value_or(0),
                                       options.dense_weight_bits.value_or(0), path)];
    if (!loaded) {
        auto fresh = std::make_unique<LoadedModel>();
        fresh->network = import_onnx(path, options).network;
        loaded = std::move(fresh);
    }
    return *loaded;
}

const QuantizedNetwork& Evaluator::quantized(LoadedModel& model, const NumberFormats& formats) {
    auto& loaded = model.quantized[{formats.activation_bits, formats.lut_address_bits, formats.scale_bits}];
    if (!loaded) loaded = std::make_unique<QuantizedNetwork>(quantize(model.network, formats));
    return *loaded;
}

const Evaluator::LoadedTrace& Evaluator::trace(const PointSetup& point, const Network& network) {
    const std::string& path = point.run.at("trace");
    auto& loaded = traces_[fmt::format("{} {} {}", steps_of(point), network.fingerprint, path)];
    if (!loaded) {
        auto fresh = std::make_unique<LoadedTrace>();
        TraceReader reader(path, network);
        LimitedSteps limited(reader, steps_of(point));
        while (const Step* const step = limited.next()) {
            Step kept;
            kept.arrival_us = step->arrival_us;
            kept.first = step->first;
            kept.last = step->last;
            fresh->steps.push_back(std::move(kept));
        }
        fresh->timed = reader.header().timed;
        loaded = std::move(fresh);
    }
    return *loaded;
}

/// Predictions depend on number formats and on nothing else of the machine, so each set of them is run once, on the
/// default shape, which is a fast one.
std::optional<PredictionQuality> Evaluator::quality(const PointSetup& point, LoadedModel& model) {
    if (!model.network.dense) return std::nullopt;
    const NumberFormats formats = point.configuration.shape.formats();
    const OutputMode mode{OutputKind::logits, mode_of(point, model.network).steps};
    const std::string& path = point.run.at("trace");
    const std::string over = fmt::format("{} {}", output_steps_name(mode.steps), path);
    const std::string key = fmt::format("{} {} {} {} {}", formats.activation_bits, formats.lut_address_bits,
                                        formats.scale_bits, static_cast<const void*>(&model), over);
    if (const auto known = qualities_.find(key); known != qualities_.end()) return known->second;

    const std::uint64_t steps = plan_.accuracy_steps > 0 ? plan_.accuracy_steps : kAllSteps;
    if (model.float_scores.count(over) == 0) {
        TraceReader reader(path, model.network);
        LimitedSteps limited(reader, steps);
        model.float_scores[over] = float_score(model.network, mode, limited);
    }
    const PredictionScore& floating = model.float_scores.at(over);
    if (floating.scored == 0)
        throw InputError(
            fmt::format("{}: has no labels in the steps that are looked at, so predictions cannot be scored; "
                        "make the trace with labels, or say predictions = no",
                        path));
    Configuration machine;
    machine.shape.activation_bits = formats.activation_bits;
    machine.shape.lut_address_bits = formats.lut_address_bits;
    machine.shape.scale_bits = formats.scale_bits;
    machine.shape.max_sequence_steps = point.configuration.shape.max_sequence_steps;
    TraceReader reader(path, model.network);
    LimitedSteps limited(reader, steps);
    const PredictionScore score = machine_score(machine, quantized(model, formats), mode, limited);
    return qualities_[key] = {score.accuracy().value_or(0), floating.accuracy().value_or(0), score.nats, floating.nats};
}

std::string point_configuration(const PointSetup& point) {
    std::string text = "[run]\n";
    for (const RunKey& key : run_keys()) {
        const auto value = point.run_option(key.name);
        if (!value) continue;
        const std::string name = key.key().substr(key.key().find('.') + 1);
        text += fmt::format(
            "{} = {}\n", name,
            key.is_path ? std::filesystem::path(*value).lexically_proximate(point.configuration.directory).string()
                        : *value);
    }
    std::string section = "run";
    for (const Parameter& parameter : parameters()) {
        const std::size_t dot = parameter.key.find('.');
        if (parameter.key.substr(0, dot) != section) {
            section = parameter.key.substr(0, dot);
            text += fmt::format("\n[{}]\n", section);
        }
        text += fmt::format("{} = {}\n", parameter.key.substr(dot + 1), parameter.get(point.configuration));
    }
    return text;
}

} // namespace bru
