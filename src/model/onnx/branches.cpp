// Nodes of a branch keep their names where the graph around it has no such name.
#include "model/onnx/branches.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "model/onnx/protobuf.hpp"
#include "model/onnx/subgraphs.hpp"

namespace bru::onnx_import {
namespace {

using Names = std::unordered_set<std::string>;
using NewNames = std::unordered_map<std::string, std::string>;

Names names_given(const onnx::GraphProto& graph) {
    Names names;
    for (const onnx::TensorProto& tensor : graph.initializer()) names.insert(tensor.name());
    for (const auto& tensor : graph.sparse_initializer()) names.insert(tensor.values().name());
    for (const onnx::ValueInfoProto& input : graph.input()) names.insert(input.name());
    for (const onnx::NodeProto& node : graph.node()) names.insert(node.output().begin(), node.output().end());
    return names;
}

const onnx::GraphProto* branch_of(const onnx::NodeProto& node, bool condition) {
    for (const onnx::AttributeProto& attribute : node.attribute())
        if (attribute.name() == (condition ? "then_branch" : "else_branch") && attribute.has_g()) return &attribute.g();
    return nullptr;
}

/// How the names of the branch are called in the graph around it, where they change. What a node of the branch makes
/// for an output of the If gets the name of that output.
NewNames new_names(const onnx::NodeProto& node, const onnx::GraphProto& branch, Names& used) {
    NewNames names;
    Names made;
    for (const onnx::NodeProto& inner : branch.node()) made.insert(inner.output().begin(), inner.output().end());
    for (int i = 0; i < std::min(node.output_size(), branch.output_size()); ++i)
        if (!node.output(i).empty() && made.count(branch.output(i).name()) != 0)
            names.emplace(branch.output(i).name(), node.output(i));
    for (const std::string& name : names_given(branch)) {
        if (name.empty() || names.count(name) != 0) continue;
        std::string free = name;
        for (int count = 1; used.count(free) != 0; ++count) free = fmt::format("{}.{}", name, count);
        used.insert(free);
        if (free != name) names.emplace(name, free);
    }
    return names;
}

std::string renamed(const NewNames& names, const std::string& name) {
    const auto found = names.find(name);
    return found == names.end() ? name : found->second;
}

/// Names that the node reads, also deep within it. What graphs in its attributes make keeps its names.
void rename_inputs(onnx::NodeProto& node, const NewNames& names) {
    for (std::string& input : *node.mutable_input()) input = renamed(names, input);
    for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
        if (!attribute.has_g()) continue;
        for (onnx::NodeProto& inner : *attribute.mutable_g()->mutable_node()) rename_inputs(inner, names);
        for (onnx::ValueInfoProto& output : *attribute.mutable_g()->mutable_output())
            output.set_name(renamed(names, output.name()));
    }
}

/// Adds what the branch does to `graph`.
void add_branch(onnx::GraphProto& graph, const onnx::NodeProto& node, const onnx::GraphProto& branch, Names& used) {
    const NewNames names = new_names(node, branch, used);
    for (const onnx::TensorProto& tensor : branch.initializer()) {
        onnx::TensorProto& added = *graph.add_initializer() = tensor;
        added.set_name(renamed(names, tensor.name()));
    }
    for (const onnx::ValueInfoProto& info : branch.value_info()) {
        onnx::ValueInfoProto& added = *graph.add_value_info() = info;
        added.set_name(renamed(names, info.name()));
    }
    for (const onnx::NodeProto& inner : branch.node()) {
        onnx::NodeProto& added = *graph.add_node() = inner;
        rename_inputs(added, names);
        for (std::string& output : *added.mutable_output()) output = renamed(names, output);
    }
    for (int i = 0; i < std::min(node.output_size(), branch.output_size()); ++i) {
        const std::string source = renamed(names, branch.output(i).name());
        if (node.output(i).empty() || source == node.output(i)) continue;
        onnx::NodeProto& identity = *graph.add_node();
        identity.set_op_type("Identity");
        identity.set_name(node.name() + "/" + node.output(i));
        identity.add_input(source);
        identity.add_output(node.output(i));
    }
}

/// Whether the node reads what a layer puts out.
bool reads_layers(const onnx::NodeProto& node, const Walk& walk) {
    const std::vector<std::string> names = names_read(node);
    return std::any_of(names.begin(), names.end(), [&walk](const std::string& name) {
        const auto found = walk.values.find(name);
        const Value* value = found == walk.values.end() ? nullptr : std::get_if<Value>(&found->second);
        if (value == nullptr || !value->is_tokens() || value->size() == 0) return false;
        const Source::Kind kind = walk.recording.sources[value->tokens->front().source].kind;
        return kind != Source::Kind::graph_input && kind != Source::Kind::host;
    });
}

} // namespace

std::optional<onnx::ModelProto> with_branches_inlined(const onnx::ModelProto& model, const Walk& walk,
                                                      const Walk& other) {
    const onnx::GraphProto& graph = model.graph();
    std::map<int, const onnx::GraphProto*> taken;
    for (const auto& [place, condition] : walk.branches) {
        const auto same = other.branches.find(place);
        if (same == other.branches.end() || same->second != condition) continue;
        if (!hides_layers(graph.node(place)) && !reads_layers(graph.node(place), walk)) continue;
        if (const onnx::GraphProto* branch = branch_of(graph.node(place), condition)) taken[place] = branch;
    }
    if (taken.empty()) return std::nullopt;
    onnx::ModelProto inlined = model;
    onnx::GraphProto& made = *inlined.mutable_graph();
    made.clear_node();
    Names used = names_given(graph);
    for (int place = 0; place < graph.node_size(); ++place) {
        const auto branch = taken.find(place);
        if (branch == taken.end())
            *made.add_node() = graph.node(place);
        else
            add_branch(made, graph.node(place), *branch->second, used);
    }
    return inlined;
}

} // namespace bru::onnx_import
