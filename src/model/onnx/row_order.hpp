// The order in which ONNX writes the rows of a unit.
#pragma once

#include <vector>

#include "model/cell.hpp"

namespace bru {

/// Rows of the machine in the order of ONNX, for W with its biases and for R with its biases. LSTM: i, o, f, c; GRU: z,
/// r, h, whose candidate has a row of each side.
struct OnnxRowOrder {
    std::vector<int> input;
    std::vector<int> recurrent;
};

inline OnnxRowOrder onnx_row_order(CellKind cell) {
    if (cell == CellKind::gru)
        return {{GruCell::kUpdate, GruCell::kReset, GruCell::kCandidateX},
                {GruCell::kUpdate, GruCell::kReset, GruCell::kCandidateH}};
    const std::vector<int> lstm = {LstmCell::kInput, LstmCell::kOutput, LstmCell::kForget, LstmCell::kCandidate};
    return {lstm, lstm};
}

} // namespace bru
