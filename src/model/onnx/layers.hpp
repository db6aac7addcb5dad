// The nodes that the machine runs: LSTM, GRU, and Gemm or MatMul with Add as the dense layer; and those that are
// seen through at the end: Softmax, LogSoftmax, Sigmoid, ArgMax.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/onnx/node.hpp"
#include "model/onnx/recording.hpp"

namespace bru::onnx_import {

/// The kind of cell that an operator is; nothing for other operators.
std::optional<CellKind> cell_of(const std::string& op);

/// Checks an LSTM or GRU node, adds it to the recording, gives Y, Y_h and, of an LSTM, Y_c as tokens. Throws NodeError
/// naming the attribute or input that cannot be run.
std::vector<Value> record_recurrent(const Node& node, CellKind cell, Recording& recording);

/// The same for Gemm, MatMul, Add, Softmax, LogSoftmax, Sigmoid and ArgMax on the network's values; nothing for other
/// nodes.
std::optional<std::vector<Value>> record_dense(const Node& node, Recording& recording);

} // namespace bru::onnx_import
