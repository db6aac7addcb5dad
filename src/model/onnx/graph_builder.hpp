// An ONNX graph while it is written: tensors, nodes and their attributes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/onnx/protobuf.hpp"
#include "model/onnx/value.hpp"

namespace bru::onnx_export {

using onnx_import::Dims;

class NodeBuilder {
public:
    explicit NodeBuilder(onnx::NodeProto* node) : node_(node) {}
    NodeBuilder& integer(const std::string& name, std::int64_t value);
    NodeBuilder& integers(const std::string& name, const Dims& values);
    NodeBuilder& text(const std::string& name, const std::string& value);

private:
    onnx::AttributeProto& attribute(const std::string& name, onnx::AttributeProto::AttributeType type);
    onnx::NodeProto* node_;
};

class GraphBuilder {
public:
    /// `producer`: the program that writes the graph.
    explicit GraphBuilder(const std::string& producer);

    // Constants. Each returns the name that it was given.
    std::string floats(const std::string& name, const Dims& dims, const std::vector<float>& values);
    std::string int8s(const std::string& name, const Dims& dims, const std::vector<std::int8_t>& values);
    std::string int64s(const std::string& name, const Dims& dims, const Dims& values);

    NodeBuilder node(const std::string& type, const std::vector<std::string>& inputs,
                     const std::vector<std::string>& outputs);
    /// Names the only output of the last node anew.
    void rename_last_output(const std::string& name);

    /// A dimension of 0 is open, with the name "steps".
    void input(const std::string& name, const Dims& dims);
    void output(const std::string& name, const Dims& dims, bool is_integer);
    void property(const std::string& key, const std::string& value);

    std::string serialized() const;

private:
    onnx::TensorProto& tensor(const std::string& name, const Dims& dims, onnx::TensorProto::DataType type);
    onnx::ModelProto model_;
};

} // namespace bru::onnx_export
