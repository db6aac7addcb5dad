// Going through the graph backwards from what a part has to make.
#include "model/onnx/cut.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/printable.hpp"
#include "model/onnx/layers.hpp"
#include "model/onnx/protobuf.hpp"
#include "model/onnx/subgraphs.hpp"

namespace bru::onnx_import {
namespace {

/// What the graph knows of a tensor.
struct Tensor {
    int maker = -1; ///< the node that makes it
    bool is_initializer = false;
    bool is_input = false;      ///< of the graph, and no initializer
    bool is_dynamic = false;    ///< depends on an input of the graph
    bool is_from_entry = false; ///< depends on what enters the region
};

/// The graph by names, which live in the model.
struct Graph {
    const onnx::GraphProto* proto = nullptr;
    std::unordered_map<std::string_view, Tensor> tensors;

    Graph(const onnx::ModelProto& model, const std::string& entry) : proto(&model.graph()) {
        tensors.reserve(static_cast<std::size_t>(proto->node_size()) + 16);
        for (const auto& tensor : proto->initializer()) tensors[tensor.name()].is_initializer = true;
        for (const auto& tensor : proto->sparse_initializer()) tensors[tensor.values().name()].is_initializer = true;
        for (const auto& input : proto->input()) {
            Tensor& tensor = tensors[input.name()];
            tensor.is_input = tensor.is_dynamic = !tensor.is_initializer;
        }
        tensors[entry].is_from_entry = true;
        for (int place = 0; place < proto->node_size(); ++place) add_node(proto->node(place), place, entry);
    }

    /// Of a name that the graph may not have.
    Tensor known(std::string_view name) const {
        const auto found = tensors.find(name);
        return found == tensors.end() ? Tensor() : found->second;
    }

    /// The tensors that the nodes of a part make of inputs of the graph.
    std::unordered_set<std::string_view> made_by(const CutPart& part) const {
        std::unordered_set<std::string_view> names;
        for (const int place : part.nodes)
            for (const std::string& output : proto->node(place).output())
                if (known(output).is_dynamic) names.insert(output);
        return names;
    }

private:
    void add_node(const onnx::NodeProto& node, int place, const std::string& entry) {
        // A random number is not a constant, though its node may have no inputs.
        bool is_dynamic = node.op_type().rfind("Random", 0) == 0;
        bool is_from_entry = false;
        const auto read = [&](const std::string& name) {
            const Tensor tensor = known(name);
            is_dynamic = is_dynamic || tensor.is_dynamic;
            is_from_entry = is_from_entry || tensor.is_from_entry;
        };
        if (has_graphs(node))
            for (const std::string& name : names_read(node)) read(name);
        else
            for (const std::string& name : node.input()) read(name);
        for (const std::string& output : node.output()) {
            if (output.empty()) continue;
            Tensor& tensor = tensors[output];
            if (tensor.maker < 0) tensor.maker = place;
            tensor.is_dynamic = tensor.is_dynamic || is_dynamic || output == entry;
            tensor.is_from_entry = tensor.is_from_entry || is_from_entry;
        }
    }

    static bool has_graphs(const onnx::NodeProto& node) {
        return std::any_of(node.attribute().begin(), node.attribute().end(),
                           [](const onnx::AttributeProto& attribute) { return attribute.has_g(); });
    }
};

std::vector<std::string> names_needed(const onnx::NodeProto& node, const TwoWalks& walks) {
    return cell_of(node.op_type()) ? names_read(node_of_part(node, walks)) : names_read(node);
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
        const Tensor tensor = graph.known(name);
        if (tensor.is_initializer) {
            part.initializers.insert(name);
            continue;
        }
        if (tensor.is_input || is_input(name)) {
            part.inputs.push_back(name);
            continue;
        }
        if (is_frozen(name)) {
            part.frozen.insert(name);
            continue;
        }
        if (tensor.maker < 0)
            throw InputError(
                fmt::format("tensor '{}' is used, but no node makes it: the graph is damaged", shown_name(name)));
        if (!part.nodes.insert(tensor.maker).second) continue;
        for (const std::string& read : names_needed(graph.proto->node(tensor.maker), walks)) pending.push_back(read);
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

/// The region, and the front that makes what it takes.
Cut cut_region(const Graph& graph, const TwoWalks& walks, const FoundRegion& region) {
    const auto known = [&graph](const std::string& name) {
        const Tensor tensor = graph.known(name);
        return tensor.maker >= 0 || tensor.is_input;
    };
    const auto is_beside = [&graph](const std::string& name) { // depends on inputs, but not on what enters
        const Tensor tensor = graph.known(name);
        return tensor.is_dynamic && !tensor.is_from_entry;
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
            return name == region.input_tensor || (is_beside(name) && !walks.is_constant(name));
        },
        is_beside);

    std::vector<std::string>& enters = cut.region.inputs; // first what the machine takes, then states
    std::stable_partition(enters.begin(), enters.end(),
                          [&region](const std::string& name) { return name == region.input_tensor; });
    std::vector<std::string> front_makes;
    for (const std::string& name : cut.region.inputs)
        if (!graph.known(name).is_input) front_makes.push_back(name);
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
    if (!cell_of(node.op_type())) return made;
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
    const std::unordered_set<std::string_view> made_by_region = graph.made_by(cut.region);
    const std::unordered_set<std::string_view> made_by_front = graph.made_by(cut.front);
    std::unordered_set<std::string> given(cut.region.outputs.begin(), cut.region.outputs.end());
    given.insert(cut.front.outputs.begin(), cut.front.outputs.end());
    const auto give = [&](const std::string& name) { // what the front or the region makes leaves it, too
        CutPart* const part = made_by_region.count(name) != 0  ? &cut.region
                              : made_by_front.count(name) != 0 ? &cut.front
                                                               : nullptr;
        if (part != nullptr && given.insert(name).second) part->outputs.push_back(name);
        return part != nullptr;
    };
    std::vector<std::string> back_makes;
    for (const onnx::ValueInfoProto& output : graph.proto->output())
        if (!give(output.name())) back_makes.push_back(output.name());
    cut.back = collect(
        graph, walks, back_makes,
        [&](const std::string& name) { return made_by_region.count(name) != 0 || made_by_front.count(name) != 0; },
        nothing);
    for (const std::string& name : cut.back.inputs) give(name);
    return cut;
}

HostCut cut_for_host(const onnx::ModelProto& model, const TwoWalks& walks, const FoundRegion& region) {
    const Graph graph(model, region.input_tensor);
    const Cut cut = cut_region(graph, walks, region);
    const std::unordered_set<std::string_view> made_by_region = graph.made_by(cut.region);
    const auto nothing = [](const std::string&) { return false; };
    HostCut host; // states that the front would make are the machine's own
    if (!graph.known(region.input_tensor).is_input)
        host.front = collect(graph, walks, {region.input_tensor}, nothing, nothing);
    const std::unordered_set<std::string_view> made_by_front = graph.made_by(host.front);
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
    const auto is_state_input = [&walks](const std::string& name) {
        return walks.first.recording.state_inputs.count(name) != 0;
    };
    const auto is_inside = [&](const std::string& name) { // what the machine does not give
        return name != leaves && (comes_from_region(name) || is_state_input(name));
    };
    std::vector<std::string> back_makes;
    for (const onnx::ValueInfoProto& output : graph.proto->output()) {
        const std::vector<std::string> needed = part_of_back({output.name()}).inputs;
        const auto missing = std::find_if(needed.begin(), needed.end(), is_inside);
        (missing != needed.end() ? host.not_computed : back_makes).push_back(output.name());
        if (missing != needed.end() && host.missing.empty()) host.missing = *missing;
    }
    host.back = part_of_back(back_makes);
    if (back_makes.empty()) {
        CutPart again = collect(
            graph, walks, host.not_computed,
            [&](const std::string& name) { return name == leaves || made_by_front.count(name) != 0; },
            [&](const std::string& name) { return made_by_region.count(name) != 0 && walks.is_constant(name); });
        if (std::none_of(again.inputs.begin(), again.inputs.end(), is_state_input)) {
            host.back = std::move(again);
            host.not_computed.clear();
            host.computed_again = std::exchange(host.missing, "");
        }
    }
    // What flows through without a node is no output of the back: it is there already.
    const std::vector<std::string>& inputs = host.back.inputs;
    std::vector<std::string>& outputs = host.back.outputs;
    const auto flows_through = [&inputs](const std::string& name) {
        return std::find(inputs.begin(), inputs.end(), name) != inputs.end();
    };
    outputs.erase(std::remove_if(outputs.begin(), outputs.end(), flows_through), outputs.end());
    std::unordered_set<std::string> given(host.front.outputs.begin(), host.front.outputs.end());
    for (const std::string& name : inputs)
        if (made_by_front.count(name) != 0 && given.insert(name).second) host.front.outputs.push_back(name);
    return host;
}

} // namespace bru::onnx_import
