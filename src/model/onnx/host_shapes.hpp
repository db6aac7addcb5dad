// Shapes of what a node puts out that the machine cannot compute. The walk goes on behind such a node, because the
// host may compute it; for that it needs the shape alone.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/onnx/node.hpp"

namespace bru::onnx_import {

/// The shape of each output by the rule of the operator; nothing where the project has no rule, or where the inputs
/// do not fit the operator. A node that has a rule for its first outputs only gives these.
std::optional<std::vector<Dims>> host_shapes(const Node& node);

/// What the file says of the shapes of tensors that nodes make, where no dimension is open.
std::unordered_map<std::string, Dims> closed_shapes(const onnx::GraphProto& graph);

/// Multiply-accumulates of a convolution, a matrix product or a recurrent layer; 0 of everything else.
double multiply_accumulates(const Node& node);

} // namespace bru::onnx_import
