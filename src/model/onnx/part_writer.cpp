// Writing the parts of a cut as ONNX models.
#include "model/onnx/part_writer.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/printable.hpp"
#include "model/onnx/element_types.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {
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

/// Of the file format: before it, initializers had to be graph inputs, too.
constexpr std::int64_t kFirstFreeInitializers = 4;

/// ONNX Runtime 1.21 refuses later versions of the file format, which differ in nothing that the host's parts use.
constexpr std::int64_t kLastKnownIr = 10;

} // namespace

PartWriter::PartWriter(const onnx::ModelProto& model, const TwoWalks& walks)
    : model_(model), walks_(walks), types_(element_types(model)) {
    for (const auto* infos : {&model.graph().value_info(), &model.graph().output(), &model.graph().input()})
        for (const onnx::ValueInfoProto& info : *infos) stated_[info.name()] = &info;
}

onnx::ModelProto PartWriter::model_without_ends(const CutPart& cut, const std::string& name) const {
    onnx::ModelProto made;
    made.set_ir_version(std::max<std::int64_t>(model_.ir_version(), kFirstFreeInitializers));
    *made.mutable_opset_import() = model_.opset_import();
    if (made.opset_import_size() == 0) made.add_opset_import()->set_version(1);
    made.set_producer_name(model_.producer_name());
    made.set_producer_version(model_.producer_version());
    *made.mutable_functions() = model_.functions();
    onnx::GraphProto& graph = *made.mutable_graph();
    graph.set_name(name);
    for (const int place : cut.nodes) {
        const onnx::NodeProto& node = model_.graph().node(place);
        onnx::NodeProto& added = *graph.add_node() = cut.is_whole ? node : node_of_part(node, walks_);
        for (std::string& output : *added.mutable_output()) // a layer that is computed again for another output
            if (std::find(cut.inputs.begin(), cut.inputs.end(), output) != cut.inputs.end()) output.clear();
    }
    for (const TensorProto& tensor : model_.graph().initializer())
        if (cut.initializers.count(tensor.name()) != 0) *graph.add_initializer() = tensor;
    for (const auto& tensor : model_.graph().sparse_initializer())
        if (cut.initializers.count(tensor.values().name()) != 0) *graph.add_sparse_initializer() = tensor;
    for (const std::string& tensor : cut.frozen) *graph.add_initializer() = frozen(tensor);
    return made;
}

Part PartWriter::part(const CutPart& cut, const std::string& name, bool keeps_metadata) const {
    onnx::ModelProto made = model_without_ends(cut, name);
    if (keeps_metadata) *made.mutable_metadata_props() = model_.metadata_props();
    onnx::GraphProto& graph = *made.mutable_graph();
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

std::string PartWriter::model_of(const CutPart& cut, const std::string& name) const {
    onnx::ModelProto made = model_without_ends(cut, name);
    made.set_ir_version(std::min(made.ir_version(), kLastKnownIr));
    const auto end = [this](const std::string& tensor) {
        if (std::optional<onnx::ValueInfoProto> known = known_info(tensor)) return *std::move(known);
        onnx::ValueInfoProto info;
        info.set_name(tensor);
        if (const int type = type_of(tensor)) info.mutable_type()->mutable_tensor_type()->set_elem_type(type);
        return info;
    };
    for (const std::string& tensor : cut.inputs) *made.mutable_graph()->add_input() = end(tensor);
    for (const std::string& tensor : cut.outputs) *made.mutable_graph()->add_output() = end(tensor);
    return made.SerializeAsString();
}

int PartWriter::type_of(const std::string& tensor) const {
    const auto type = types_.find(tensor);
    return type == types_.end() ? 0 : type->second;
}

/// Type and shape of a tensor between the parts: as the file states them, or as the walks know them.
std::optional<onnx::ValueInfoProto> PartWriter::known_info(const std::string& tensor) const {
    const auto stated = stated_.find(tensor);
    if (stated != stated_.end() && stated->second->type().tensor_type().elem_type() != 0 &&
        stated->second->type().tensor_type().has_shape())
        return *stated->second;
    const Value* value = TwoWalks::value_in(walks_.first, tensor);
    const Value* other = TwoWalks::value_in(walks_.second, tensor);
    const int type = type_of(tensor);
    if (value == nullptr || other == nullptr || !value->present() || value->rank() != other->rank() || type == 0)
        return std::nullopt;
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

onnx::ValueInfoProto PartWriter::info(const std::string& tensor) const {
    if (std::optional<onnx::ValueInfoProto> known = known_info(tensor)) return *std::move(known);
    throw InputError(fmt::format("the graph cannot be cut at tensor '{}': its type or its shape is not known. "
                                 "Write them into the file with onnx.shape_inference.infer_shapes()",
                                 shown_name(tensor)));
}

TensorProto PartWriter::frozen(const std::string& tensor) const {
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

} // namespace bru::onnx_import
