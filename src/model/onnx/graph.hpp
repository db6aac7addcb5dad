// Walks an ONNX graph with given sizes for its open dimensions: constants are computed, plumbing moves
// tokens, LSTM and dense nodes are recorded. A node that has no meaning for the machine spoils only what
// depends on it, so dead branches and unused outputs do no harm.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "model/onnx/node.hpp"
#include "model/onnx/recording.hpp"

namespace onnx {
class ModelProto;
} // namespace onnx

namespace bru::onnx_import {

/// Sizes of dimensions by name: a symbolic name, or "input#axis" where it has none. Open ones not listed are 1.
using Sizes = std::map<std::string, std::int64_t>;

/// A dimension of a graph input.
struct InputDimension {
    std::string name; ///< key in Sizes
    bool open = false;
    std::int64_t size = 0; ///< where it is not open
};

/// The dimensions of all graph inputs that are not initializers, in order.
std::vector<InputDimension> input_dimensions(const onnx::ModelProto& model);

using Evaluated = std::variant<Value, Problem>;

struct Walk {
    Recording recording;
    std::vector<std::string> output_names;
    std::vector<Evaluated> outputs;
};

/// Problems of nodes are in the outputs. Throws only where the walk is more than the budget allows.
Walk walk_graph(const onnx::ModelProto& model, const Sizes& sizes, Budget& budget);

/// Throws InputError where two values of the graph have the same name.
void check_names(const onnx::ModelProto& model);

} // namespace bru::onnx_import
