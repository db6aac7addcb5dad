// Which layers a graph's output needs, and what of them leaves.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/onnx/graph.hpp"

namespace bru::onnx_import {

/// The machine's network in records of the walk.
struct Plan {
    std::vector<std::size_t> lstms; ///< from the input upwards
    std::optional<std::size_t> dense;
    OutputMode output;
    std::string output_tensor;
    std::string before_squash; ///< the tensor that leaves, where `output_tensor` is behind a Softmax or Sigmoid
    std::vector<std::string> messages;

    bool operator==(const Plan& other) const {
        return lstms == other.lstms && dense == other.dense && output == other.output;
    }
};

/// What `value`, tensor `tensor` of the graph, takes of the machine's network. Throws std::invalid_argument that says
/// what it is instead.
Plan understand(Recording& recording, const Value& value, const std::string& tensor);

/// The chain of layers that ends with the LSTM record `last`, from the input upwards.
std::vector<std::size_t> layers_up_to(const Recording& recording, std::size_t last);

/// The plan where the machine computes an output of the graph from an input of the graph, and nothing else is needed
/// for it: the first output that it can give. Nothing where the host has to take part; `walk.outside` then has what is
/// wrong with the outputs, too.
std::optional<Plan> plan_graph_output(Walk& walk);

} // namespace bru::onnx_import
