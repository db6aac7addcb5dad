// Writing the parts of a cut as ONNX models.
#include "model/onnx/partition.hpp"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/printable.hpp"
#include "model/onnx/branches.hpp"
#include "model/onnx/cut.hpp"
#include "model/onnx/element_types.hpp"
#include "model/onnx/file.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru {
namespace onnx_import {
namespace {

using onnx::TensorProto;

std::string type_name(int type) {
    std::string name = onnx::TensorProto_DataType_Name(static_cast<onnx::TensorProto_DataType>(type));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return name;
}

PartTensor described(const onnx::ValueInfoProto& info) {
    const auto& tensor = info.type().tensor_type();
    PartTensor described{info.name(), type_name(tensor.elem_type()), "", 0};
    std::vector<std::string> sizes;
    for (const auto& dimension : tensor.shape().dim()) {
        described.columns = dimension.has_dim_value() ? dimension.dim_value() : 0;
        sizes.push_back(dimension.has_dim_value() ? fmt::format("{}", dimension.dim_value())
                        : dimension.has_dim_param() && dimension.dim_param() != "" ? shown_name(dimension.dim_param())
                                                                                   : "?");
    }
    described.shape = fmt::format("[{}]", fmt::join(sizes, ", "));
    return described;
}

/// Makes the models of the parts.
class PartWriter {
public:
    /// The walks know the shapes of the tensors.
    PartWriter(const onnx::ModelProto& model, const TwoWalks& walks)
        : model_(model), walks_(walks), types_(element_types(model)) {
        for (const auto* infos : {&model.graph().value_info(), &model.graph().output(), &model.graph().input()})
            for (const onnx::ValueInfoProto& info : *infos) stated_[info.name()] = &info;
    }

    Part part(const CutPart& cut, const std::string& name, bool keeps_metadata) const {
        onnx::ModelProto made;
        made.set_ir_version(std::max<std::int64_t>(model_.ir_version(), kFirstFreeInitializers));
        *made.mutable_opset_import() = model_.opset_import();
        if (made.opset_import_size() == 0) made.add_opset_import()->set_version(1);
        made.set_producer_name(model_.producer_name());
        made.set_producer_version(model_.producer_version());
        *made.mutable_functions() = model_.functions();
        if (keeps_metadata) *made.mutable_metadata_props() = model_.metadata_props();
        onnx::GraphProto& graph = *made.mutable_graph();
        graph.set_name(name);
        for (const int place : cut.nodes) {
            const onnx::NodeProto& node = model_.graph().node(place);
            *graph.add_node() = cut.is_whole ? node : node_of_part(node, walks_);
        }
        for (const TensorProto& tensor : model_.graph().initializer())
            if (cut.initializers.count(tensor.name()) != 0) *graph.add_initializer() = tensor;
        for (const auto& tensor : model_.graph().sparse_initializer())
            if (cut.initializers.count(tensor.values().name()) != 0) *graph.add_sparse_initializer() = tensor;
        for (const std::string& tensor : cut.frozen) *graph.add_initializer() = frozen(tensor);
        Part part;
        part.file = name + ".onnx";
        part.nodes = cut.nodes.size();
        for (const std::string& tensor : cut.inputs) {
            *graph.add_input() = info(tensor);
            part.inputs.push_back(described(graph.input(graph.input_size() - 1)));
        }
        for (const std::string& tensor : cut.outputs) {
            *graph.add_output() = info(tensor);
            part.outputs.push_back(described(graph.output(graph.output_size() - 1)));
        }
        part.bytes = made.SerializeAsString();
        return part;
    }

private:
    /// Of the file format: before it, initializers had to be graph inputs, too.
    static constexpr std::int64_t kFirstFreeInitializers = 4;

    int type_of(const std::string& tensor) const {
        const auto type = types_.find(tensor);
        return type == types_.end() ? 0 : type->second;
    }

    /// Type and shape of a tensor between the parts: as the file states them, or as the walks know them.
    onnx::ValueInfoProto info(const std::string& tensor) const {
        const auto stated = stated_.find(tensor);
        if (stated != stated_.end() && stated->second->type().tensor_type().elem_type() != 0 &&
            stated->second->type().tensor_type().has_shape())
            return *stated->second;
        const Value* value = TwoWalks::value_in(walks_.first, tensor);
        const Value* other = TwoWalks::value_in(walks_.second, tensor);
        const int type = type_of(tensor);
        if (value == nullptr || other == nullptr || !value->present() || value->rank() != other->rank() || type == 0)
            throw InputError(fmt::format("the graph cannot be cut at tensor '{}': its type or its shape is not known. "
                                         "Write them into the file with onnx.shape_inference.infer_shapes()",
                                         shown_name(tensor)));
        onnx::ValueInfoProto info;
        info.set_name(tensor);
        info.mutable_type()->mutable_tensor_type()->set_elem_type(type);
        auto* shape = info.mutable_type()->mutable_tensor_type()->mutable_shape();
        for (std::size_t axis = 0; axis < value->dims.size(); ++axis)
            if (value->dims[axis] == other->dims[axis])
                shape->add_dim()->set_dim_value(value->dims[axis]);
            else // all walks have one sequence first, and then two where the batch is open
                shape->add_dim()->set_dim_param(value->dims[axis] == 1 && other->dims[axis] == 2 ? "batch" : "steps");
        return info;
    }

    TensorProto frozen(const std::string& tensor) const {
        const Value& value = *TwoWalks::value_in(walks_.first, tensor);
        TensorProto made;
        made.set_name(tensor);
        for (const std::int64_t size : value.dims) made.add_dims(size);
        const int type = type_of(tensor);
        made.set_data_type(type);
        if (type == TensorProto::FLOAT && value.floats)
            for (const float number : *value.floats) made.add_float_data(number);
        else if (type == TensorProto::INT64 && value.integers)
            for (const std::int64_t number : *value.integers) made.add_int64_data(number);
        else if ((type == TensorProto::INT32 || type == TensorProto::BOOL) && value.integers)
            for (const std::int64_t number : *value.integers) made.add_int32_data(static_cast<std::int32_t>(number));
        else
            throw InputError(fmt::format("the region cannot be cut out: tensor '{}' is a constant of type {}",
                                         shown_name(tensor), type_name(type)));
        return made;
    }

    const onnx::ModelProto& model_;
    const TwoWalks& walks_;
    std::unordered_map<std::string, int> types_;
    std::unordered_map<std::string, const onnx::ValueInfoProto*> stated_;
};

Part whole_graph(const onnx::ModelProto& model, const PartWriter& writer) {
    CutPart whole;
    whole.is_whole = true;
    for (int place = 0; place < model.graph().node_size(); ++place) whole.nodes.insert(place);
    for (const TensorProto& tensor : model.graph().initializer()) whole.initializers.insert(tensor.name());
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
Walk second_walk(WalkedModel& model, const Understanding& understood, bool opens_batch) {
    Sizes sizes = understood.other_sizes.empty() ? understood.sizes : understood.other_sizes;
    if (!opens_batch) return walk_graph(model, sizes);
    Sizes open = sizes;
    for (const InputDimension& dimension : input_dimensions(model.proto()))
        if (dimension.open) open.emplace(dimension.name, 2);
    Walk walk = walk_graph(model, open);
    return find_regions(walk).same_layers(understood.found) ? std::move(walk) : walk_graph(model, sizes);
}

/// Layers within an If are brought into the graph itself first, level by level.
Partition partition_model(onnx::ModelProto model, std::optional<int> number) {
    bool opens_batch = true;
    while (true) {
        WalkedModel walked(model);
        const Understanding understood = understand_graph(walked);
        const FoundRegion& region = chosen_region(understood, number);
        const Walk second = second_walk(walked, understood, opens_batch);
        if (std::optional<onnx::ModelProto> inlined = with_branches_inlined(model, understood.walk, second)) {
            model = *std::move(inlined);
            continue;
        }
        const TwoWalks walks{understood.walk, second};
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
    return in_place({path}, [&] { return onnx_import::partition_model(std::move(model), region); });
}

} // namespace bru
