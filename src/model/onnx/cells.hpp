// LSTM and GRU cells that an exporter wrote out step by step, in products, Sigmoids and Tanhs: nn.LSTMCell or
// nn.GRUCell in a loop, or a layer that was taken apart before the export.
#pragma once

#include <string>
#include <vector>

#include "model/onnx/graph.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {

struct WithLayers {
    onnx::ModelProto model;
    std::vector<std::string> messages; ///< which cells are a layer now
    std::vector<OutsideNode> outside;  ///< cells that the machine has not, with the reason
};

/// The model with an LSTM or GRU node in place of each chain of such cells that have the same weights. It computes the
/// same, but for the rounding of sums. A model without such chains stays what it is.
WithLayers with_layers_for_cells(onnx::ModelProto model);

} // namespace bru::onnx_import
