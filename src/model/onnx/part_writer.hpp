// Writing a part of a graph as an ONNX model.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "model/onnx/cut.hpp"
#include "model/onnx/partition.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {

class PartWriter {
public:
    /// The walks know the shapes of the tensors. Both must outlive this.
    PartWriter(const onnx::ModelProto& model, const TwoWalks& walks);

    Part part(const CutPart& cut, const std::string& name, bool keeps_metadata) const;
    /// The same for a program that finds shapes out while it runs: a tensor between the parts may have none.
    std::string model_of(const CutPart& cut, const std::string& name) const;

private:
    int type_of(const std::string& tensor) const;
    onnx::ModelProto model_without_ends(const CutPart& cut, const std::string& name) const;
    std::optional<onnx::ValueInfoProto> known_info(const std::string& tensor) const;
    onnx::ValueInfoProto info(const std::string& tensor) const;
    onnx::TensorProto frozen(const std::string& tensor) const;

    const onnx::ModelProto& model_;
    const TwoWalks& walks_;
    std::unordered_map<std::string, int> types_;
    std::unordered_map<std::string, const onnx::ValueInfoProto*> stated_;
};

} // namespace bru::onnx_import
