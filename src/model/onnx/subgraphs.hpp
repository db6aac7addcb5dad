// Graphs within nodes: the branches of an If, the body of a Loop or Scan.
#pragma once

#include <string>
#include <vector>

namespace onnx {
class NodeProto;
} // namespace onnx

namespace bru::onnx_import {

/// Whether graphs in the node's attributes hold recurrent layers, or a cell that the exporter wrote out in a loop.
bool hides_layers(const onnx::NodeProto& node);

/// Why a loop that hides layers cannot be run; what to do is a matter of the export.
std::string hidden_layers_text(const onnx::NodeProto& node);

/// The tensors that a node takes, also those that graphs in its attributes take from outside of them.
std::vector<std::string> names_read(const onnx::NodeProto& node);

} // namespace bru::onnx_import
