// The attributes of LSTM and GRU nodes, held against what the machine runs.
#pragma once

#include <vector>

#include "model/cell.hpp"
#include "model/onnx/node.hpp"

namespace bru::onnx_import {

/// For each direction of the node whether it is reverse. Throws NodeError naming an attribute that cannot be run, or a
/// direction that ONNX does not know.
std::vector<bool> checked_directions(const Node& node, CellKind cell);

} // namespace bru::onnx_import
