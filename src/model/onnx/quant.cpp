// The arithmetic of QONNX: float32, and rounding to even unless the node says otherwise.
#include "model/onnx/quant.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "base/printable.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {
namespace {

constexpr int kMostBits = 24; ///< integers that float32 holds

/// The only number of a constant input; nothing where the input is something else.
std::optional<double> single_number(const Value& value) {
    if (!value.is_constant() || value.size() != 1) return std::nullopt;
    return value.number(0);
}

/// The integers of a Quant node.
IntegerRange integers_of(const Node& node) {
    const std::optional<double> bits = single_number(node.input(3));
    if (!bits || *bits != std::floor(*bits) || *bits < 1 || *bits > kMostBits)
        node.fail(
            fmt::format("input 3 ('{}') must be one constant number of bits, 1 to {}", node.input_name(3), kMostBits));
    const bool is_signed = node.integer("signed", 1) != 0;
    const bool is_narrow = node.integer("narrow", 0) != 0;
    const double count = std::ldexp(1.0, static_cast<int>(*bits) - (is_signed ? 1 : 0));
    if (is_signed) return {is_narrow ? 1 - count : -count, count - 1};
    return {0, is_narrow ? count - 2 : count - 1};
}

using Round = float (*)(float);

Round rounding_mode(const Node& node) {
    static const std::map<std::string, Round> kModes = {
        {"ROUND", [](float a) { return std::nearbyint(a); }},
        {"HALF_EVEN", [](float a) { return std::nearbyint(a); }},
        {"CEIL", [](float a) { return std::ceil(a); }},
        {"FLOOR", [](float a) { return std::floor(a); }},
        {"ROUND_TO_ZERO", [](float a) { return std::trunc(a); }},
        {"DOWN", [](float a) { return std::trunc(a); }},
    };
    const std::string mode = node.text("rounding_mode", "ROUND");
    const auto found = kModes.find(mode);
    if (found == kModes.end())
        node.fail(fmt::format("attribute 'rounding_mode' is '{}'; ROUND, CEIL, FLOOR and "
                              "ROUND_TO_ZERO are allowed",
                              shown_name(mode)));
    return found->second;
}

const Value& real_input(const Node& node, std::size_t position) {
    const Value& value = node.required(position);
    if (value.kind != Value::Kind::floats)
        node.fail(fmt::format("input {} ('{}') must be constant real numbers", position, node.input_name(position)));
    return value;
}

/// Values and their integers while they are made.
class Quantized {
public:
    explicit Quantized(const Value& shape) : dims_(shape.dims) {}
    void add(double integer, float scale) {
        floats_.push_back(static_cast<float>(integer) * scale);
        integers_.push_back({static_cast<std::int32_t>(scale < 0 ? -integer : integer), std::fabs(scale)});
    }
    Value value() {
        Value value = make_floats(dims_, std::move(floats_));
        value.quantized = share(std::move(integers_));
        return value;
    }

private:
    Dims dims_;
    std::vector<float> floats_;
    std::vector<QuantizedWeight> integers_;
};

Value fold_bipolar(const Node& node) {
    const Value& value = real_input(node, 0);
    const Value& scale = real_input(node, 1);
    const std::vector<std::int64_t> scale_of = broadcast_map(scale.dims, value.dims);
    node.spend(2 * value.size());
    Quantized result(value);
    for (std::size_t i = 0; i < scale_of.size(); ++i)
        result.add((*value.floats)[i] >= 0 ? 1 : -1, (*scale.floats)[scale_of[i]]);
    return result.value();
}

} // namespace

bool is_qonnx_quant(const Node& node) {
    return !node.is_standard() && (node.op() == "Quant" || node.op() == "BipolarQuant");
}

Value fold_quant(const Node& node) {
    if (node.op() == "BipolarQuant") return fold_bipolar(node);
    const Value& value = real_input(node, 0);
    const Value& scale = real_input(node, 1);
    const Value& zero_point = node.required(2);
    const IntegerRange range = integers_of(node);
    const Round round = rounding_mode(node);
    const std::vector<std::int64_t> scale_of = broadcast_map(scale.dims, value.dims);
    const std::vector<std::int64_t> zero_of = broadcast_map(zero_point.dims, value.dims);
    node.spend(3 * value.size());
    Quantized result(value);
    for (std::size_t i = 0; i < scale_of.size(); ++i) {
        const float factor = (*scale.floats)[scale_of[i]];
        const double zero = zero_point.number(zero_of[i]);
        const float ratio = (*value.floats)[i] / factor + static_cast<float>(zero);
        if (std::isnan(ratio) || zero != std::floor(zero) || std::fabs(zero) > std::ldexp(1.0, kMostBits))
            node.fail("its values or scales are not numbers, or a zero point is no whole number");
        result.add(static_cast<double>(
                       round(std::clamp(ratio, static_cast<float>(range.low), static_cast<float>(range.high)))) -
                       zero,
                   factor);
    }
    return result.value();
}

IntegerRange range_of_zero_point(const Value& zero_point) {
    switch (zero_point.present() ? zero_point.element_type : static_cast<int>(onnx::TensorProto::UINT8)) {
    case onnx::TensorProto::UINT8: return {0, 255};
    case onnx::TensorProto::UINT16: return {0, 65535};
    case onnx::TensorProto::INT16: return {-32768, 32767};
    default: return {-128, 127};
    }
}

std::optional<Rounding> rounding_of(const Node& node) {
    const std::optional<double> scale = single_number(node.input(1));
    const std::optional<double> zero = node.input(2).present() ? single_number(node.input(2)) : 0;
    if (!scale || *scale <= 0 || !zero) return std::nullopt;
    IntegerRange range;
    if (node.op() == "Quant")
        range = integers_of(node);
    else if (node.op() == "QuantizeLinear")
        range = range_of_zero_point(node.input(2));
    else
        return std::nullopt;
    return Rounding{*scale, (range.low - *zero) * *scale, (range.high - *zero) * *scale};
}

bool SeenRoundings::is_hidden(const Value& value) const {
    return value.is_tokens() && std::all_of(value.tokens->begin(), value.tokens->end(), [&](const Token& token) {
               const Source& source = recording_->sources[token.source];
               return source.kind == Source::Kind::hidden && !source.squashed;
           });
}

void SeenRoundings::say_rounding(const Node& node, const Rounding& rounding) {
    recording_->say(fmt::format("{} rounds hidden values to multiples of {:.3g}; the machine leaves that out, since "
                                "it has its own number format",
                                node.label(), rounding.scale));
}

const SeenRoundings::RoundedValue* SeenRoundings::before(std::uint32_t source) const {
    const auto found = rounded_.find(source);
    return found == rounded_.end() ? nullptr : &found->second;
}

Value SeenRoundings::rounded(const Node& node) {
    const std::optional<Rounding> rounding = rounding_of(node);
    if (!is_hidden(node.required(0)) || !rounding || !rounding->holds_hidden_values())
        node.fail("rounds values that are not the hidden values of a layer, or cuts off values within -1 and 1; the "
                  "machine rounds in its own number format only");
    say_rounding(node, *rounding);
    return node.required(0);
}

std::optional<Value> SeenRoundings::quantized(const Node& node) {
    const Value& value = node.required(0);
    if (!value.is_tokens() || value.size() == 0) return std::nullopt;
    const bool quantizes = node.op() == "QuantizeLinear";
    if (quantizes) {
        const std::optional<Rounding> rounding = rounding_of(node);
        if (!is_hidden(value) || !rounding || !rounding->holds_hidden_values()) return std::nullopt;
        Value integers = recording_->host_value("the output of " + node.label(), node.proto().output(0), value.dims);
        rounded_[integers.tokens->front().source] = {node.proto().input(0), value, *rounding, node.input(2)};
        say_rounding(node, *rounding);
        return integers;
    }
    const auto before = rounded_.find(value.tokens->front().source);
    if (before == rounded_.end() || value.tokens->size() != before->second.value.tokens->size()) return std::nullopt;
    const Value& scale = node.required(1);
    const auto number = [](const Value& of) { return of.present() && of.size() == 1 ? of.number(0) : 0; };
    if (!scale.is_constant() || scale.size() != 1 || scale.number(0) != before->second.rounding.scale ||
        node.input(2).is_tokens() || number(node.input(2)) != number(before->second.zero_point))
        return std::nullopt;
    std::vector<Token> tokens; // which may have been moved between the two
    for (const Token& token : *value.tokens) {
        if (token.source != value.tokens->front().source) return std::nullopt;
        tokens.push_back((*before->second.value.tokens)[token.index]);
    }
    return make_tokens(value.dims, std::move(tokens));
}

} // namespace bru::onnx_import
