#include "model/onnx/whole_model.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/printable.hpp"
#include "model/onnx/branches.hpp"
#include "model/onnx/cells.hpp"
#include "model/onnx/cut.hpp"
#include "model/onnx/file.hpp"
#include "model/onnx/part_writer.hpp"
#include "model/onnx/protobuf.hpp"
#include "model/onnx/understanding.hpp"

namespace bru {
namespace onnx_import {
namespace {

template <class T>
bool contains(const std::vector<T>& list, const T& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

/// Sizes of the tensor in one call; 0 for the one that follows from the number of steps.
std::vector<std::int64_t> dims_of_call(const Walk& walk, const Walk& other, const std::string& tensor) {
    const auto* value = std::get_if<Value>(&walk.values.at(tensor));
    const auto* longer = std::get_if<Value>(&other.values.at(tensor));
    if (value == nullptr || longer == nullptr || value->rank() != longer->rank()) return {0};
    std::vector<std::int64_t> dims = value->dims;
    for (std::size_t axis = 0; axis < dims.size(); ++axis)
        if (dims[axis] != longer->dims[axis]) dims[axis] = 0;
    return dims;
}

/// `walked`, `longer`: the graph for two lengths of the sequence.
std::vector<GraphInput> graph_inputs(const onnx::ModelProto& model, const Walk& walked, const Walk& longer) {
    std::vector<std::string> initializers;
    for (const auto& tensor : model.graph().initializer()) initializers.push_back(tensor.name());
    std::vector<GraphInput> inputs;
    for (const onnx::ValueInfoProto& info : model.graph().input()) {
        if (contains(initializers, info.name())) continue;
        GraphInput input;
        input.name = info.name();
        input.element_type = info.type().tensor_type().elem_type();
        input.dims = dims_of_call(walked, longer, info.name());
        for (std::size_t axis = 0; axis < input.dims.size(); ++axis) {
            const std::int64_t size = info.type().tensor_type().shape().dim(narrow<int>(axis)).dim_value();
            if (size > 0)
                input.dims[axis] = size; // also where longer sequences were tried than the file has
            else if (input.dims[axis] != 0)
                input.batch_axes.push_back(axis);
        }
        inputs.push_back(std::move(input));
    }
    return inputs;
}

/// Whether a Softmax or Sigmoid makes the tensor, whatever moves its numbers afterwards.
bool is_probability(const onnx::GraphProto& graph, std::string tensor) {
    static const std::vector<std::string> kMoves = {"Squeeze",   "Unsqueeze", "Reshape", "Flatten",
                                                    "Transpose", "Identity",  "Slice",   "Gather"};
    for (int place = graph.node_size(); place-- > 0;) {
        const onnx::NodeProto& node = graph.node(place);
        if (node.output_size() == 0 || node.output(0) != tensor) continue;
        if (node.op_type() == "Softmax" || node.op_type() == "Sigmoid") return true;
        if (!contains(kMoves, node.op_type()) || node.input_size() == 0) return false;
        tensor = node.input(0);
    }
    return false;
}

std::optional<HostPart> host_part(const PartWriter& writer, const CutPart& cut, const std::string& name) {
    if (cut.nodes.empty() || cut.outputs.empty()) return std::nullopt;
    return HostPart{writer.model_of(cut, name), cut.inputs, cut.outputs};
}

/// Numbers of one sequence that stand together in what leaves the region, or 0 where all of them do.
std::int64_t leaving_run(const Recording& recording, const Plan& plan, const Value& leaving) {
    const BatchLayout layout = batch_layout(recording, leaving);
    return layout.outer == 1 || recording.lstms[plan.lstms.front()].batch == 1 ? 0 : layout.inner;
}

/// What the host computes. Throws InputError where the region cannot be cut out.
void add_parts(WholeModel& whole, const onnx::ModelProto& model, const TwoWalks& walks, const FoundRegion& region) {
    const Recording& recording = walks.first.recording;
    const HostCut cut = cut_for_host(model, walks, region);
    const PartWriter writer(model, walks);
    whole.front = host_part(writer, cut.front, "front");
    whole.back = host_part(writer, cut.back, "back");
    whole.not_computed = cut.not_computed;
    whole.missing = cut.missing;
    whole.computed_again = cut.computed_again;
    for (const auto& output : model.graph().output())
        if (!contains(cut.not_computed, output.name())) whole.outputs.push_back(output.name());
    whole.outputs_are_probabilities = !whole.outputs.empty() && is_probability(model.graph(), whole.outputs.front());
    whole.leaving_dims = dims_of_call(walks.first, walks.second, region.leaving_tensor);
    if (const auto* leaving = std::get_if<Value>(&walks.first.values.at(region.leaving_tensor)))
        whole.leaving_run = leaving_run(recording, region.plan, *leaving);
    for (const std::string& name : cut.back.inputs)
        if (name != whole.leaves) whole.around.push_back(name);
    for (GraphInput& input : whole.inputs) {
        input.is_state = recording.state_inputs.count(input.name) != 0;
        input.enters = input.name == whole.enters || contains(cut.front.inputs, input.name);
        whole.streams = whole.streams || input.is_state;
    }
}

WholeModel whole_of(const onnx::ModelProto& model, const Understanding& understood, const Walk& other,
                    const FoundRegion& region) {
    const TwoWalks walks{understood.walk, other};
    const Recording& recording = understood.walk.recording;
    const RawLstm& first = recording.lstms[region.plan.lstms.front()];
    WholeModel whole;
    whole.inputs = graph_inputs(model, understood.walk, other);
    whole.whole_graph = understood.found.is_whole_graph(region);
    whole.enters = region.input_tensor;
    whole.entering_axes = first.feed_axes;
    whole.batch = first.batch;
    whole.leaves = region.leaving_tensor;
    const auto follows_data = [](const GraphInput& input) { return contains(input.dims, std::int64_t{0}); };
    if (std::none_of(whole.inputs.begin(), whole.inputs.end(), follows_data)) whole.steps_per_call = first.steps;
    whole.host_has_work = !whole.whole_graph || !region.plan.before_squash.empty() || whole.batch > 1;
    if (!whole.host_has_work) return whole;
    whole.host_makes_input = region.host_makes_input;
    try {
        add_parts(whole, model, walks, region);
    } catch (const InputError& error) {
        whole.why_not_cut = error.what();
    } catch (const std::invalid_argument& error) {
        whole.why_not_cut = fmt::format("tensor '{}' {}", shown_name(region.leaving_tensor), error.what());
    }
    return whole;
}

WholeModel whole_model(WithLayers with_layers, const ImportOptions& options) {
    onnx::ModelProto& model = with_layers.model;
    while (true) { // layers within an If are brought into the graph itself first
        WalkedModel walked(model);
        const Understanding understood = understand_graph(walked, with_layers.outside);
        const FoundRegion& region = chosen_region(understood, options.region);
        const Walk other =
            walk_graph(walked, understood.other_sizes.empty() ? understood.sizes : understood.other_sizes);
        std::optional<onnx::ModelProto> inlined = with_branches_inlined(model, understood.walk, other);
        if (!inlined) return whole_of(model, understood, other, region);
        model = *std::move(inlined);
    }
}

} // namespace
} // namespace onnx_import

std::string read_model_bytes(const std::string& path, const GivenInputs& inputs) {
    return onnx_import::read_model(path, inputs).SerializeAsString();
}

std::string with_open_axis(const std::string& model, int axis) {
    onnx::ModelProto proto;
    proto.ParseFromString(model);
    onnx::ValueInfoProto& input = *proto.mutable_graph()->mutable_input(0);
    input.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(axis)->set_dim_param("batch");
    for (onnx::ValueInfoProto& output : *proto.mutable_graph()->mutable_output())
        output.mutable_type()->mutable_tensor_type()->clear_shape();
    return proto.SerializeAsString();
}

WholeModel read_whole_model(const std::string& path, const ImportOptions& options) {
    onnx::ModelProto model = onnx_import::read_model(path, options.inputs);
    return in_place({path}, [&] {
        return onnx_import::whole_model(onnx_import::with_layers_for_cells(std::move(model)), options);
    });
}

} // namespace bru
