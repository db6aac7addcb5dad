// One direction of an LSTM or GRU layer over a sequence, with its gradients: the function that takes most of a
// training's time. A recurrent matrix product a step, everything of a cell in one loop, the weights' gradient in one
// product over all steps.
#pragma once

#include <ATen/ATen.h>

#include "model/cell.hpp"

namespace bru::train {

/// h and c of a batch between two sequences, [batch, hidden] each; undefined means zero. A GRU keeps c as it is.
struct LstmState {
    at::Tensor h;
    at::Tensor c;
};

struct LstmResult {
    at::Tensor output; ///< [steps, batch, hidden]
    LstmState last;    ///< cut off from the gradient
};

/// `input_part` [steps, batch, 4 hidden] is W x + bias, `recurrent` [4 hidden, hidden]; rows in the order of the cell
/// (model/cell.hpp).
LstmResult lstm(CellKind cell, const at::Tensor& input_part, const at::Tensor& recurrent, const LstmState& initial);

/// The same for one-hot inputs: `table` [symbols, 4 hidden] holds W x + bias of every symbol, `symbols` [steps, batch]
/// 32-bit indices into it.
LstmResult lstm_of_symbols(CellKind cell, const at::Tensor& table, const at::Tensor& symbols,
                           const at::Tensor& recurrent, const LstmState& initial);

} // namespace bru::train
