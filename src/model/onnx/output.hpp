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
    std::string output_name; ///< of the graph output
    std::vector<std::string> messages;
};

/// Takes the first graph output that the machine can give. Throws NodeError where there is none.
Plan plan_output(Walk& walk);

} // namespace bru::onnx_import
