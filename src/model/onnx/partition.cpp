// The three parts of a model.
#include "model/onnx/partition.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "model/onnx/branches.hpp"
#include "model/onnx/cells.hpp"
#include "model/onnx/cut.hpp"
#include "model/onnx/file.hpp"
#include "model/onnx/part_writer.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru {
namespace onnx_import {
namespace {

Part whole_graph(const onnx::ModelProto& model, const PartWriter& writer) {
    CutPart whole;
    whole.is_whole = true;
    for (int place = 0; place < model.graph().node_size(); ++place) whole.nodes.insert(place);
    for (const onnx::TensorProto& tensor : model.graph().initializer()) whole.initializers.insert(tensor.name());
    for (const auto& input : model.graph().input())
        if (whole.initializers.count(input.name()) == 0) whole.inputs.push_back(input.name());
    for (const auto& output : model.graph().output()) whole.outputs.push_back(output.name());
    return writer.part(whole, "region", true);
}

/// Whether the region takes what is a constant for each size of the batch, but not the same: the shape of a Reshape. By
/// itself, it could not be read.
bool takes_constants(const Cut& cut, const Walk& walk) {
    return std::any_of(cut.region.inputs.begin(), cut.region.inputs.end(), [&walk](const std::string& name) {
        const Value* value = TwoWalks::value_in(walk, name);
        return value != nullptr && value->is_constant();
    });
}

/// The graph walked again, with other sizes: of the sequence, and of all else that is open, where the regions stay.
std::shared_ptr<const Walk> second_walk(WalkedModel& model, const Understanding& understood, bool opens_batch) {
    const Sizes& sizes = understood.other_sizes.empty() ? understood.sizes : understood.other_sizes;
    Sizes open = sizes;
    for (const InputDimension& dimension : input_dimensions(model.proto()))
        if (dimension.open) open.emplace(dimension.name, 2);
    if (opens_batch && open != sizes) {
        Walk walk = walk_graph(model, open);
        if (find_regions(walk).same_layers(understood.found)) return std::make_shared<const Walk>(std::move(walk));
    }
    if (understood.other_walk) return understood.other_walk;
    return std::make_shared<const Walk>(walk_graph(model, sizes));
}

/// Layers within an If are brought into the graph itself first, level by level.
Partition partition_model(WithLayers with_layers, std::optional<int> number) {
    onnx::ModelProto& model = with_layers.model;
    bool opens_batch = true;
    while (true) {
        WalkedModel walked(model);
        const Understanding understood = understand_graph(walked, with_layers.outside);
        const FoundRegion& region = chosen_region(understood, number);
        const std::shared_ptr<const Walk> second = second_walk(walked, understood, opens_batch);
        if (std::optional<onnx::ModelProto> inlined = with_branches_inlined(model, understood.walk, *second)) {
            model = *std::move(inlined);
            continue;
        }
        const TwoWalks walks{understood.walk, *second};
        const PartWriter writer(model, walks);
        Partition partition;
        partition.layers = region.layers;
        if (understood.found.is_whole_graph(region) && region.plan.before_squash.empty()) {
            partition.region = whole_graph(model, writer);
            return partition;
        }
        const Cut cut = cut_graph(model, walks, region);
        if (opens_batch && takes_constants(cut, understood.walk)) {
            opens_batch = false;
            continue;
        }
        if (!cut.front.nodes.empty()) partition.front = writer.part(cut.front, "front", false);
        partition.region = writer.part(cut.region, "region", !region.host_makes_input);
        if (!cut.back.nodes.empty()) partition.back = writer.part(cut.back, "back", false);
        return partition;
    }
}

} // namespace
} // namespace onnx_import

Partition partition_onnx(const std::string& path, std::optional<int> region, const GivenInputs& inputs) {
    onnx::ModelProto model = onnx_import::read_model(path, inputs);
    return in_place({path}, [&] {
        return onnx_import::partition_model(onnx_import::with_layers_for_cells(std::move(model)), region);
    });
}

} // namespace bru
