// Element types of the tensors of a graph, as far as the operators around recurrent layers tell.
#pragma once

#include <string>
#include <unordered_map>

namespace onnx {
class ModelProto;
} // namespace onnx

namespace bru::onnx_import {

/// The ONNX number of the element type (1: float) of each tensor of the graph itself, by name; those that the file
/// states, and what follows from them. A tensor whose type is not known is left out.
std::unordered_map<std::string, int> element_types(const onnx::ModelProto& model);

} // namespace bru::onnx_import
