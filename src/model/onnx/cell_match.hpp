// Recognizing one step of an LSTM cell in products, Sigmoids and Tanhs, and the sums that its gates take.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/onnx/graph.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {

/// The gates in ONNX's order of the rows.
enum Gate { kInput, kOutput, kForget, kCandidate, kGateCount };

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

/// One step of a cell, by the tensors of the graph.
struct Cell {
    int place = 0; ///< of the node that makes h
    std::string h;
    std::string c;
    std::string c_before;
    std::array<int, kGateCount> quarter{}; ///< where each gate stands in the sum
    Sum sum;
};

/// The graph by names, with what the walk knows of its tensors.
class View {
public:
    explicit View(const onnx::GraphProto& graph) : graph_(&graph) {
        for (int place = 0; place < graph.node_size(); ++place)
            for (const std::string& output : graph.node(place).output()) maker_.emplace(output, place);
    }

    const onnx::NodeProto* maker(const std::string& name, const char* op = nullptr) const {
        const auto found = maker_.find(name);
        if (found == maker_.end()) return nullptr;
        const onnx::NodeProto& node = graph_->node(found->second);
        return (op == nullptr || node.op_type() == op) && node.domain().empty() ? &node : nullptr;
    }
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

/// Takes a sum apart.
Sum sum_of(const View& view, const std::string& whole);

/// A step of a tensor with all steps.
struct Pick {
    std::string whole;
    std::int64_t axis = 0;
    std::int64_t step = 0;
};

std::optional<Pick> pick_of(const View& view, const std::string& name);

} // namespace bru::onnx_import
