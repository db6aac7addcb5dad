// Folding of constant nodes. Integers wrap as in ONNX runtimes; real numbers are float.
#include "model/onnx/arithmetic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include <fmt/format.h>

#include "base/integers.hpp"
#include "model/onnx/file.hpp"
#include "model/onnx/protobuf.hpp"
#include "model/onnx/quant.hpp"

namespace bru::onnx_import {
namespace {

Value constant(const Node& node) {
    if (const onnx::AttributeProto* value = node.find("value"); value != nullptr && value->has_t())
        return value_of(value->t());
    if (node.has("value_float")) return make_floats({}, {node.real("value_float", 0)});
    if (node.has("value_int")) return make_integers({}, {node.integer("value_int", 0)});
    if (const std::optional<Dims> list = node.integers("value_ints")) return make_integers({signed_size(*list)}, *list);
    if (const onnx::AttributeProto* list = node.find("value_floats"))
        return make_floats({list->floats_size()}, {list->floats().begin(), list->floats().end()});
    node.fail("its value is neither a dense tensor nor a number");
}

Value constant_of_shape(const Node& node) {
    const Dims dims = node.constant_integers(0);
    const std::size_t count = node.count(dims);
    const onnx::AttributeProto* value = node.find("value");
    if (value == nullptr) return make_floats(dims, std::vector<float>(count, 0.0F));
    const Value fill = value_of(value->t());
    if (fill.size() != 1) node.fail("attribute 'value' must have one element");
    if (fill.kind == Value::Kind::floats) return make_floats(dims, std::vector<float>(count, fill.floats->front()));
    return make_integers(dims, std::vector<std::int64_t>(count, fill.integers->front()));
}

Value shape(const Node& node) {
    const Dims& dims = node.required(0).dims;
    const std::int64_t rank = dims.size();
    const auto place = [rank](std::int64_t given) {
        return std::clamp<std::int64_t>(given < 0 ? given + rank : given, 0, rank);
    };
    const std::int64_t start = place(node.integer("start", 0));
    const std::int64_t end = std::max(start, place(node.integer("end", rank)));
    return make_integers({end - start}, Dims(dims.begin() + start, dims.begin() + end));
}

Value size(const Node& node) { return make_integers({}, {node.required(0).size()}); }

Value range(const Node& node) {
    for (std::size_t i = 0; i < 3; ++i)
        if (node.required(i).kind != Value::Kind::integers || node.required(i).size() != 1)
            node.fail("needs three integers");
    const std::int64_t start = node.constant_integers(0).front();
    const std::int64_t limit = node.constant_integers(1).front();
    const std::int64_t delta = node.constant_integers(2).front();
    constexpr std::int64_t kFar = std::int64_t{1} << 40;
    const auto is_far = [](std::int64_t number) { return number < -kFar || number > kFar; };
    if (delta == 0 || is_far(start) || is_far(limit) || is_far(delta)) node.fail("its numbers are out of range");
    const std::int64_t count = std::max<std::int64_t>(0, (limit - start + delta - (delta > 0 ? 1 : -1)) / delta);
    node.count({count});
    std::vector<std::int64_t> values;
    values.reserve(count);
    for (std::int64_t i = 0; i < count; ++i) values.push_back(start + i * delta);
    return make_integers({count}, std::move(values));
}

using RealFunction = double (*)(double, double);
using IntegerFunction = std::int64_t (*)(std::int64_t, std::int64_t);

/// Two's complement arithmetic without undefined overflow.
std::int64_t wrap(std::uint64_t value) { return value; }
std::uint64_t bits(std::int64_t value) { return value; }
bool overflows(std::int64_t a, std::int64_t b) { return b == -1 && a == std::numeric_limits<std::int64_t>::min(); }

struct BinaryOperation {
    RealFunction real;
    IntegerFunction integer;
    bool divides = false; ///< an integer divisor of 0 is an error
    bool gives_truth = false;
};

const std::map<std::string, BinaryOperation>& binary_operations() {
    static const std::map<std::string, BinaryOperation> kOperations = {
        {"Add",
         {[](double a, double b) { return a + b; },
          [](std::int64_t a, std::int64_t b) { return wrap(bits(a) + bits(b)); }}},
        {"Sub",
         {[](double a, double b) { return a - b; },
          [](std::int64_t a, std::int64_t b) { return wrap(bits(a) - bits(b)); }}},
        {"Mul",
         {[](double a, double b) { return a * b; },
          [](std::int64_t a, std::int64_t b) { return wrap(bits(a) * bits(b)); }}},
        {"Div",
         {[](double a, double b) { return a / b; },
          [](std::int64_t a, std::int64_t b) { return overflows(a, b) ? a : a / b; }, true}},
        {"Mod",
         {[](double a, double b) { return std::fmod(a, b); },
          [](std::int64_t a, std::int64_t b) { return overflows(a, b) ? 0 : ((a % b) + b) % b; }, true}},
        {"Max",
         {[](double a, double b) { return std::max(a, b); },
          [](std::int64_t a, std::int64_t b) { return std::max(a, b); }}},
        {"Min",
         {[](double a, double b) { return std::min(a, b); },
          [](std::int64_t a, std::int64_t b) { return std::min(a, b); }}},
        {"Equal",
         {[](double a, double b) { return a == b ? 1.0 : 0.0; },
          [](std::int64_t a, std::int64_t b) { return std::int64_t{a == b}; }, false, true}},
        {"Greater",
         {[](double a, double b) { return a > b ? 1.0 : 0.0; },
          [](std::int64_t a, std::int64_t b) { return std::int64_t{a > b}; }, false, true}},
        {"Less",
         {[](double a, double b) { return a < b ? 1.0 : 0.0; },
          [](std::int64_t a, std::int64_t b) { return std::int64_t{a < b}; }, false, true}},
        {"GreaterOrEqual",
         {[](double a, double b) { return a >= b ? 1.0 : 0.0; },
          [](std::int64_t a, std::int64_t b) { return std::int64_t{a >= b}; }, false, true}},
        {"LessOrEqual",
         {[](double a, double b) { return a <= b ? 1.0 : 0.0; },
          [](std::int64_t a, std::int64_t b) { return std::int64_t{a <= b}; }, false, true}},
        {"And",
         {[](double a, double b) { return a != 0 && b != 0 ? 1.0 : 0.0; },
          [](std::int64_t a, std::int64_t b) { return std::int64_t{a != 0 && b != 0}; }, false, true}},
        {"Or",
         {[](double a, double b) { return a != 0 || b != 0 ? 1.0 : 0.0; },
          [](std::int64_t a, std::int64_t b) { return std::int64_t{a != 0 || b != 0}; }, false, true}},
    };
    return kOperations;
}

Value combine(const Node& node, const BinaryOperation& operation, const Value& a, const Value& b) {
    if (a.kind != b.kind) node.fail("mixes integers and real numbers");
    Dims dims = broadcast_dims(a.dims, b.dims);
    node.spend(3 * node.count(dims)); // both maps, and the results
    const std::vector<std::int64_t> from_a = broadcast_map(a.dims, dims);
    const std::vector<std::int64_t> from_b = broadcast_map(b.dims, dims);
    if (a.kind == Value::Kind::integers) {
        std::vector<std::int64_t> values;
        values.reserve(from_a.size());
        for (std::size_t i = 0; i < from_a.size(); ++i) {
            const std::int64_t second = (*b.integers)[from_b[i]];
            if (operation.divides && second == 0) node.fail("divides by zero");
            values.push_back(operation.integer((*a.integers)[from_a[i]], second));
        }
        return make_integers(std::move(dims), std::move(values));
    }
    std::vector<double> results;
    results.reserve(from_a.size());
    for (std::size_t i = 0; i < from_a.size(); ++i)
        results.push_back(operation.real(a.number(from_a[i]), b.number(from_b[i])));
    if (operation.gives_truth) return make_integers(std::move(dims), {results.begin(), results.end()});
    std::vector<float> values;
    values.reserve(results.size());
    for (const double result : results) values.push_back(static_cast<float>(result));
    return make_floats(std::move(dims), std::move(values));
}

Value binary(const Node& node) {
    const BinaryOperation& operation = binary_operations().at(node.op());
    Value result = node.required(0);
    for (std::size_t i = 1; i < node.input_count(); ++i) result = combine(node, operation, result, node.required(i));
    return result;
}

Value unary(const Node& node) {
    static const std::map<std::string, double (*)(double)> kOperations = {
        {"Neg", [](double a) { return -a; }},
        {"Abs", [](double a) { return std::fabs(a); }},
        {"Sign", [](double a) { return a > 0   ? 1.0
                                       : a < 0 ? -1.0
                                               : a; }},
        {"Sqrt", [](double a) { return std::sqrt(a); }},
        {"Floor", [](double a) { return std::floor(a); }},
        {"Ceil", [](double a) { return std::ceil(a); }},
        {"Round", [](double a) { return std::nearbyint(a); }},
        {"Reciprocal", [](double a) { return 1 / a; }},
        {"Not", [](double a) { return a == 0 ? 1.0 : 0.0; }},
    };
    const auto operation = kOperations.at(node.op());
    const Value& value = node.required(0);
    if (value.kind == Value::Kind::integers) {
        constexpr std::int64_t kExact = std::int64_t{1} << 53;
        std::vector<std::int64_t> values;
        for (const std::int64_t number : *value.integers) {
            if (number > kExact || number < -kExact) node.fail(fmt::format("{} is out of range", number));
            const double result = operation(static_cast<double>(number));
            if (std::isnan(result)) node.fail(fmt::format("has no result for {}", number));
            values.push_back(static_cast<std::int64_t>(std::clamp(result, -0x1p53, 0x1p53)));
        }
        return make_integers(value.dims, std::move(values));
    }
    std::vector<float> values;
    for (const float number : *value.floats) values.push_back(static_cast<float>(operation(number)));
    return make_floats(value.dims, std::move(values));
}

Value where(const Node& node) {
    const Value& condition = node.required(0);
    const Value& yes = node.required(1);
    const Value& no = node.required(2);
    if (yes.kind != no.kind) node.fail("mixes integers and real numbers");
    Dims dims = broadcast_dims(broadcast_dims(condition.dims, yes.dims), no.dims);
    node.spend(4 * node.count(dims)); // three maps, and the results
    const auto from_condition = broadcast_map(condition.dims, dims);
    const auto from_yes = broadcast_map(yes.dims, dims);
    const auto from_no = broadcast_map(no.dims, dims);
    const auto choose = [&](const auto& yes_values, const auto& no_values) {
        auto chosen = yes_values; // for its type
        chosen.resize(from_condition.size());
        for (std::size_t i = 0; i < from_condition.size(); ++i)
            chosen[i] = condition.number(from_condition[i]) != 0 ? yes_values[from_yes[i]] : no_values[from_no[i]];
        return chosen;
    };
    return yes.kind == Value::Kind::floats ? make_floats(dims, choose(*yes.floats, *no.floats))
                                           : make_integers(dims, choose(*yes.integers, *no.integers));
}

Value reduce(const Node& node) {
    const Value& value = node.required(0);
    const std::optional<Dims> axes = node.integers_of("axes", 1);
    const bool keep = node.integer("keepdims", 1) != 0;
    std::vector<bool> reduced(value.dims.size(), !axes || axes->empty());
    for (const std::int64_t axis : axes.value_or(Dims())) reduced[node.axis(axis, value.rank())] = true;
    Dims kept = value.dims;
    Dims dims;
    std::int64_t count = 1;
    for (std::size_t axis = 0; axis < kept.size(); ++axis) {
        if (reduced[axis]) {
            count *= kept[axis];
            kept[axis] = 1;
            if (keep) dims.push_back(1);
        } else
            dims.push_back(kept[axis]);
    }
    if (count == 0 || value.size() == 0) node.fail("reduces an empty tensor");
    node.spend(2 * value.size());
    const std::vector<std::int64_t> target = broadcast_map(kept, value.dims);
    std::vector<double> sums(element_count(kept));
    std::vector<bool> seen(sums.size(), false);
    for (std::size_t i = 0; i < target.size(); ++i) {
        const std::size_t place = target[i];
        const double number = value.number(i);
        if (!seen[place])
            sums[place] = number;
        else if (node.op() == "ReduceMax")
            sums[place] = std::max(sums[place], number);
        else if (node.op() == "ReduceMin")
            sums[place] = std::min(sums[place], number);
        else if (node.op() == "ReduceProd")
            sums[place] *= number;
        else
            sums[place] += number;
        seen[place] = true;
    }
    std::vector<float> floats;
    for (const double sum : sums)
        floats.push_back(static_cast<float>(node.op() == "ReduceMean" ? sum / real(count) : sum));
    if (value.kind == Value::Kind::floats) return make_floats(std::move(dims), std::move(floats));
    std::vector<std::int64_t> integers;
    for (const double sum : sums) {
        if (std::isnan(sum)) node.fail("its integers leave the range of real numbers");
        integers.push_back(static_cast<std::int64_t>(std::clamp(sum, -0x1p53, 0x1p53)));
    }
    return make_integers(std::move(dims), std::move(integers));
}

/// For every element of `value` the element of a per-axis or single `parameter` that belongs to it.
std::vector<std::int64_t> per_axis_map(const Node& node, const Value& value, const Value& parameter, const char* name) {
    if (parameter.size() == 1) return std::vector<std::int64_t>(value.size(), 0);
    if (parameter.rank() != 1)
        node.fail(fmt::format("{} must have one element or one an index of an axis, not shape {}", name,
                              to_string(parameter.dims)));
    const std::size_t axis = node.axis(node.integer("axis", 1), value.rank());
    if (parameter.size() != value.dims[axis])
        node.fail(fmt::format("{} has {} elements, axis {} of {} needs {}", name, parameter.size(), axis,
                              to_string(value.dims), value.dims[axis]));
    Dims along(value.dims.size(), 1);
    along[axis] = value.dims[axis];
    return broadcast_map(along, value.dims);
}

/// The same of a zero point; empty where there is none. Differences to it have to fit 32 bits.
std::vector<std::int64_t> zero_point_map(const Node& node, const Value& value, const Value& zero_point) {
    if (!zero_point.present()) return {};
    constexpr std::int64_t kMostZeroPoint = std::int64_t{1} << 30;
    if (zero_point.kind != Value::Kind::integers) node.fail("its zero point must be an integer");
    for (const std::int64_t zero : *zero_point.integers)
        if (zero < -kMostZeroPoint || zero > kMostZeroPoint)
            node.fail(fmt::format("its zero point '{}' is out of range", node.input_name(2)));
    return per_axis_map(node, value, zero_point, "its zero point");
}

Value dequantize(const Node& node) {
    const Value& value = node.required(0);
    const Value& scale = node.required(1);
    const Value& zero_point = node.input(2);
    if (value.kind != Value::Kind::integers || scale.kind != Value::Kind::floats)
        node.fail("needs integer values and a real scale");
    const std::vector<std::int64_t> scale_of = per_axis_map(node, value, scale, "its scale");
    const std::vector<std::int64_t> zero_of = zero_point_map(node, value, zero_point);
    std::vector<float> floats;
    std::vector<QuantizedWeight> quantized;
    for (std::size_t i = 0; i < scale_of.size(); ++i) {
        constexpr std::int64_t kFits = std::int64_t{1} << 31;
        const std::int64_t stored = (*value.integers)[i];
        if (stored < -kFits + 1 || stored >= kFits) node.fail(fmt::format("{} does not fit 32 bits", stored));
        const std::int64_t integer = zero_of.empty() ? stored : stored - (*zero_point.integers)[zero_of[i]];
        const float factor = (*scale.floats)[scale_of[i]];
        if (integer < -kFits + 1 || integer >= kFits) node.fail(fmt::format("{} does not fit 32 bits", integer));
        floats.push_back(static_cast<float>(integer) * factor);
        const auto small = static_cast<std::int32_t>(integer);
        quantized.push_back(factor < 0 ? QuantizedWeight{-small, -factor} : QuantizedWeight{small, factor});
    }
    Value result = make_floats(value.dims, std::move(floats));
    result.quantized = share(std::move(quantized));
    return result;
}

/// Weights that quantization-aware training leaves as QuantizeLinear and DequantizeLinear.
Value quantize_linear(const Node& node) {
    const Value& value = node.required(0);
    const Value& scale = node.required(1);
    const Value& zero_point = node.input(2);
    if (value.kind != Value::Kind::floats || scale.kind != Value::Kind::floats)
        node.fail("needs real values and a real scale");
    const std::vector<std::int64_t> scale_of = per_axis_map(node, value, scale, "its scale");
    const std::vector<std::int64_t> zero_of = zero_point_map(node, value, zero_point);
    const IntegerRange range = range_of_zero_point(zero_point);
    std::vector<std::int64_t> integers;
    for (std::size_t i = 0; i < scale_of.size(); ++i) {
        const float ratio = (*value.floats)[i] / (*scale.floats)[scale_of[i]];
        if (std::isnan(ratio)) node.fail("its values or scales are not numbers");
        const double zero = zero_of.empty() ? 0 : real((*zero_point.integers)[zero_of[i]]);
        integers.push_back(
            static_cast<std::int64_t>(std::clamp(double{std::nearbyint(ratio)} + zero, range.low, range.high)));
    }
    return make_integers(value.dims, std::move(integers));
}

using Operation = Value (*)(const Node&);

const std::map<std::string, Operation>& operations() {
    static const std::map<std::string, Operation> kOperations = [] {
        std::map<std::string, Operation> all = {{"Constant", constant},
                                                {"ConstantOfShape", constant_of_shape},
                                                {"Shape", shape},
                                                {"Size", size},
                                                {"Range", range},
                                                {"Where", where},
                                                {"DequantizeLinear", dequantize},
                                                {"QuantizeLinear", quantize_linear}};
        for (const char* op : {"Neg", "Abs", "Sign", "Sqrt", "Floor", "Ceil", "Round", "Reciprocal", "Not"})
            all[op] = unary;
        for (const char* op : {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd"}) all[op] = reduce;
        for (const auto& operation : binary_operations()) all[operation.first] = binary;
        return all;
    }();
    return kOperations;
}

} // namespace

bool is_arithmetic(const std::string& op) { return operations().count(op) != 0; }

std::optional<Value> fold_constants(const Node& node) {
    const auto operation = operations().find(node.op());
    if (operation == operations().end()) return std::nullopt;
    if (node.any_tokens() && node.op() != "Shape" && node.op() != "Size") return std::nullopt;
    return operation->second(node);
}

} // namespace bru::onnx_import
