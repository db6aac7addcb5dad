// Which nodes of a graph belong to the front, to a region and to the back, and what flows between them.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "model/onnx/understanding.hpp"

namespace bru::onnx_import {

/// One part of the graph, by names and by places of nodes in the file.
struct CutPart {
    std::set<int> nodes;
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
    std::set<std::string> initializers;
    std::set<std::string> frozen; ///< tensors that the walk knows as constants; they become initializers
};

struct Cut {
    CutPart front; ///< may have no nodes
    CutPart region;
    CutPart back; ///< may have no nodes
};

/// `other`: the values of the graph for another length of the sequence. Throws InputError where the region cannot be
/// cut out.
Cut cut_graph(const onnx::ModelProto& model, const Walk& walk, const Walk& other, const FoundRegion& region);

} // namespace bru::onnx_import
