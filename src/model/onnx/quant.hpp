// Nodes that round to fewer bits: Quant and BipolarQuant of QONNX, as Brevitas and others export them, and
// QuantizeLinear. On weights they are carried out; on hidden values they may be seen through.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "model/onnx/node.hpp"
#include "model/onnx/recording.hpp"

namespace bru::onnx_import {

/// Whether the node is Quant or BipolarQuant of QONNX, in any of the domains that exporters have for it.
bool is_qonnx_quant(const Node& node);

/// What such a node makes of constants. Throws NodeError.
Value fold_quant(const Node& node);

struct IntegerRange {
    double low = 0;
    double high = 0;
};

/// The integers that QuantizeLinear makes: those of the type of its zero point, uint8 without one.
IntegerRange range_of_zero_point(const Value& zero_point);

/// How a node rounds: to multiples of `scale`, from `lowest` to `highest`.
struct Rounding {
    double scale = 0;
    double lowest = 0;
    double highest = 0;

    /// Hidden values lie within -1 and 1. Where none of them is cut off, a rounding moves them by half a scale at most.
    bool holds_hidden_values() const { return lowest <= -1 + scale && highest >= 1 - scale; }
};

/// Of Quant or QuantizeLinear with one scale for all values; nothing where that is not known.
std::optional<Rounding> rounding_of(const Node& node);

/// Roundings of hidden values that the walk sees through: the machine has its own number format.
class SeenRoundings {
public:
    /// The recording must outlive the object.
    explicit SeenRoundings(Recording& recording) : recording_(&recording) {}

    /// What a Quant node makes of hidden values: the same, where it cuts none off. Throws NodeError where it does.
    Value rounded(const Node& node);

    /// QuantizeLinear of hidden values and the DequantizeLinear behind it, which together round; nothing for others.
    /// The integers between the two are the host's, should anything else read them.
    std::optional<Value> quantized(const Node& node);

    /// Hidden values that QuantizeLinear has made integers of.
    struct RoundedValue {
        std::string tensor; ///< in the file
        Value value;
        Rounding rounding;
        Value zero_point;
    };
    /// What the integers with this source are made of; null where they are something else.
    const RoundedValue* before(std::uint32_t source) const;

private:
    bool is_hidden(const Value& value) const;
    void say_rounding(const Node& node, const Rounding& rounding);

    Recording* recording_;
    std::unordered_map<std::uint32_t, RoundedValue> rounded_; ///< by the source of the integers
};

} // namespace bru::onnx_import
