#include "train/onnx_export.hpp"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/output_file.hpp"
#include "model/onnx/graph_builder.hpp"
#include "model/onnx/row_order.hpp"
#include "train/quantizers.hpp"

namespace bru::train {
namespace {

using onnx_export::GraphBuilder;

template <class Value>
std::vector<Value> values_of(const at::Tensor& tensor, at::ScalarType type) {
    const at::Tensor flat = tensor.detach().to(type).contiguous();
    return {flat.data_ptr<Value>(), flat.data_ptr<Value>() + flat.numel()};
}

std::string add_floats(GraphBuilder& graph, const std::string& name, const at::Tensor& value) {
    return graph.floats(name, value.sizes().vec(), values_of<float>(value, at::kFloat));
}

std::string add_int8s(GraphBuilder& graph, const std::string& name, const at::Tensor& value) {
    return graph.int8s(name, value.sizes().vec(), values_of<std::int8_t>(value, at::kChar));
}

/// Blocks of rows in the given order.
at::Tensor blocks_of(const at::Tensor& rows, const std::vector<int>& order) {
    const std::vector<at::Tensor> blocks = rows.detach().chunk(kGates, 0);
    std::vector<at::Tensor> chosen;
    for (const int row : order) chosen.push_back(blocks[row]);
    return at::cat(chosen, 0);
}

/// B: the biases of W with those of the gates, then those of R: zeros, but for a GRU's candidate.
at::Tensor bias_of(const at::Tensor& bias, const OnnxRowOrder& order) {
    const at::Tensor of_input = blocks_of(bias, order.input);
    at::Tensor of_recurrent = blocks_of(bias, order.recurrent);
    const std::int64_t units = bias.size(0) / kGates;
    for (std::size_t k = 0; k < order.input.size(); ++k)
        if (order.input[k] == order.recurrent[k])
            of_recurrent.slice(0, static_cast<std::int64_t>(k) * units, static_cast<std::int64_t>(k + 1) * units)
                .zero_();
    return at::cat({of_input, of_recurrent});
}

/// Adds the layer; returns the names of its output [steps, directions, 1, hidden] and of its final states [directions,
/// 1, hidden].
std::pair<std::string, std::string> add_layer(GraphBuilder& graph, const NetworkShape& shape, int layer,
                                              const std::vector<DirectionWeights>& weights, const std::string& input) {
    const OnnxRowOrder order = onnx_row_order(shape.cell);
    std::vector<at::Tensor> w;
    std::vector<at::Tensor> r;
    std::vector<at::Tensor> b;
    for (const DirectionWeights& direction : weights) {
        w.push_back(blocks_of(direction.input, order.input));
        r.push_back(blocks_of(direction.recurrent, order.recurrent));
        b.push_back(bias_of(direction.bias, order));
    }
    const bool is_gru = shape.cell == CellKind::gru;
    const std::string name = fmt::format("{}{}", is_gru ? "gru" : "lstm", layer);
    const std::vector<std::string> inputs = {input, add_floats(graph, name + ".W", at::stack(w)),
                                             add_floats(graph, name + ".R", at::stack(r)),
                                             add_floats(graph, name + ".B", at::stack(b))};
    onnx_export::NodeBuilder node = graph.node(cell_name(shape.cell), inputs, {name + ".Y", name + ".Y_h"});
    node.integer("hidden_size", shape.hidden);
    if (is_gru) node.integer("linear_before_reset", 1);
    if (shape.bidirectional) node.text("direction", "bidirectional");
    return {name + ".Y", name + ".Y_h"};
}

/// [steps, directions, 1, hidden] to [steps, 1, directions * hidden].
std::string add_joined(GraphBuilder& graph, const NetworkShape& shape, int layer, const std::string& output) {
    const std::string name = fmt::format("{}{}", shape.cell == CellKind::gru ? "gru" : "lstm", layer);
    graph.node("Transpose", {output}, {name + ".turned"}).integers("perm", {0, 2, 1, 3});
    graph.int64s(name + ".joined_shape", {3}, {0, 1, std::int64_t{shape.hidden} * shape.directions()});
    graph.node("Reshape", {name + ".turned", name + ".joined_shape"}, {name + ".output"});
    return name + ".output";
}

/// [directions, 1, hidden] to [1, directions * hidden].
std::string add_final(GraphBuilder& graph, const NetworkShape& shape, const std::string& states) {
    graph.node("Transpose", {states}, {"final.turned"}).integers("perm", {1, 0, 2});
    graph.int64s("final.shape", {2}, {1, std::int64_t{shape.hidden} * shape.directions()});
    graph.node("Reshape", {"final.turned", "final.shape"}, {"final"});
    return "final";
}

void add_dense(GraphBuilder& graph, const Weights& weights, int bits, const std::string& input) {
    if (bits == 1) {
        add_floats(graph, "dense.weight", round_to_bits(weights.dense.detach(), 1).t());
    } else {
        const IntegerRows rows = integer_rows(weights.dense, bits);
        add_int8s(graph, "dense.weight_q", rows.values.t());
        add_floats(graph, "dense.weight_scale", rows.scales.view(-1));
        add_int8s(graph, "dense.weight_zero_point", at::zeros({weights.dense.size(0)}, at::kFloat));
        graph
            .node("DequantizeLinear", {"dense.weight_q", "dense.weight_scale", "dense.weight_zero_point"},
                  {"dense.weight"})
            .integer("axis", 1);
    }
    add_floats(graph, "dense.bias", weights.dense_bias);
    graph.node("MatMul", {input, "dense.weight"}, {"dense.product"});
    graph.node("Add", {"dense.product", "dense.bias"}, {"logits"});
}

} // namespace

void write_onnx(const std::string& path, const NetworkShape& shape, const Weights& weights, int dense_bits,
                const Metadata& metadata) {
    constexpr std::int64_t kOpen = 0;
    GraphBuilder graph("bru-train");
    graph.input("input", {kOpen, 1, shape.inputs});
    graph.output("logits",
                 shape.every_step ? std::vector<std::int64_t>{kOpen, 1, shape.outputs}
                                  : std::vector<std::int64_t>{1, shape.outputs},
                 false);
    std::string x = "input";
    for (int layer = 0; layer < shape.layers; ++layer) {
        const auto [output, final_states] = add_layer(graph, shape, layer, weights.layers[layer], x);
        const bool last = layer + 1 == shape.layers;
        x = last && !shape.every_step ? add_final(graph, shape, final_states) : add_joined(graph, shape, layer, output);
    }
    add_dense(graph, weights, dense_bits, x);
    for (const auto& [key, value] : metadata) graph.property(key, value);
    OutputFile file(path);
    file.write(graph.serialized());
    file.commit();
}

} // namespace bru::train
