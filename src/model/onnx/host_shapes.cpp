// Shape rules of the operators that stand around recurrent layers in exported models.
#include "model/onnx/host_shapes.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>

#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {
namespace {

using Shapes = std::vector<Dims>;

Shapes as_first_input(const Node& node) { return {node.required(0).dims}; }

Shapes broadcast(const Node& node) {
    Dims dims = node.required(0).dims;
    for (std::size_t i = 1; i < node.input_count(); ++i)
        if (node.input(i).present()) dims = broadcast_dims(dims, node.input(i).dims);
    return {dims};
}

Shapes matmul(const Node& node) {
    const Dims& a = node.required(0).dims;
    const Dims& b = node.required(1).dims;
    if (a.size() < 2 || b.size() < 2 || a.back() != b[b.size() - 2]) node.fail("its inputs do not fit together");
    Dims dims = broadcast_dims({a.begin(), a.end() - 2}, {b.begin(), b.end() - 2});
    dims.push_back(a[a.size() - 2]);
    dims.push_back(b.back());
    return {dims};
}

Shapes gemm(const Node& node) {
    const Dims& a = node.required(0).dims;
    const Dims& b = node.required(1).dims;
    if (a.size() != 2 || b.size() != 2) node.fail("needs two dimensions");
    const bool transposes_a = node.integer("transA", 0) != 0;
    const bool transposes_b = node.integer("transB", 0) != 0;
    if (a[transposes_a ? 0 : 1] != b[transposes_b ? 1 : 0]) node.fail("its inputs do not fit together");
    return {{a[transposes_a ? 1 : 0], b[transposes_b ? 0 : 1]}};
}

/// The sizes over which a window of `kernel` slides.
Dims windows(const Node& node, const Dims& input, const Dims& kernel) {
    const std::size_t axes = kernel.size();
    if (input.size() != axes + 2) node.fail("its kernel does not fit its input");
    const Dims strides = node.integers("strides").value_or(Dims(axes, 1));
    const Dims dilations = node.integers("dilations").value_or(Dims(axes, 1));
    Dims pads = node.integers("pads").value_or(Dims(2 * axes, 0));
    if (strides.size() != axes || dilations.size() != axes || pads.size() != 2 * axes)
        node.fail("its attributes do not fit its kernel");
    const std::string padding = node.text("auto_pad", "NOTSET");
    Dims sizes;
    for (std::size_t axis = 0; axis < axes; ++axis) {
        const std::int64_t size = input[axis + 2];
        const std::int64_t numbers[] = {size, strides[axis], dilations[axis], kernel[axis]};
        for (const std::int64_t number : numbers)
            if (number < 1 || number > kMaxElements) node.fail("has a size, stride or dilation out of range");
        if (padding == "SAME_UPPER" || padding == "SAME_LOWER") {
            sizes.push_back((size + strides[axis] - 1) / strides[axis]);
            continue;
        }
        const std::int64_t before = padding == "VALID" ? 0 : pads[axis];
        const std::int64_t after = padding == "VALID" ? 0 : pads[axis + axes];
        if (std::min(before, after) < -kMaxElements || std::max(before, after) > kMaxElements)
            node.fail("has pads out of range");
        const std::int64_t free = size + before + after - (dilations[axis] * (kernel[axis] - 1) + 1);
        if (free < 0) node.fail("its kernel is larger than its input");
        const std::int64_t step = strides[axis];
        sizes.push_back((node.integer("ceil_mode", 0) != 0 ? free + step - 1 : free) / step + 1);
    }
    return sizes;
}

Shapes convolution(const Node& node) {
    const Dims& input = node.required(0).dims;
    const Dims& weights = node.required(1).dims;
    if (weights.size() < 3) node.fail("its weights need at least three dimensions");
    const Dims kernel = node.integers("kernel_shape").value_or(Dims(weights.begin() + 2, weights.end()));
    const Dims sizes = windows(node, input, kernel);
    Dims dims = {input[0], weights[0]};
    dims.insert(dims.end(), sizes.begin(), sizes.end());
    return {dims};
}

Shapes pooling(const Node& node) {
    const Dims& input = node.required(0).dims;
    const std::optional<Dims> kernel = node.integers("kernel_shape");
    if (!kernel) node.fail("attribute 'kernel_shape' is missing");
    const Dims sizes = windows(node, input, *kernel);
    Dims dims = {input[0], input[1]};
    dims.insert(dims.end(), sizes.begin(), sizes.end());
    return {dims};
}

Shapes global_pooling(const Node& node) {
    Dims dims = node.required(0).dims;
    for (std::size_t axis = 2; axis < dims.size(); ++axis) dims[axis] = 1;
    return {dims};
}

Shapes reduction(const Node& node) {
    const Dims& input = node.required(0).dims;
    const bool one_axis = node.op() == "ArgMax" || node.op() == "ArgMin";
    const Dims axes = one_axis ? Dims{node.integer("axis", 0)} : node.integers_of("axes", 1).value_or(Dims());
    std::vector<bool> reduced(input.size(), axes.empty());
    for (const std::int64_t axis : axes) reduced[node.axis(axis, node.required(0).rank())] = true;
    Dims dims;
    for (std::size_t axis = 0; axis < input.size(); ++axis)
        if (!reduced[axis])
            dims.push_back(input[axis]);
        else if (node.integer("keepdims", 1) != 0)
            dims.push_back(1);
    return {dims};
}

Shapes gather(const Node& node) {
    const Dims& input = node.required(0).dims;
    const Dims& index = node.required(1).dims;
    const std::size_t axis = node.axis(node.integer("axis", 0), node.required(0).rank());
    Dims dims(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(axis));
    dims.insert(dims.end(), index.begin(), index.end());
    dims.insert(dims.end(), input.begin() + static_cast<std::ptrdiff_t>(axis) + 1, input.end());
    return {dims};
}

Shapes gather_elements(const Node& node) { return {node.required(1).dims}; }

Shapes one_hot(const Node& node) {
    Dims dims = node.required(0).dims;
    const Dims depth = node.constant_integers(1);
    if (depth.size() != 1) node.fail("needs one depth");
    const std::int64_t rank = node.required(0).rank() + 1;
    dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(node.axis(node.integer("axis", -1), rank)), depth.front());
    return {dims};
}

Shapes concatenation(const Node& node) {
    Dims dims = node.required(0).dims;
    const std::size_t axis = node.axis(node.integer("axis", 0), node.required(0).rank());
    for (std::size_t i = 1; i < node.input_count(); ++i) {
        if (node.required(i).rank() != node.required(0).rank()) node.fail("its inputs do not fit together");
        const std::int64_t more = node.required(i).dims[axis];
        if (dims[axis] > kMaxElements || more > kMaxElements) node.fail("has a size out of range");
        dims[axis] += more;
    }
    return {dims};
}

Shapes padding(const Node& node) {
    Dims dims = node.required(0).dims;
    const Dims pads = node.integers_of("pads", 1).value_or(Dims());
    if (node.input(3).present() || pads.size() != 2 * dims.size()) node.fail("its pads do not fit its input");
    for (std::size_t axis = 0; axis < dims.size(); ++axis) {
        const std::int64_t numbers[] = {dims[axis], pads[axis], pads[axis + dims.size()]};
        for (const std::int64_t number : numbers)
            if (number < -kMaxElements || number > kMaxElements) node.fail("has a size or pads out of range");
        dims[axis] += pads[axis] + pads[axis + dims.size()];
    }
    return {dims};
}

/// Y, Y_h and, of an LSTM, Y_c.
Shapes recurrent(const Node& node) {
    const Dims& x = node.required(0).dims;
    const Dims& r = node.required(2).dims;
    if (x.size() != 3 || r.size() != 3) node.fail("inputs X and R must have three dimensions");
    const bool batch_first = node.integer("layout", 0) == 1;
    const std::int64_t steps = x[batch_first ? 1 : 0];
    const std::int64_t batch = x[batch_first ? 0 : 1];
    const Dims y = batch_first ? Dims{batch, steps, r[0], r[2]} : Dims{steps, r[0], batch, r[2]};
    const Dims state = batch_first ? Dims{batch, r[0], r[2]} : Dims{r[0], batch, r[2]};
    return {y, state, state};
}

using Rule = Shapes (*)(const Node&);

std::map<std::string, Rule> make_rules() {
    std::map<std::string, Rule> rules = {{"MatMul", matmul},
                                         {"Gemm", gemm},
                                         {"Conv", convolution},
                                         {"MaxPool", pooling},
                                         {"AveragePool", pooling},
                                         {"LpPool", pooling},
                                         {"GlobalAveragePool", global_pooling},
                                         {"GlobalMaxPool", global_pooling},
                                         {"ArgMax", reduction},
                                         {"ArgMin", reduction},
                                         {"Gather", gather},
                                         {"GatherElements", gather_elements},
                                         {"Concat", concatenation},
                                         {"OneHot", one_hot},
                                         {"Pad", padding},
                                         {"LSTM", recurrent},
                                         {"GRU", recurrent},
                                         {"RNN", recurrent}};
    for (const char* op : {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean",
                           "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"})
        rules[op] = reduction;
    for (const char* op : {"Add",  "And",         "BitShift", "Div",  "Equal", "Greater", "GreaterOrEqual",
                           "Less", "LessOrEqual", "Max",      "Mean", "Min",   "Mod",     "Mul",
                           "Or",   "Pow",         "Sub",      "Sum",  "Where", "Xor"})
        rules[op] = broadcast;
    for (const char* op : {"Abs",
                           "Acos",
                           "Asin",
                           "Atan",
                           "BatchNormalization",
                           "Cast",
                           "CastLike",
                           "Ceil",
                           "Celu",
                           "Clip",
                           "Cos",
                           "CumSum",
                           "DequantizeLinear",
                           "Dropout",
                           "Elu",
                           "Erf",
                           "Exp",
                           "Floor",
                           "Gelu",
                           "HardSigmoid",
                           "HardSwish",
                           "Hardmax",
                           "Identity",
                           "InstanceNormalization",
                           "IsInf",
                           "IsNaN",
                           "LRN",
                           "LayerNormalization",
                           "LeakyRelu",
                           "Log",
                           "LogSoftmax",
                           "LpNormalization",
                           "MeanVarianceNormalization",
                           "Mish",
                           "Neg",
                           "Not",
                           "PRelu",
                           "QuantizeLinear",
                           "RandomNormalLike",
                           "RandomUniformLike",
                           "Reciprocal",
                           "Relu",
                           "ReverseSequence",
                           "Round",
                           "ScatterElements",
                           "ScatterND",
                           "Selu",
                           "Shrink",
                           "Sigmoid",
                           "Sign",
                           "Sin",
                           "Softmax",
                           "Softplus",
                           "Softsign",
                           "Sqrt",
                           "Tan",
                           "Tanh",
                           "ThresholdedRelu",
                           "Trilu"})
        rules[op] = as_first_input;
    return rules;
}

const std::map<std::string, Rule>& rules() {
    static const std::map<std::string, Rule> kRules = make_rules();
    return kRules;
}

double product(const Dims& dims) {
    return std::accumulate(dims.begin(), dims.end(), 1.0,
                           [](double all, std::int64_t size) { return all * static_cast<double>(size); });
}

} // namespace

std::optional<std::vector<Dims>> host_shapes(const Node& node) {
    const auto rule = rules().find(node.op());
    if (rule == rules().end() || !node.is_standard()) return std::nullopt;
    try {
        std::vector<Dims> shapes = rule->second(node);
        for (const Dims& dims : shapes) element_count(dims);
        return shapes;
    } catch (const NodeError&) {
        return std::nullopt;
    } catch (const std::logic_error&) {
        return std::nullopt;
    }
}

std::unordered_map<std::string, Dims> closed_shapes(const onnx::GraphProto& graph) {
    std::unordered_map<std::string, Dims> shapes;
    for (const onnx::ValueInfoProto& info : graph.value_info()) {
        const auto& stated = info.type().tensor_type().shape().dim();
        if (!info.type().tensor_type().has_shape() ||
            std::any_of(stated.begin(), stated.end(), [](const auto& size) { return size.dim_value() < 1; }))
            continue;
        Dims& dims = shapes[info.name()];
        for (const auto& size : stated) dims.push_back(size.dim_value());
    }
    return shapes;
}

double multiply_accumulates(const Node& node) {
    static const std::map<std::string, double> kGates = {{"LSTM", 4}, {"GRU", 3}, {"RNN", 1}};
    if (!node.any_tokens() || !node.is_standard()) return 0;
    const std::string& op = node.op();
    const auto gates = kGates.find(op);
    if (op != "Conv" && op != "MatMul" && op != "Gemm" && gates == kGates.end()) return 0;
    const std::optional<std::vector<Dims>> shapes = host_shapes(node);
    if (!shapes) return 0;
    const double outputs = product(shapes->front());
    const Dims& weights = node.input(1).dims;
    if (gates != kGates.end())
        return weights.size() == 3
                   ? outputs * gates->second * static_cast<double>(weights.back() + node.input(2).dims.back())
                   : 0;
    if (op == "Conv") return outputs * product({weights.begin() + 1, weights.end()});
    const Dims& first = node.input(0).dims;
    const bool transposed = op == "Gemm" && node.integer("transA", 0) != 0;
    return outputs * static_cast<double>(transposed ? first.front() : first.back());
}

} // namespace bru::onnx_import
