// A chain of cells, and the LSTM or GRU node that stands for it.
#pragma once

#include <vector>

#include "model/onnx/cell_match.hpp"

namespace bru::onnx_import {

/// A chain of cells that is a layer.
struct Chain {
    std::vector<const Cell*> cells; ///< in the order in which they run
    Product recurrent;              ///< input: the first state h; "" where it is zero and was left out
    Product input;                  ///< input: the tensor with all steps
    std::vector<float> bias;        ///< in the order of the sum
    std::vector<float> bias_of_h;   ///< GRU: of the sum of h; LSTM: empty
    std::int64_t axis = 0;          ///< of the steps; kNoSteps: the input is the only step
    bool reverse = false;
    std::int64_t units = 0;
    std::int64_t input_size = 0;

    CellKind kind() const { return cells.front()->kind; }
    std::int64_t rows() const { return gate_count(kind()) * units; } ///< of a matrix
};

/// Adds the nodes of the layer: LSTM or GRU, and what gives its states the shapes of the cells' states.
void write_layer(const View& view, const Chain& chain, onnx::GraphProto* graph);

} // namespace bru::onnx_import
