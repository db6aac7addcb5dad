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
OutputSteps dense_steps(const Recording& recording, const RawDense& dense, const std::vector<Token>& tokens,
                        std::int64_t width) {
    const std::int64_t rows = dense.steps == OutputSteps::every ? recording.steps : 1;
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

Plan understand(Recording& recording, const Value& given) {
    const Value value = with_joined_directions(recording, given);
    if (!value.is_tokens() || value.size() == 0) throw std::invalid_argument("is a constant");
    const Source source = recording.sources[value.tokens->front().source];
    Plan plan;
    if (source.kind == Source::Kind::dense || source.kind == Source::Kind::argmax) {
        const RawDense& dense = recording.denses[source.record];
        const bool argmax = source.kind == Source::Kind::argmax;
        plan.dense = source.record;
        plan.output.kind = argmax ? OutputKind::argmax : OutputKind::logits;
        plan.output.steps = dense_steps(recording, dense, *value.tokens, argmax ? 1 : dense.bias.size());
        plan.lstms = {dense.lstm};
        return plan;
    }
    Value plain = value;
    if (source.softmax) { // hidden values under a Softmax: find the source without it
        std::vector<Token> tokens = *value.tokens;
        for (std::size_t i = 0; i < recording.sources.size(); ++i) {
            const Source& other = recording.sources[i];
            if (other.kind != source.kind || other.record != source.record || other.softmax) continue;
            for (Token& token : tokens) token.source = narrow<std::uint32_t>(i);
            break;
        }
        plain = make_tokens(value.dims, std::move(tokens));
    }
    const LayerRows rows = read_layer_rows(recording, plain, layer_width(recording, plain));
    if (!is_identity(rows.order))
        throw std::invalid_argument(
            fmt::format("puts the outputs of {} in another order", recording.lstms[rows.lstm].label));
    plan.output = {OutputKind::hidden, rows.steps};
    plan.lstms = {rows.lstm};
    return plan;
}

void add_lower_layers(const Recording& recording, Plan& plan) {
    while (!recording.lstms[plan.lstms.back()].from_graph_input)
        plan.lstms.push_back(recording.sources[recording.lstms[plan.lstms.back()].from].record);
    std::reverse(plan.lstms.begin(), plan.lstms.end());
}

} // namespace

Plan plan_output(Walk& walk) {
    std::vector<std::string> reasons;
    for (std::size_t i = 0; i < walk.outputs.size(); ++i) {
        if (const auto* problem = std::get_if<Problem>(&walk.outputs[i])) throw NodeError(*problem);
        try {
            Plan plan = understand(walk.recording, std::get<Value>(walk.outputs[i]));
            add_lower_layers(walk.recording, plan);
            plan.output_name = walk.output_names[i];
            plan.messages = std::move(reasons);
            if (i + 1 < walk.outputs.size()) {
                const std::vector<std::string> others(walk.output_names.begin() + i + 1, walk.output_names.end());
                plan.messages.push_back(fmt::format("graph output '{}' is what leaves; '{}' {} not computed",
                                                    walk.output_names[i], fmt::join(others, "', '"),
                                                    others.size() == 1 ? "is" : "are"));
            }
            return plan;
        } catch (const std::invalid_argument& error) {
            reasons.push_back(fmt::format("graph output '{}' {}", walk.output_names[i], error.what()));
        }
    }
    if (reasons.empty()) throw NodeError({"the graph has no outputs", false});
    throw NodeError({fmt::format("no output of the graph can be run: {}", fmt::join(reasons, "; ")), false});
}

} // namespace bru::onnx_import
