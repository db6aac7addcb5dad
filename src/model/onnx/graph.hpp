// Walks an ONNX graph with given sizes for its open dimensions: constants are computed, plumbing moves
// tokens, LSTM and dense nodes are recorded. A node that has no meaning for the machine is the host's work: the walk
// goes on behind it where the shape of what it makes is known. Where it is not, the node spoils only what depends on
// it, so dead branches and unused outputs do no harm.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "model/onnx/node.hpp"
#include "model/onnx/recording.hpp"

namespace onnx {
class ModelProto;
class TensorProto;
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

/// A node that the machine does not compute. The host does.
struct OutsideNode {
    std::string label;
    std::string op;
    std::string reason;
    bool hides_layers = false; ///< recurrent layers lie within the node
};

/// A tensor of the machine's values that something reads which is no part of a layer.
struct Exit {
    enum class Reader { graph_output, outside, dense };
    Reader reader = Reader::outside;
    std::string tensor; ///< in the file
    Value value;
    int place = 0; ///< of the node of the graph that makes the tensor; earlier nodes have lower numbers
};

struct Walk {
    Recording recording;
    std::vector<std::string> output_names;   ///< as messages show them
    std::vector<std::string> output_tensors; ///< as the file has them
    std::vector<Evaluated> outputs;
    std::vector<OutsideNode> outside;
    std::vector<Exit> exits;
    double multiply_accumulates = 0;                   ///< of all nodes whose shapes are known
    std::unordered_map<std::string, Evaluated> values; ///< of the graph itself, by name
    std::map<int, bool> branches;                      ///< Ifs of the graph itself, by place: is the condition true?
};

/// What all walks over one model share: the model, its constants, and what they may cost together.
class WalkedModel {
public:
    /// The model must outlive the object. Throws InputError where two values of the graph have the same name.
    explicit WalkedModel(const onnx::ModelProto& model);

    const onnx::ModelProto& proto() const { return *proto_; }
    Budget& budget() { return budget_; }
    /// The value of an initializer, which is read once.
    const Evaluated& constant(const onnx::TensorProto& tensor);

private:
    const onnx::ModelProto* proto_;
    Budget budget_;
    std::unordered_map<const onnx::TensorProto*, Evaluated> constants_;
};

/// Problems of nodes are in the outputs. Throws only where the walks together are more than the budget allows.
Walk walk_graph(WalkedModel& model, const Sizes& sizes);

} // namespace bru::onnx_import
