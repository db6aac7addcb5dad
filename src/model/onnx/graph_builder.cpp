#include "model/onnx/graph_builder.hpp"

#include "base/version.hpp"

namespace bru::onnx_export {
namespace {

constexpr int kOpset = 13; ///< the first with DequantizeLinear along an axis
constexpr int kIrVersion = 7;

void describe(onnx::ValueInfoProto& value, const std::string& name, const Dims& dims,
              onnx::TensorProto::DataType type) {
    value.set_name(name);
    onnx::TypeProto::Tensor& tensor = *value.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(type);
    for (const std::int64_t size : dims) {
        onnx::TensorShapeProto::Dimension& dimension = *tensor.mutable_shape()->add_dim();
        if (size == 0)
            dimension.set_dim_param("steps");
        else
            dimension.set_dim_value(size);
    }
}

} // namespace

NodeBuilder& NodeBuilder::integer(const std::string& name, std::int64_t value) {
    attribute(name, onnx::AttributeProto::INT).set_i(value);
    return *this;
}

NodeBuilder& NodeBuilder::integers(const std::string& name, const Dims& values) {
    onnx::AttributeProto& made = attribute(name, onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) made.add_ints(value);
    return *this;
}

NodeBuilder& NodeBuilder::text(const std::string& name, const std::string& value) {
    attribute(name, onnx::AttributeProto::STRING).set_s(value);
    return *this;
}

onnx::AttributeProto& NodeBuilder::attribute(const std::string& name, onnx::AttributeProto::AttributeType type) {
    onnx::AttributeProto& made = *node_->add_attribute();
    made.set_name(name);
    made.set_type(type);
    return made;
}

GraphBuilder::GraphBuilder(const std::string& producer) {
    model_.set_ir_version(kIrVersion);
    model_.set_producer_name(producer);
    model_.set_producer_version(program_version());
    onnx::OperatorSetIdProto& opset = *model_.add_opset_import();
    opset.set_domain("");
    opset.set_version(kOpset);
    model_.mutable_graph()->set_name("bru");
}

std::string GraphBuilder::floats(const std::string& name, const Dims& dims, const std::vector<float>& values) {
    tensor(name, dims, onnx::TensorProto::FLOAT).set_raw_data(values.data(), values.size() * sizeof(float));
    return name;
}

std::string GraphBuilder::int8s(const std::string& name, const Dims& dims, const std::vector<std::int8_t>& values) {
    tensor(name, dims, onnx::TensorProto::INT8).set_raw_data(values.data(), values.size());
    return name;
}

std::string GraphBuilder::int64s(const std::string& name, const Dims& dims, const Dims& values) {
    onnx::TensorProto& made = tensor(name, dims, onnx::TensorProto::INT64);
    for (const std::int64_t value : values) made.add_int64_data(value);
    return name;
}

onnx::TensorProto& GraphBuilder::tensor(const std::string& name, const Dims& dims, onnx::TensorProto::DataType type) {
    onnx::TensorProto& made = *model_.mutable_graph()->add_initializer();
    made.set_name(name);
    made.set_data_type(type);
    for (const std::int64_t size : dims) made.add_dims(size);
    return made;
}

NodeBuilder GraphBuilder::node(const std::string& type, const std::vector<std::string>& inputs,
                               const std::vector<std::string>& outputs) {
    onnx::NodeProto& made = *model_.mutable_graph()->add_node();
    made.set_op_type(type);
    made.set_name(outputs.front() + "_" + type);
    for (const std::string& input : inputs) made.add_input(input);
    for (const std::string& output : outputs) made.add_output(output);
    return NodeBuilder(&made);
}

void GraphBuilder::rename_last_output(const std::string& name) {
    onnx::GraphProto& graph = *model_.mutable_graph();
    graph.mutable_node(graph.node_size() - 1)->set_output(0, name);
}

void GraphBuilder::input(const std::string& name, const Dims& dims) {
    describe(*model_.mutable_graph()->add_input(), name, dims, onnx::TensorProto::FLOAT);
}

void GraphBuilder::output(const std::string& name, const Dims& dims, bool is_integer) {
    describe(*model_.mutable_graph()->add_output(), name, dims,
             is_integer ? onnx::TensorProto::INT64 : onnx::TensorProto::FLOAT);
}

void GraphBuilder::property(const std::string& key, const std::string& value) {
    onnx::StringStringEntryProto& made = *model_.add_metadata_props();
    made.set_key(key);
    made.set_value(value);
}

std::string GraphBuilder::serialized() const { return model_.SerializeAsString(); }

} // namespace bru::onnx_export
