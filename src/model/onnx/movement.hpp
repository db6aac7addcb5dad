// Nodes that only move elements about: Reshape, Transpose, Slice, Gather, Concat and their like. Carried
// out on constants and on tokens alike, exactly as ONNX defines them.
#pragma once

#include <optional>
#include <vector>

#include "model/onnx/node.hpp"

namespace bru::onnx_import {

/// The node's outputs (possibly fewer than it declares), or nothing where it is no such node. Throws NodeError.
std::optional<std::vector<Value>> move_elements(const Node& node);

} // namespace bru::onnx_import
