// Recognizing one step of an LSTM or GRU cell in products, Sigmoids and Tanhs, and the sums that its gates take.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/cell.hpp"
#include "model/onnx/graph.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {

/// inputs * matrix, as a term of a sum.
struct Product {
    std::string input;
    std::string matrix;
    bool outputs_first = false; ///< the matrix has a row per output (Gemm with transB)
};

struct Sum {
    std::vector<Product> products;
    std::vector<std::string> constants;
    std::vector<std::string> others;
};

/// One step of a cell, by the tensors of the graph. An LSTM adds both products of a gate in one sum. The candidate of a
/// GRU multiplies one of them by the reset gate, so they are two sums.
struct Cell {
    CellKind kind = CellKind::lstm;
    int place = 0; ///< of the node that makes h
    std::string h;
    std::string state; ///< that leads to the next cell: c of an LSTM, h of a GRU
    std::string state_before;
    std::vector<int> block;                  ///< where each gate stands in the sum, by ONNX's order of the rows
    Sum sum;                                 ///< GRU: of the inputs
    Sum recurrent;                           ///< GRU: of h; LSTM: empty
    std::vector<std::string> constants_of_h; ///< GRU that begins with a known h: what each gate adds for it
};

/// Row blocks of a matrix: four gates of an LSTM, three of a GRU.
int gate_count(CellKind kind);

/// The graph by names, with what the walk knows of its tensors.
class View {
public:
    explicit View(const onnx::GraphProto& graph) : graph_(&graph) {
        for (int place = 0; place < graph.node_size(); ++place)
            for (const std::string& output : graph.node(place).output()) maker_.emplace(output, place);
    }

    /// The node that makes the tensor; null where none does. With `op`: null also where it is another operator, or has
    /// not the inputs that the operator needs.
    const onnx::NodeProto* maker(const std::string& name, const char* op = nullptr) const;
    int place_of(const std::string& name) const {
        const auto found = maker_.find(name);
        return found == maker_.end() ? -1 : found->second;
    }
    const onnx::GraphProto& graph() const { return *graph_; }

    Walk walk; ///< filled where cells were found

    const Value* value(const std::string& name) const {
        const auto found = walk.values.find(name);
        return found == walk.values.end() ? nullptr : std::get_if<Value>(&found->second);
    }
    const Value* constant(const std::string& name) const {
        const Value* known = value(name);
        return known != nullptr && known->is_constant() ? known : nullptr;
    }

private:
    const onnx::GraphProto* graph_;
    std::unordered_map<std::string_view, int> maker_;
};

/// What node Identity, Squeeze, Unsqueeze or Reshape makes the tensor of, where that has the same rows; else "".
std::string before_reshape(const View& view, const std::string& name);

/// The name without such nodes.
std::string plain(const View& view, std::string name);

/// The cell whose h node `place` makes; nothing where it makes something else.
std::optional<Cell> match_cell(const View& view, int place);
std::optional<Cell> match_gru_cell(const View& view, int place);

/// A constant all of whose elements are this number.
bool is_constant_of(const View& view, const std::string& name, float number);
inline bool is_zero(const View& view, const std::string& name) { return is_constant_of(view, name, 0); }

/// One of `count` equal pieces of a tensor, along its last axis.
struct Piece {
    std::string whole;
    int index = 0;
};

std::optional<Piece> piece_of(const View& view, const std::string& name, int count);

/// The factor of a product that `op` makes; null where there is none.
const onnx::NodeProto* factor(const View& view, const onnx::NodeProto& product, const char* op);

/// Takes a sum apart.
Sum sum_of(const View& view, const std::string& whole);

inline constexpr std::int64_t kNoSteps = -1; ///< axis of a tensor that has no axis of steps: [batch, inputs]

/// A step of a tensor with all steps.
struct Pick {
    std::string whole;
    std::int64_t axis = 0;
    std::int64_t step = 0;
};

std::optional<Pick> pick_of(const View& view, const std::string& name);

} // namespace bru::onnx_import
