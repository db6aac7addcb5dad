// Going through the graph backwards from what a part has to make.
#include "model/onnx/cut.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/printable.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {
namespace {

/// The graph by names.
struct Graph {
    const onnx::GraphProto* proto = nullptr;
    std::unordered_map<std::string, int> maker_of; ///< the node that makes a tensor
    std::unordered_set<std::string> initializers;
    std::unordered_set<std::string> inputs;     ///< that are not initializers
    std::unordered_set<std::string> dynamic;    ///< tensors that depend on an input of the graph
    std::unordered_set<std::string> from_entry; ///< tensors that depend on what enters the region

    Graph(const onnx::ModelProto& model, const std::string& entry) : proto(&model.graph()) {
        for (const auto& tensor : proto->initializer()) initializers.insert(tensor.name());
        for (const auto& tensor : proto->sparse_initializer()) initializers.insert(tensor.values().name());
        for (const auto& input : proto->input())
            if (initializers.count(input.name()) == 0) inputs.insert(input.name());
        dynamic = inputs;
        from_entry.insert(entry);
        for (int place = 0; place < proto->node_size(); ++place) {
            const onnx::NodeProto& node = proto->node(place);
            const std::vector<std::string> names = names_read(node);
            const auto any_in = [&names](const std::unordered_set<std::string>& set) {
                return std::any_of(names.begin(), names.end(),
                                   [&set](const auto& name) { return set.count(name) != 0; });
            };
            // A random number is not a constant, though its node may have no inputs.
            const bool is_random = node.op_type().rfind("Random", 0) == 0;
            const bool is_dynamic = any_in(dynamic) || is_random;
            const bool is_behind_entry = any_in(from_entry);
            for (const std::string& output : node.output()) {
                if (output.empty() || output == entry) continue;
                maker_of.emplace(output, place);
                if (is_dynamic) dynamic.insert(output);
                if (is_behind_entry) from_entry.insert(output);
            }
            for (const std::string& output : node.output())
                if (output == entry) {
                    maker_of.emplace(output, place);
                    dynamic.insert(output);
                }
        }
    }
};

std::vector<std::string> names_needed(const onnx::NodeProto& node, const TwoWalks& walks) {
    return node.op_type() == "LSTM" ? names_read(node_of_part(node, walks)) : names_read(node);
}

/// Collects what is needed to make tensors. `is_input(name)`: the part takes the tensor instead of making it.
/// `is_frozen(name)`: the part has it as a constant.
template <class IsInput, class IsFrozen>
CutPart collect(const Graph& graph, const TwoWalks& walks, const std::vector<std::string>& wanted, IsInput is_input,
                IsFrozen is_frozen) {
    CutPart part;
    part.outputs = wanted;
    std::unordered_set<std::string> seen;
    std::vector<std::string> pending(wanted.rbegin(), wanted.rend());
    while (!pending.empty()) {
        const std::string name = std::move(pending.back());
        pending.pop_back();
        if (name.empty() || !seen.insert(name).second) continue;
        if (graph.initializers.count(name) != 0) {
            part.initializers.insert(name);
            continue;
        }
        if (graph.inputs.count(name) != 0 || is_input(name)) {
            part.inputs.push_back(name);
            continue;
        }
        if (is_frozen(name)) {
            part.frozen.insert(name);
            continue;
        }
        const auto maker = graph.maker_of.find(name);
        if (maker == graph.maker_of.end())
            throw InputError(
                fmt::format("tensor '{}' is used, but no node makes it: the graph is damaged", shown_name(name)));
        if (!part.nodes.insert(maker->second).second) continue;
        for (const std::string& read : names_needed(graph.proto->node(maker->second), walks)) pending.push_back(read);
    }
    return part;
}

template <class T>
bool same_elements(const SharedVector<T>& a, const SharedVector<T>& b) {
    return (a == nullptr && b == nullptr) || (a != nullptr && b != nullptr && *a == *b);
}

bool is_zero(const Value* value) {
    return value != nullptr && value->kind == Value::Kind::floats &&
           std::all_of(value->floats->begin(), value->floats->end(), [](float number) { return number == 0; });
}

void add_output(CutPart& part, const std::string& name) {
    if (std::find(part.outputs.begin(), part.outputs.end(), name) == part.outputs.end()) part.outputs.push_back(name);
}

/// Names of the tensors that the part makes of the graph's inputs.
std::unordered_set<std::string> made_by(const Graph& graph, const CutPart& part) {
    std::unordered_set<std::string> names;
    for (const int place : part.nodes)
        for (const std::string& output : graph.proto->node(place).output())
            if (graph.dynamic.count(output) != 0) names.insert(output);
    return names;
}

/// The region, and the front that makes what it takes.
Cut cut_region(const Graph& graph, const TwoWalks& walks, const FoundRegion& region) {
    const auto known = [&graph](const std::string& name) {
        return graph.maker_of.count(name) != 0 || graph.inputs.count(name) != 0;
    };
    if (region.leaving_tensor.empty() || !known(region.leaving_tensor) || !known(region.input_tensor))
        throw InputError(
            "the region cannot be cut out: no single tensor of the graph itself is what enters it, or what "
            "leaves it (the layers lie inside of an If or a Loop, or two LSTM nodes make up one layer)");
    const auto nothing = [](const std::string&) { return false; };
    Cut cut;
    cut.region = collect(
        graph, walks, {region.leaving_tensor},
        [&](const std::string& name) { // what the host has to make for the region
            return name == region.input_tensor ||
                   (graph.dynamic.count(name) != 0 && graph.from_entry.count(name) == 0 && !walks.is_constant(name));
        },
        [&](const std::string& name) { return graph.dynamic.count(name) != 0 && graph.from_entry.count(name) == 0; });

    std::vector<std::string>& enters = cut.region.inputs; // first what the machine takes, then states
    std::stable_partition(enters.begin(), enters.end(),
                          [&region](const std::string& name) { return name == region.input_tensor; });
    std::vector<std::string> front_makes;
    for (const std::string& name : cut.region.inputs)
        if (graph.inputs.count(name) == 0) front_makes.push_back(name);
    cut.front = collect(graph, walks, front_makes, nothing, nothing);
    return cut;
}

} // namespace

const Value* TwoWalks::value_in(const Walk& walk, const std::string& tensor) {
    const auto found = walk.values.find(tensor);
    return found == walk.values.end() ? nullptr : std::get_if<Value>(&found->second);
}

bool TwoWalks::is_constant(const std::string& tensor) const {
    const Value* a = value_in(first, tensor);
    const Value* b = value_in(second, tensor);
    return a != nullptr && b != nullptr && a->is_constant() && b->is_constant() && a->dims == b->dims &&
           same_elements(a->floats, b->floats) && same_elements(a->integers, b->integers);
}

onnx::NodeProto node_of_part(const onnx::NodeProto& node, const TwoWalks& walks) {
    constexpr int kInitialH = 5;
    constexpr int kInitialC = 6;
    onnx::NodeProto made = node;
    if (node.op_type() != "LSTM") return made;
    for (const int state : {kInitialH, kInitialC})
        if (state < node.input_size() && is_zero(TwoWalks::value_in(walks.first, node.input(state))) &&
            is_zero(TwoWalks::value_in(walks.second, node.input(state))))
            made.set_input(state, "");
    while (made.input_size() > 0 && made.input(made.input_size() - 1).empty()) made.mutable_input()->RemoveLast();
    return made;
}

Cut cut_graph(const onnx::ModelProto& model, const TwoWalks& walks, const FoundRegion& region) {
    const Graph graph(model, region.input_tensor);
    const auto nothing = [](const std::string&) { return false; };
    Cut cut = cut_region(graph, walks, region);
    const std::unordered_set<std::string> made_by_region = made_by(graph, cut.region);
    const std::unordered_set<std::string> made_by_front = made_by(graph, cut.front);
    std::vector<std::string> back_makes;
    for (const onnx::ValueInfoProto& output : graph.proto->output()) {
        const std::string& name = output.name();
        if (made_by_region.count(name) != 0)
            add_output(cut.region, name);
        else if (made_by_front.count(name) != 0)
            add_output(cut.front, name);
        else
            back_makes.push_back(name);
    }
    cut.back = collect(
        graph, walks, back_makes,
        [&](const std::string& name) { return made_by_region.count(name) != 0 || made_by_front.count(name) != 0; },
        nothing);
    for (const std::string& name : cut.back.inputs)
        if (made_by_region.count(name) != 0)
            add_output(cut.region, name);
        else if (made_by_front.count(name) != 0)
            add_output(cut.front, name);
    return cut;
}

HostCut cut_for_host(const onnx::ModelProto& model, const TwoWalks& walks, const FoundRegion& region) {
    const Graph graph(model, region.input_tensor);
    const Cut cut = cut_region(graph, walks, region);
    const std::unordered_set<std::string> made_by_region = made_by(graph, cut.region);
    const auto nothing = [](const std::string&) { return false; };
    HostCut host; // states that the front would make are the machine's own
    if (graph.inputs.count(region.input_tensor) == 0)
        host.front = collect(graph, walks, {region.input_tensor}, nothing, nothing);
    const std::unordered_set<std::string> made_by_front = made_by(graph, host.front);
    const std::string& leaves = region.leaving_tensor;
    const auto comes_from_region = [&](const std::string& name) {
        return made_by_region.count(name) != 0 && !walks.is_constant(name);
    };
    const auto part_of_back = [&](const std::vector<std::string>& wanted) {
        return collect(
            graph, walks, wanted,
            [&](const std::string& name) {
                return name == leaves || comes_from_region(name) || made_by_front.count(name) != 0;
            },
            [&](const std::string& name) { return made_by_region.count(name) != 0; });
    };
    const auto is_inside = [&](const std::string& name) { // what the machine does not give
        return name != leaves && (comes_from_region(name) || walks.first.recording.state_inputs.count(name) != 0);
    };
    std::vector<std::string> back_makes;
    for (const onnx::ValueInfoProto& output : graph.proto->output()) {
        const std::vector<std::string> needed = part_of_back({output.name()}).inputs;
        (std::any_of(needed.begin(), needed.end(), is_inside) ? host.not_computed : back_makes)
            .push_back(output.name());
    }
    host.back = part_of_back(back_makes);
    // What flows through without a node is no output of the back: it is there already.
    const std::vector<std::string>& inputs = host.back.inputs;
    std::vector<std::string>& outputs = host.back.outputs;
    const auto flows_through = [&inputs](const std::string& name) {
        return std::find(inputs.begin(), inputs.end(), name) != inputs.end();
    };
    outputs.erase(std::remove_if(outputs.begin(), outputs.end(), flows_through), outputs.end());
    for (const std::string& name : inputs)
        if (made_by_front.count(name) != 0) add_output(host.front, name);
    return host;
}

} // namespace bru::onnx_import
