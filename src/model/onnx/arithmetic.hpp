// Nodes whose result is known before the network runs: constants, shape arithmetic, zero states, weights
// that an exporter left as a little calculation, DequantizeLinear of integer weights.
#pragma once

#include <optional>

#include "model/onnx/node.hpp"

namespace bru::onnx_import {

/// True for the operations that fold_constants knows.
bool is_arithmetic(const std::string& op);

/// The node's only output, or nothing where it is no such node or works on the network's values (only the
/// shape of those may be asked for). Throws NodeError.
std::optional<Value> fold_constants(const Node& node);

} // namespace bru::onnx_import
