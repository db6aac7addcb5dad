// Choosing and understanding the graph's output.
#include "model/onnx/output.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/integers.hpp"

namespace bru::onnx_import {
namespace {

/// Rows of a dense layer's (or ArgMax's) tokens, `width` each: every one of the layer's, or its last.
OutputSteps dense_steps(const Recording& recording, const RawDense& dense, const Value& value, std::int64_t width) {
    const std::vector<Token> tokens = first_sequence(recording, value);
    const std::int64_t rows = dense.steps == OutputSteps::every ? recording.lstms[dense.lstm].steps : 1;
    const std::int64_t count = tokens.size();
    const std::int64_t start = tokens.front().index;
    for (std::size_t i = 0; i < tokens.size(); ++i)
        if (static_cast<std::int64_t>(tokens[i].index) != start + static_cast<std::int64_t>(i) ||
            tokens[i].source != tokens.front().source)
            throw std::invalid_argument(fmt::format("reorders what {} puts out", dense.label));
    if (start == 0 && count == rows * width) return dense.steps;
    if (count == width && start == (rows - 1) * width) return OutputSteps::last;
    throw std::invalid_argument(fmt::format(
        "takes a part of what {} puts out; all of it, of every step or the last one, can be used", dense.label));
}

/// True where the host computes a part of the value.
bool needs_host(const Recording& recording, const Value& value) {
    return value.is_tokens() && std::any_of(value.tokens->begin(), value.tokens->end(), [&](const Token& token) {
               return recording.sources[token.source].kind == Source::Kind::host;
           });
}

} // namespace

Plan understand(Recording& recording, const Value& given, const std::string& tensor) {
    const Value value = with_joined_steps(recording, with_joined_directions(recording, given));
    if (!value.is_tokens() || value.size() == 0) throw std::invalid_argument("is a constant");
    const Source source = recording.sources[value.tokens->front().source];
    Plan plan;
    plan.output_tensor = tensor;
    plan.before_squash = source.before_squash;
    if (source.kind == Source::Kind::dense || source.kind == Source::Kind::argmax) {
        const RawDense& dense = recording.denses[source.record];
        const bool argmax = source.kind == Source::Kind::argmax;
        if (dense.steps == OutputSteps::last && *dense.step != recording.lstms[dense.lstm].steps - 1)
            refuse_step(*dense.step);
        plan.dense = source.record;
        plan.output.kind = argmax ? OutputKind::argmax : OutputKind::logits;
        plan.output.steps = dense_steps(recording, dense, value, argmax ? 1 : dense.bias.size());
        plan.lstms = layers_up_to(recording, dense.lstm);
        return plan;
    }
    Value plain = value;
    if (source.squashed) { // hidden values under a Softmax: find the source without it
        for (std::size_t i = 0; i < recording.sources.size(); ++i) {
            const Source& other = recording.sources[i];
            if (other.kind != source.kind || other.record != source.record || other.squashed) continue;
            plain = of_source(value, narrow<std::uint32_t>(i));
            break;
        }
    }
    const LayerRows rows = read_layer_rows(recording, plain, layer_width(recording, plain));
    if (!is_identity(rows.order))
        throw std::invalid_argument(
            fmt::format("puts the outputs of {} in another order", recording.lstms[rows.lstm].label));
    plan.output = {OutputKind::hidden, rows.steps};
    plan.lstms = layers_up_to(recording, rows.lstm);
    return plan;
}

std::vector<std::size_t> layers_up_to(const Recording& recording, std::size_t last) {
    std::vector<std::size_t> layers = {last};
    while (!recording.lstms[layers.back()].starts)
        layers.push_back(recording.sources[recording.lstms[layers.back()].from].record);
    std::reverse(layers.begin(), layers.end());
    return layers;
}

std::optional<Plan> plan_graph_output(Walk& walk) {
    Recording& recording = walk.recording;
    std::vector<std::string> reasons;
    for (std::size_t i = 0; i < walk.outputs.size(); ++i) {
        const std::string label = fmt::format("graph output '{}'", walk.output_names[i]);
        const auto* value = std::get_if<Value>(&walk.outputs[i]);
        if (value == nullptr || needs_host(recording, *value)) return std::nullopt;
        try {
            Plan plan = understand(recording, *value, walk.output_tensors[i]);
            const Source& feed = recording.sources[recording.lstms[plan.lstms.front()].from];
            if (feed.kind != Source::Kind::graph_input) return std::nullopt;
            plan.messages = std::move(reasons);
            if (i + 1 < walk.outputs.size()) {
                const std::vector<std::string> others(walk.output_names.begin() + i + 1, walk.output_names.end());
                plan.messages.push_back(fmt::format("{} is what leaves; '{}' {} not computed", label,
                                                    fmt::join(others, "', '"), others.size() == 1 ? "is" : "are"));
            }
            return plan;
        } catch (const std::invalid_argument& error) {
            reasons.push_back(fmt::format("{} {}", label, error.what()));
            walk.outside.push_back({label, "", error.what()});
        }
    }
    return std::nullopt;
}

} // namespace bru::onnx_import
