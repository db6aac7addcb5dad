// One pass over the nodes, which stand in the order of their use.
#include "model/onnx/element_types.hpp"

#include <set>

#include "model/onnx/attributes.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {
namespace {

using onnx::TensorProto;
using Types = std::unordered_map<std::string, int>;

int type_of_constant(const onnx::NodeProto& node) {
    if (const auto* value = find_attribute(node, "value")) return value->t().data_type();
    if (find_attribute(node, "value_int") != nullptr || find_attribute(node, "value_ints") != nullptr)
        return TensorProto::INT64;
    return TensorProto::FLOAT;
}

/// The type of output `position` of a node, 0 where it is not known.
int type_of(const onnx::NodeProto& node, int position, const Types& known) {
    static const std::set<std::string> kTruths = {"And",  "Equal", "Greater", "GreaterOrEqual", "IsInf", "IsNaN",
                                                  "Less", "Not",   "Or",      "LessOrEqual",    "Xor"};
    static const std::set<std::string> kIndices = {"ArgMax", "ArgMin", "NonZero", "Shape", "Size"};
    const std::string& op = node.op_type();
    const auto input = [&](int place) {
        const auto found = place < node.input_size() ? known.find(node.input(place)) : known.end();
        return found == known.end() ? 0 : found->second;
    };
    if (op == "Constant") return type_of_constant(node);
    if (kIndices.count(op) != 0) return TensorProto::INT64;
    if (kTruths.count(op) != 0) return TensorProto::BOOL;
    if (op == "Cast")
        return find_attribute(node, "to") != nullptr ? static_cast<int>(find_attribute(node, "to")->i()) : 0;
    if (const auto* dtype = find_attribute(node, "dtype")) return static_cast<int>(dtype->i());
    if (op == "ConstantOfShape") {
        const auto* value = find_attribute(node, "value");
        return value != nullptr ? value->t().data_type() : static_cast<int>(TensorProto::FLOAT);
    }
    if (op == "Multinomial") return TensorProto::INT32;
    if (op == "QuantizeLinear") return input(2) != 0 ? input(2) : static_cast<int>(TensorProto::UINT8);
    if (op == "DequantizeLinear" || op == "CastLike" || op == "Where") return input(1);
    if (position == 1 && (op == "TopK" || op == "MaxPool")) return TensorProto::INT64;
    if (position == 1 && op == "Dropout") return TensorProto::BOOL;
    if (op == "Loop" || op == "Scan" || !node.domain().empty()) return 0;
    if (op == "If") {
        const auto* branch = find_attribute(node, "then_branch");
        if (branch == nullptr || position >= branch->g().output_size()) return 0;
        const auto found = known.find(branch->g().output(position).name());
        return found == known.end() ? 0 : found->second;
    }
    return input(0);
}

template <class Infos>
void take_stated(const Infos& infos, Types& types) {
    for (const onnx::ValueInfoProto& info : infos)
        if (const int type = info.type().tensor_type().elem_type(); type != 0) types[info.name()] = type;
}

/// Adds the types of a graph, and of the branches within it, whose names are its own.
void take_graph(const onnx::GraphProto& graph, Types& types) {
    take_stated(graph.value_info(), types);
    take_stated(graph.output(), types);
    take_stated(graph.input(), types);
    for (const TensorProto& tensor : graph.initializer()) types[tensor.name()] = tensor.data_type();
    for (const onnx::NodeProto& node : graph.node()) {
        if (const auto* branch = find_attribute(node, "then_branch"); branch != nullptr) take_graph(branch->g(), types);
        for (int i = 0; i < node.output_size(); ++i) {
            if (types.count(node.output(i)) != 0) continue;
            if (const int type = type_of(node, i, types); type != 0) types[node.output(i)] = type;
        }
    }
}

} // namespace

std::unordered_map<std::string, int> element_types(const onnx::ModelProto& model) {
    Types types;
    take_graph(model.graph(), types);
    return types;
}

} // namespace bru::onnx_import
