// The dense layer (Gemm, MatMul, Add) and what may follow it: Softmax, LogSoftmax, ArgMax.
#include "base/integers.hpp"
#include "model/onnx/layers.hpp"
#include "model/onnx/protobuf.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

namespace bru::onnx_import {
namespace {

/// A real weight matrix as outputs x inputs.
RawMatrix weights_of(const Node& node, std::size_t position, bool outputs_first, float factor) {
    const Value& value = node.required(position);
    const std::string place = fmt::format("input {} ('{}')", position, node.input_name(position));
    if (value.is_tokens())
        node.fail(
            place +
            " depends on the network's input (attention, or two computed operands?); dense weights must be constants");
    if (value.kind != Value::Kind::floats)
        node.fail(place + " must be real numbers (int8 weights go through DequantizeLinear)");
    Dims dims = value.dims;
    while (dims.size() > 2 && dims.front() == 1) dims.erase(dims.begin());
    if (dims.size() != 2)
        node.fail(
            fmt::format("{} has shape {}; a dense layer's weights have two dimensions", place, to_string(value.dims)));
    RawMatrix matrix;
    matrix.place = fmt::format("{}, weights '{}'", node.label(), node.input_name(position));
    matrix.rows = dims[outputs_first ? 0 : 1];
    matrix.columns = dims[outputs_first ? 1 : 0];
    if (matrix.rows < 1 || matrix.columns < 1) node.fail(fmt::format("{} has shape {}", place, to_string(value.dims)));
    for (std::int64_t row = 0; row < matrix.rows; ++row)
        for (std::int64_t column = 0; column < matrix.columns; ++column) {
            const auto at = (outputs_first ? row * matrix.columns + column : column * matrix.rows + row);
            matrix.values.push_back((*value.floats)[at] * factor);
            if (!value.quantized) continue;
            const QuantizedWeight weight = (*value.quantized)[at];
            matrix.quantized.push_back(factor < 0 ? QuantizedWeight{-weight.value, weight.scale * -factor}
                                                  : QuantizedWeight{weight.value, weight.scale * factor});
        }
    return matrix;
}

/// Bias of `outputs` values from a constant that broadcasts along the rows.
std::vector<double> bias_of(const Node& node, std::size_t position, std::int64_t outputs, float factor) {
    const Value& value = node.required(position);
    const std::string place = fmt::format("input {} ('{}')", position, node.input_name(position));
    if (value.is_tokens())
        node.fail(place +
                  " is computed by the network (a residual connection?); a dense layer's bias must be constant");
    if (value.size() != 1 && (value.size() != outputs || value.dims.back() != outputs))
        node.fail(fmt::format("{} has shape {}; one value or {} are needed", place, to_string(value.dims), outputs));
    std::vector<double> bias;
    for (std::int64_t row = 0; row < outputs; ++row) {
        bias.push_back(value.number(value.size() == 1 ? 0 : row) * factor);
        if (!std::isfinite(bias.back()))
            node.fail(
                fmt::format("{}: element {} is {}; biases must be finite numbers: train or export the model again",
                            place, row, bias.back()));
    }
    return bias;
}

std::uint32_t add_dense(Recording& recording, RawDense dense) {
    const RawLstm& lstm = recording.lstms[dense.lstm];
    Source source{Source::Kind::dense, recording.denses.size(), false, dense.label, 0};
    source.batch = lstm.batch;
    source.sequence_size =
        (dense.steps == OutputSteps::every ? lstm.steps : 1) * static_cast<std::int64_t>(dense.bias.size());
    recording.denses.push_back(std::move(dense));
    return recording.add_source(std::move(source));
}

/// What the dense layer puts out, row for row of `inputs`, whose rows are `columns` wide.
Value dense_tokens(const Node& node, Recording& recording, std::uint32_t source, const Value& inputs,
                   std::int64_t columns, Dims dims) {
    const BatchLayout layout = batch_layout(recording, with_joined_directions(recording, inputs));
    const Source& dense = recording.sources[source];
    const std::int64_t outputs = recording.denses[dense.record].bias.size();
    std::vector<Token> tokens;
    tokens.reserve(node.count(dims));
    for (std::int64_t at = 0; at < inputs.size(); at += columns) {
        const std::int64_t row = layout.place_of(at) / columns;
        const std::int64_t first = layout.sequence_of(at) * dense.sequence_size + row * outputs;
        for (std::int64_t output = 0; output < outputs; ++output)
            tokens.push_back({source, narrow<std::uint32_t>(first + output)});
    }
    return make_tokens(std::move(dims), std::move(tokens));
}

/// A dense layer over `inputs`, whose last dimension are the units of the last LSTM layer.
Value record(const Node& node, Recording& recording, const Value& inputs, RawMatrix weights, std::vector<double> bias,
             Dims dims) {
    if (inputs.rank() < 1 || inputs.size() == 0) node.fail("its input has no elements");
    if (inputs.dims.back() != weights.columns)
        node.fail(fmt::format("input of shape {} does not fit weights of {} inputs", to_string(inputs.dims),
                              weights.columns));
    RawDense dense;
    dense.label = node.label();
    const std::int64_t columns = weights.columns;
    try {
        const LayerRows rows = read_rows_or_step(recording, inputs, weights.columns);
        dense.lstm = rows.lstm;
        dense.root = recording.denses.size();
        dense.steps = rows.steps;
        if (rows.steps != OutputSteps::every) dense.step = rows.step;
        dense.weights = with_columns(weights, rows.order);
    } catch (const std::invalid_argument& error) {
        node.fail(error.what());
    }
    dense.bias = std::move(bias);
    const std::uint32_t source = add_dense(recording, std::move(dense));
    return dense_tokens(node, recording, source, inputs, columns, std::move(dims));
}

Value matmul(const Node& node, Recording& recording) {
    const Value& inputs = node.required(0);
    if (!inputs.is_tokens()) node.fail("has the weights as its first input; the computed values must come first");
    RawMatrix weights = weights_of(node, 1, false, 1);
    Dims dims = inputs.dims;
    if (dims.empty()) node.fail("its input is a scalar");
    dims.back() = weights.rows;
    while (dims.size() < node.required(1).dims.size()) dims.insert(dims.begin(), 1);
    std::vector<double> bias(weights.rows, 0.0);
    return record(node, recording, inputs, std::move(weights), std::move(bias), std::move(dims));
}

Value gemm(const Node& node, Recording& recording) {
    Value inputs = node.required(0);
    if (!inputs.is_tokens()) node.fail("has the weights as its first input; the computed values must come first");
    if (inputs.rank() != 2)
        node.fail(fmt::format("its input has shape {}; two dimensions are needed", to_string(inputs.dims)));
    if (node.integer("transA", 0) != 0) {
        std::vector<std::int64_t> map;
        for (std::int64_t column = 0; column < inputs.dims[1]; ++column)
            for (std::int64_t row = 0; row < inputs.dims[0]; ++row) map.push_back(row * inputs.dims[1] + column);
        inputs = select(inputs, {inputs.dims[1], inputs.dims[0]}, map);
    }
    RawMatrix weights = weights_of(node, 1, node.integer("transB", 0) != 0, node.real("alpha", 1));
    const std::int64_t outputs = weights.rows;
    std::vector<double> bias(outputs, 0.0);
    if (node.input(2).present()) bias = bias_of(node, 2, outputs, node.real("beta", 1));
    const Dims dims = {inputs.dims[0], outputs};
    return record(node, recording, inputs, std::move(weights), std::move(bias), dims);
}

/// True where these are whole rows of a dense layer, each in order.
bool is_whole_dense(const Recording& recording, const Value& value) {
    if (!value.is_tokens() || value.size() == 0) return false;
    const Source& source = recording.sources[value.tokens->front().source];
    if (source.kind != Source::Kind::dense || source.squashed) return false;
    const std::int64_t outputs = recording.denses[source.record].bias.size();
    if (value.rank() < 1 || value.dims.back() != outputs) return false;
    const std::vector<Token>& tokens = *value.tokens;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const std::uint32_t row_start = tokens[i - i % outputs].index;
        if (tokens[i].source != tokens.front().source || row_start % outputs != 0 ||
            tokens[i].index != row_start + i % outputs)
            return false;
    }
    return true;
}

/// Add of a constant to a dense layer: its bias. Any other Add on the network's values cannot be run.
Value add(const Node& node, Recording& recording) {
    const std::size_t constant = node.required(0).is_tokens() ? 1 : 0;
    const Value& value = node.required(1 - constant);
    if (node.required(constant).is_tokens())
        node.fail("adds two computed values (a residual connection?), which the machine cannot do");
    if (!is_whole_dense(recording, value))
        node.fail("adds a constant to something else than the output of a MatMul on the last LSTM layer, which the "
                  "machine cannot do");
    RawDense dense = recording.denses[recording.sources[value.tokens->front().source].record];
    const Value& added = node.required(constant);
    const std::int64_t outputs = dense.bias.size();
    if (broadcast_dims(added.dims, value.dims) != value.dims)
        node.fail(fmt::format("a bias of shape {} does not fit {}", to_string(added.dims), to_string(value.dims)));
    const std::vector<double> bias = bias_of(node, constant, outputs, 1);
    for (std::size_t row = 0; row < bias.size(); ++row) dense.bias[row] += bias[row];
    return of_source(value, add_dense(recording, std::move(dense)));
}

/// A dense or hidden row along an axis, as Softmax and ArgMax need it.
struct ClassAxis {
    std::size_t axis = 0;
    std::uint32_t source = 0;
};

/// Checks that `axis` to the end holds exactly the values that one layer puts out in one step, in order.
ClassAxis class_axis(const Node& node, Recording& recording, const Value& value, std::size_t axis) {
    if (value.size() == 0) node.fail("its input has no elements");
    const std::uint32_t source = value.tokens->front().source;
    const Source& known = recording.sources[source];
    std::int64_t width = 0;
    if (known.kind == Source::Kind::dense)
        width = recording.denses[known.record].bias.size();
    else if (known.kind == Source::Kind::hidden)
        width = recording.lstms[known.record].width();
    else
        node.fail(fmt::format("works on {} rather than on the network's output", known.label));
    std::int64_t group = 1;
    for (std::size_t i = axis; i < value.dims.size(); ++i) group *= value.dims[i];
    bool rows = group == width;
    for (std::size_t i = 0; rows && i < value.tokens->size(); ++i) {
        const Token token = (*value.tokens)[i];
        const std::size_t start = i - i % width;
        rows = token.source == source && token.index == (*value.tokens)[start].index + i % width &&
               ((*value.tokens)[start].index) % width == 0;
    }
    if (!rows)
        node.fail(
            fmt::format("attribute 'axis' = {}: it must run over all {} outputs of a step, on an input of shape {}",
                        node.integer("axis", -1), width, to_string(value.dims)));
    return {axis, source};
}

/// The value behind a Softmax or Sigmoid at the end, which keeps the order of the values.
Value squashed(const Node& node, Recording& recording, const Value& value, std::uint32_t before) {
    Source source = recording.sources[before];
    if (!source.squashed) source.before_squash = node.proto().input(0);
    source.squashed = true;
    recording.say(fmt::format("{} at the end is not computed: the values before it leave the machine, and the classes "
                              "are the same",
                              node.label()));
    return of_source(value, recording.add_source(std::move(source)));
}

Value softmax(const Node& node, Recording& recording) {
    const Value& value = node.required(0);
    const bool coerces = node.opset() < 13; // older operators flatten everything from the axis on
    const std::size_t axis = node.axis(node.integer("axis", coerces ? 1 : -1), value.rank());
    if (!coerces)
        for (std::size_t i = axis + 1; i < value.dims.size(); ++i)
            if (value.dims[i] != 1)
                node.fail(fmt::format("attribute 'axis' = {} is not the axis of the classes of {}",
                                      node.integer("axis", -1), to_string(value.dims)));
    const ClassAxis classes = class_axis(node, recording, value, axis);
    return squashed(node, recording, value, classes.source);
}

/// Behind a dense layer. Its outputs are above one half where the logits are above zero, so classes stay what they are.
std::optional<Value> sigmoid(const Node& node, Recording& recording) {
    const Value& value = node.required(0);
    if (!value.is_tokens() || value.size() == 0) return std::nullopt;
    const std::uint32_t source = value.tokens->front().source;
    const bool one_layer = std::all_of(value.tokens->begin(), value.tokens->end(),
                                       [source](const Token& token) { return token.source == source; });
    if (!one_layer || recording.sources[source].kind != Source::Kind::dense) return std::nullopt;
    return squashed(node, recording, value, source);
}

Value argmax(const Node& node, Recording& recording) {
    const Value& value = node.required(0);
    const std::size_t axis = node.axis(node.integer("axis", 0), value.rank());
    if (node.integer("select_last_index", 0) != 0)
        node.fail("attribute 'select_last_index' = 1 cannot be run: ties go to the lowest index");
    for (std::size_t i = axis + 1; i < value.dims.size(); ++i)
        if (value.dims[i] != 1)
            node.fail(fmt::format("attribute 'axis' = {} is not the axis of the classes of {}", node.integer("axis", 0),
                                  to_string(value.dims)));
    const ClassAxis classes = class_axis(node, recording, value, axis);
    const Source& before = recording.sources[classes.source];
    if (before.kind != Source::Kind::dense)
        node.fail("follows an LSTM directly; the machine finds the largest output of a dense layer only");
    const auto outputs = narrow<std::uint32_t>(recording.denses[before.record].bias.size());
    Source source_of_classes{Source::Kind::argmax, before.record, false, node.label(), 0};
    source_of_classes.batch = before.batch;
    source_of_classes.sequence_size = before.sequence_size / outputs;
    const std::uint32_t source = recording.add_source(std::move(source_of_classes));
    std::vector<Token> tokens;
    for (std::size_t i = 0; i < value.tokens->size(); i += outputs)
        tokens.push_back({source, (*value.tokens)[i].index / outputs});
    Dims dims = value.dims;
    if (node.integer("keepdims", 1) != 0)
        dims[axis] = 1;
    else
        dims.erase(dims.begin() + axis);
    return make_tokens(std::move(dims), std::move(tokens));
}

} // namespace

std::optional<std::vector<Value>> record_dense(const Node& node, Recording& recording) {
    const std::string& op = node.op();
    if (op == "MatMul") return std::vector<Value>{matmul(node, recording)};
    if (op == "Gemm") return std::vector<Value>{gemm(node, recording)};
    if (op == "Add") return std::vector<Value>{add(node, recording)};
    if (op == "Sigmoid") {
        if (std::optional<Value> value = sigmoid(node, recording)) return std::vector<Value>{*std::move(value)};
        return std::nullopt;
    }
    const bool ends = op == "Softmax" || op == "LogSoftmax" || op == "ArgMax";
    if (!ends || !node.required(0).is_tokens()) return std::nullopt;
    return std::vector<Value>{op == "ArgMax" ? argmax(node, recording) : softmax(node, recording)};
}

} // namespace bru::onnx_import
