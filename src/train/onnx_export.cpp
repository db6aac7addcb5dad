#include "train/onnx_export.hpp"

#include <fmt/format.h>

#include "base/output_file.hpp"
#include "model/onnx/protobuf.hpp"
#include "train/quantizers.hpp"

namespace bru::train {
namespace {

constexpr int kOpset = 13;
constexpr int kIrVersion = 7;

void add_floats(onnx::GraphProto& graph, const std::string& name, const at::Tensor& value) {
    onnx::TensorProto& tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t size : value.sizes()) tensor.add_dims(size);
    const at::Tensor flat = value.detach().to(at::kFloat).contiguous();
    tensor.set_raw_data(flat.data_ptr<float>(), flat.numel() * sizeof(float));
}

void add_int8(onnx::GraphProto& graph, const std::string& name, const at::Tensor& value) {
    onnx::TensorProto& tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::INT8);
    for (const std::int64_t size : value.sizes()) tensor.add_dims(size);
    const at::Tensor flat = value.detach().to(at::kChar).contiguous();
    tensor.set_raw_data(flat.data_ptr<std::int8_t>(), flat.numel());
}

void add_int64(onnx::GraphProto& graph, const std::string& name, const std::vector<std::int64_t>& values) {
    onnx::TensorProto& tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::INT64);
    tensor.add_dims(values.size());
    for (const std::int64_t value : values) tensor.add_int64_data(value);
}

onnx::NodeProto& add_node(onnx::GraphProto& graph, const std::string& type, const std::vector<std::string>& inputs,
                          const std::vector<std::string>& outputs) {
    onnx::NodeProto& node = *graph.add_node();
    node.set_op_type(type);
    node.set_name(outputs.front() + "_" + type);
    for (const std::string& input : inputs) node.add_input(input);
    for (const std::string& output : outputs) node.add_output(output);
    return node;
}

void set_attribute(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(value);
}

void set_attribute(onnx::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) attribute.add_ints(value);
}

/// Rows of the gates i, f, g, o in ONNX's order i, o, f, g (which ONNX calls c).
at::Tensor onnx_gates(const at::Tensor& rows) {
    const std::vector<at::Tensor> gate = rows.detach().chunk(4, 0);
    return at::cat({gate[0], gate[3], gate[1], gate[2]}, 0);
}

/// Adds the layer; returns the names of its output [steps, directions, 1, hidden] and of its final states [directions,
/// 1, hidden].
std::pair<std::string, std::string> add_lstm(onnx::GraphProto& graph, const NetworkShape& shape, int layer,
                                             const std::vector<DirectionWeights>& weights, const std::string& input) {
    std::vector<at::Tensor> w;
    std::vector<at::Tensor> r;
    std::vector<at::Tensor> b;
    for (const DirectionWeights& direction : weights) {
        w.push_back(onnx_gates(direction.input));
        r.push_back(onnx_gates(direction.recurrent));
        b.push_back(at::cat({onnx_gates(direction.bias), at::zeros({4 * shape.hidden}, at::kFloat)}));
    }
    const std::string name = fmt::format("lstm{}", layer);
    add_floats(graph, name + ".W", at::stack(w));
    add_floats(graph, name + ".R", at::stack(r));
    add_floats(graph, name + ".B", at::stack(b));
    onnx::NodeProto& node =
        add_node(graph, "LSTM", {input, name + ".W", name + ".R", name + ".B"}, {name + ".Y", name + ".Y_h"});
    set_attribute(node, "hidden_size", shape.hidden);
    if (shape.bidirectional) {
        onnx::AttributeProto& attribute = *node.add_attribute();
        attribute.set_name("direction");
        attribute.set_type(onnx::AttributeProto::STRING);
        attribute.set_s("bidirectional");
    }
    return {name + ".Y", name + ".Y_h"};
}

/// [steps, directions, 1, hidden] to [steps, 1, directions * hidden].
std::string add_joined(onnx::GraphProto& graph, const NetworkShape& shape, int layer, const std::string& output) {
    const std::string name = fmt::format("lstm{}", layer);
    set_attribute(add_node(graph, "Transpose", {output}, {name + ".turned"}), "perm",
                  std::vector<std::int64_t>{0, 2, 1, 3});
    add_int64(graph, name + ".joined_shape", {0, 1, std::int64_t{shape.hidden} * shape.directions()});
    add_node(graph, "Reshape", {name + ".turned", name + ".joined_shape"}, {name + ".output"});
    return name + ".output";
}

/// [directions, 1, hidden] to [1, directions * hidden].
std::string add_final(onnx::GraphProto& graph, const NetworkShape& shape, const std::string& states) {
    set_attribute(add_node(graph, "Transpose", {states}, {"final.turned"}), "perm", std::vector<std::int64_t>{1, 0, 2});
    add_int64(graph, "final.shape", {1, std::int64_t{shape.hidden} * shape.directions()});
    add_node(graph, "Reshape", {"final.turned", "final.shape"}, {"final"});
    return "final";
}

void add_dense(onnx::GraphProto& graph, const Weights& weights, int bits, const std::string& input) {
    if (bits == 1) {
        add_floats(graph, "dense.weight", round_to_bits(weights.dense.detach(), 1).t());
    } else {
        const IntegerRows rows = integer_rows(weights.dense, bits);
        add_int8(graph, "dense.weight_q", rows.values.t());
        add_floats(graph, "dense.weight_scale", rows.scales.view(-1));
        add_int8(graph, "dense.weight_zero_point", at::zeros({weights.dense.size(0)}, at::kFloat));
        set_attribute(add_node(graph, "DequantizeLinear",
                               {"dense.weight_q", "dense.weight_scale", "dense.weight_zero_point"}, {"dense.weight"}),
                      "axis", 1);
    }
    add_floats(graph, "dense.bias", weights.dense_bias);
    add_node(graph, "MatMul", {input, "dense.weight"}, {"dense.product"});
    add_node(graph, "Add", {"dense.product", "dense.bias"}, {"logits"});
}

void describe(onnx::ValueInfoProto& value, const std::string& name, bool steps, int size) {
    value.set_name(name);
    onnx::TypeProto::Tensor& type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    if (steps) type.mutable_shape()->add_dim()->set_dim_param("steps");
    type.mutable_shape()->add_dim()->set_dim_value(1);
    type.mutable_shape()->add_dim()->set_dim_value(size);
}

} // namespace

void write_onnx(const std::string& path, const NetworkShape& shape, const Weights& weights, int dense_bits,
                const Metadata& metadata) {
    onnx::ModelProto model;
    model.set_ir_version(kIrVersion);
    model.set_producer_name("bru-train");
    onnx::OperatorSetIdProto& opset = *model.add_opset_import();
    opset.set_domain("");
    opset.set_version(kOpset);
    onnx::GraphProto& graph = *model.mutable_graph();
    graph.set_name("bru");
    describe(*graph.add_input(), "input", true, shape.inputs);
    describe(*graph.add_output(), "logits", shape.every_step, shape.outputs);

    std::string x = "input";
    for (int layer = 0; layer < shape.layers; ++layer) {
        const auto [output, final_states] = add_lstm(graph, shape, layer, weights.layers[layer], x);
        const bool last = layer + 1 == shape.layers;
        x = last && !shape.every_step ? add_final(graph, shape, final_states) : add_joined(graph, shape, layer, output);
    }
    add_dense(graph, weights, dense_bits, x);
    for (const auto& [key, value] : metadata) {
        onnx::StringStringEntryProto& property = *model.add_metadata_props();
        property.set_key(key);
        property.set_value(value);
    }
    OutputFile file(path);
    file.write(model.SerializeAsString());
    file.commit();
}

} // namespace bru::train
