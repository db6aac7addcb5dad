// Which nodes of a graph belong to the front, to a region and to the back, and what flows between them.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "model/onnx/protobuf.hpp"
#include "model/onnx/understanding.hpp"

namespace bru::onnx_import {

/// One part of the graph, by names and by places of nodes in the file.
struct CutPart {
    std::set<int> nodes;
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
    std::set<std::string> initializers;
    bool is_whole = false;        ///< the graph as it is
    std::set<std::string> frozen; ///< tensors that the walk knows as constants; they become initializers
};

/// The two walks of a graph, with different sizes of what is open: what both agree on holds for all sizes.
struct TwoWalks {
    const Walk& first;
    const Walk& second;

    /// The tensor in one walk; null where it is not known there.
    static const Value* value_in(const Walk& walk, const std::string& tensor);
    /// Whether both know the tensor as the same constant.
    bool is_constant(const std::string& tensor) const;
};

/// The node as a part has it: without initial states that are zero, which is what absent ones are. Their shape would
/// tie the part to one size of the batch.
onnx::NodeProto node_of_part(const onnx::NodeProto& node, const TwoWalks& walks);

struct Cut {
    CutPart front; ///< may have no nodes
    CutPart region;
    CutPart back; ///< may have no nodes
};

/// Throws InputError where the region cannot be cut out.
Cut cut_graph(const onnx::ModelProto& model, const TwoWalks& walks, const FoundRegion& region);

/// What the host computes where the machine computes the region: of a region only one tensor enters and one leaves.
/// Where no output of the graph can do without another tensor inside the region, such as the state c of an encoder, the
/// back computes that tensor again, from what enters the region.
struct HostCut {
    CutPart front;                         ///< may have no nodes
    CutPart back;                          ///< may have no nodes; its outputs are outputs of the graph
    std::vector<std::string> not_computed; ///< outputs of the graph that need states or other tensors inside the region
    std::string missing;                   ///< the first of these tensors, of which the machine gives none
    std::string computed_again;            ///< such a tensor that the back makes itself; "" where it makes none
};

HostCut cut_for_host(const onnx::ModelProto& model, const TwoWalks& walks, const FoundRegion& region);

} // namespace bru::onnx_import
