// Puts the importer's parts together: finds the sequence axis, walks the graph, builds the network.
#include "model/onnx/import.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "model/fingerprint.hpp"
#include "model/onnx/file.hpp"
#include "model/onnx/graph.hpp"
#include "model/onnx/metadata.hpp"
#include "model/onnx/output.hpp"
#include "model/onnx/protobuf.hpp"
#include "model/onnx/weights.hpp"

namespace bru {
namespace onnx_import {
namespace {

/// Sizes that an open sequence axis is walked with. Two of them, so that what holds for one by chance (element 4
/// is the last of 5) is not taken for what the graph means.
constexpr std::int64_t kTrialSteps = 5;
constexpr std::int64_t kOtherTrialSteps = 7;
/// Chunk counts and one-hot indices travel in 16 bits.
constexpr std::int64_t kMaxSize = 65535;

/// A walk with what came of it.
struct Attempt {
    Walk walk;
    std::optional<Plan> plan;
    Problem problem;          ///< where there is no plan
    bool fixed_steps = false; ///< the graph itself says how many steps
    std::int64_t steps() const { return walk.recording.steps; }
};

Attempt attempt(const onnx::ModelProto& model, const Sizes& sizes, Budget& budget) {
    Attempt result;
    result.walk = walk_graph(model, sizes, budget);
    try {
        result.plan = plan_output(result.walk);
    } catch (const NodeError& error) {
        result.problem = error.problem;
    }
    return result;
}

/// Walks with two lengths of the axis. Both must mean the same.
Attempt attempt_axis(const onnx::ModelProto& model, const std::string& axis, Budget& budget) {
    Attempt first = attempt(model, {{axis, kTrialSteps}}, budget);
    if (!first.plan) return first;
    Attempt other = attempt(model, {{axis, kOtherTrialSteps}}, budget);
    if (!other.plan) return other;
    if (other.plan->output == first.plan->output && other.plan->lstms == first.plan->lstms) return first;
    first.plan.reset();
    first.problem = {"the graph's output depends on how long the sequence is", false};
    return first;
}

bool is_trial_length(std::int64_t steps) { return steps == kTrialSteps || steps == kOtherTrialSteps; }

/// A graph exported for one step: if it can be read for longer sequences, it is meant so.
Attempt lengthen_single_step(const onnx::ModelProto& model, Attempt fixed, Budget& budget) {
    std::set<std::string> tried;
    for (const InputDimension& dimension : input_dimensions(model)) {
        if (dimension.open || dimension.size != 1 || !tried.insert(dimension.name).second) continue;
        Attempt longer = attempt_axis(model, dimension.name, budget);
        if (longer.plan && longer.steps() == kTrialSteps) return longer;
    }
    return fixed;
}

/// Finds which open dimension is the sequence and walks with it; a graph without one is walked as it is.
Attempt understand_graph(const onnx::ModelProto& model, Budget& budget) {
    std::set<std::string> tried;
    for (const InputDimension& dimension : input_dimensions(model)) {
        if (!dimension.open || !tried.insert(dimension.name).second) continue;
        Attempt result = attempt_axis(model, dimension.name, budget);
        if (is_trial_length(result.steps())) return result;
    }
    Attempt fixed = attempt(model, {}, budget);
    fixed.fixed_steps = true;
    if (fixed.plan && fixed.steps() == 1) return lengthen_single_step(model, std::move(fixed), budget);
    return fixed;
}

/// ONNX orders gates i, o, f, c; the machine i, f, g, o.
constexpr int kOnnxGate[kGates] = {0, 2, 3, 1};

WeightMatrix in_machine_order(const WeightMatrix& matrix) {
    WeightMatrix ordered = matrix;
    const std::ptrdiff_t units = matrix.rows / kGates;
    const std::ptrdiff_t block = units * matrix.columns;
    for (std::ptrdiff_t gate = 0; gate < kGates; ++gate) {
        std::copy_n(matrix.values.begin() + kOnnxGate[gate] * block, block, ordered.values.begin() + gate * block);
        if (!matrix.original.empty())
            std::copy_n(matrix.original.begin() + kOnnxGate[gate] * block, block,
                        ordered.original.begin() + gate * block);
        std::copy_n(matrix.scales.begin() + kOnnxGate[gate] * units, units, ordered.scales.begin() + gate * units);
    }
    return ordered;
}

std::vector<double> in_machine_order(const std::vector<double>& bias) {
    std::vector<double> ordered(bias.size());
    const auto units = signed_size(bias) / kGates;
    for (std::ptrdiff_t gate = 0; gate < kGates; ++gate)
        std::copy_n(bias.begin() + kOnnxGate[gate] * units, units, ordered.begin() + gate * units);
    return ordered;
}

/// Layers and dense layer from the records that the plan names.
class Builder {
public:
    Builder(const Recording& recording, const ImportOptions& options) : recording_(recording), options_(options) {}

    ImportedModel build(const Plan& plan) {
        ImportedModel model;
        for (const std::size_t record : plan.lstms) model.network.layers.push_back(layer(recording_.lstms[record]));
        if (plan.dense) model.network.dense = dense(recording_.denses[*plan.dense]);
        model.network.graph_output = plan.output;
        model.network.input_name = recording_.sources[recording_.lstms[plan.lstms.front()].from].name;
        model.network.output_name = plan.output_name;
        model.messages = std::move(messages_);
        return model;
    }

private:
    WeightMatrix weights(const RawMatrix& raw, std::optional<int> bits, const char* option) {
        RecognizedWeights recognized = recognize_weights(raw, bits, option);
        if (!recognized.message.empty()) messages_.push_back(std::move(recognized.message));
        return std::move(recognized.matrix);
    }

    LstmLayer layer(const RawLstm& raw) {
        if (raw.input_size > kMaxSize || raw.hidden_size > kMaxSize)
            throw InputError({"", 0, raw.label}, fmt::format("{} inputs and {} units; at most {} of each are allowed",
                                                             raw.input_size, raw.hidden_size, kMaxSize));
        LstmLayer made;
        made.input_size = narrow<int>(raw.input_size);
        made.hidden_size = narrow<int>(raw.hidden_size);
        for (const RawDirection& direction : raw.directions) {
            LstmDirection one;
            one.reverse = direction.reverse;
            one.input = in_machine_order(weights(direction.input, options_.lstm_weight_bits, "--lstm-weight-bits"));
            one.recurrent =
                in_machine_order(weights(direction.recurrent, options_.lstm_weight_bits, "--lstm-weight-bits"));
            one.bias = in_machine_order(direction.bias);
            one.initial_h = direction.initial_h;
            one.initial_c = direction.initial_c;
            made.directions.push_back(std::move(one));
        }
        return made;
    }

    DenseLayer dense(const RawDense& raw) {
        if (raw.weights.rows > kMaxSize)
            throw InputError({"", 0, raw.label},
                             fmt::format("{} outputs; at most {} are allowed", raw.weights.rows, kMaxSize));
        return {weights(raw.weights, options_.dense_weight_bits, "--dense-weight-bits"), raw.bias};
    }

    const Recording& recording_;
    const ImportOptions& options_;
    std::vector<std::string> messages_;
};

ImportedModel import_model(const onnx::ModelProto& model, const ImportOptions& options) {
    check_names(model);
    Budget budget(model.ByteSizeLong());
    const Attempt understood = understand_graph(model, budget);
    if (!understood.plan) throw InputError(understood.problem.text);
    ImportedModel imported = Builder(understood.walk.recording, options).build(*understood.plan);
    std::vector<std::string>& messages = imported.messages;
    messages.insert(messages.begin(), understood.plan->messages.begin(), understood.plan->messages.end());
    messages.insert(messages.begin(), understood.walk.recording.messages.begin(),
                    understood.walk.recording.messages.end());
    if (understood.fixed_steps)
        messages.push_back(
            understood.steps() > 1
                ? fmt::format("the graph is exported for {} steps; sequences of any length are run", understood.steps())
                : "the graph is exported for a single step and cannot be read for more, so whether it puts out every "
                  "step or "
                  "the last one is unknown; every step is taken (export with a dynamic steps axis)");
    imported.network = with_metadata(std::move(imported.network), model);
    if (options.input_exponent)
        imported.network = with_input_exponent(std::move(imported.network), *options.input_exponent);
    return imported;
}

} // namespace
} // namespace onnx_import

ImportedModel import_onnx(const std::string& path, const ImportOptions& options) {
    const onnx::ModelProto model = onnx_import::read_model(path);
    return in_place({path}, [&] {
        ImportedModel imported = onnx_import::import_model(model, options);
        imported.network.name = std::filesystem::path(path).filename().string();
        imported.network.fingerprint = network_fingerprint(imported.network);
        return imported;
    });
}

} // namespace bru
