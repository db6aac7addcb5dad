// Each call gets names of its own for what lies within the function: a prefix with the number of the call.
#include "model/onnx/functions.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <google/protobuf/unknown_field_set.h>

#include "base/error.hpp"
#include "base/printable.hpp"
#include "model/onnx/budget.hpp"

namespace bru::onnx_import {
namespace {

using Key = std::pair<std::string, std::string>; ///< domain and name
using Attributes = std::unordered_map<std::string, onnx::AttributeProto>;

/// "ai.onnx" is another name of the standard domain.
Key key_of(const std::string& domain, const std::string& name) { return {domain == "ai.onnx" ? "" : domain, name}; }

struct Function {
    const onnx::FunctionProto* proto = nullptr;
    Attributes defaults;
    std::int64_t bytes = 0;
    bool is_open = false; ///< a call of it is being replaced
};

/// Values of attributes that a call may leave out. ONNX 1.12 does not know their field, so it is read by its number.
Attributes defaults_of(const std::string& function_bytes) {
    constexpr int kAttributeProto = 11;
    Attributes defaults;
    google::protobuf::UnknownFieldSet fields;
    if (!fields.ParseFromString(function_bytes)) return defaults;
    for (int i = 0; i < fields.field_count(); ++i) {
        const google::protobuf::UnknownField& field = fields.field(i);
        if (field.number() != kAttributeProto || field.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED)
            continue;
        onnx::AttributeProto attribute;
        if (attribute.ParseFromString(field.length_delimited())) defaults[attribute.name()] = attribute;
    }
    return defaults;
}

/// One call: what its names and attributes are called within the graph.
class Call {
public:
    Call(const onnx::NodeProto& node, const Function& function, std::string prefix) : prefix_(std::move(prefix)) {
        const onnx::FunctionProto& proto = *function.proto;
        for (int i = 0; i < proto.input_size(); ++i)
            names_[proto.input(i)] = i < node.input_size() ? node.input(i) : ""; // absent: an optional input
        for (int i = 0; i < std::min(proto.output_size(), node.output_size()); ++i)
            if (!node.output(i).empty() && !names_.emplace(proto.output(i), node.output(i)).second)
                passed_.emplace_back(names_[proto.output(i)], node.output(i));
        attributes_ = function.defaults;
        for (const onnx::AttributeProto& attribute : node.attribute()) attributes_[attribute.name()] = attribute;
    }

    /// What the call puts out as it takes it, or puts out twice.
    const std::vector<std::pair<std::string, std::string>>& passed() const { return passed_; }

    void rename(onnx::NodeProto& node) const {
        node.set_name(prefix_ + node.name());
        for (std::string& name : *node.mutable_input()) name = renamed(name);
        for (std::string& name : *node.mutable_output()) name = renamed(name);
        google::protobuf::RepeatedPtrField<onnx::AttributeProto> kept;
        for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
            if (!give_value(attribute)) continue;
            if (attribute.has_g()) rename(*attribute.mutable_g());
            *kept.Add() = std::move(attribute);
        }
        node.mutable_attribute()->Swap(&kept);
    }

private:
    std::string renamed(const std::string& name) const {
        if (name.empty()) return name;
        const auto found = names_.find(name);
        return found == names_.end() ? prefix_ + name : found->second;
    }

    void rename(onnx::GraphProto& graph) const {
        for (auto& input : *graph.mutable_input()) input.set_name(renamed(input.name()));
        for (auto& output : *graph.mutable_output()) output.set_name(renamed(output.name()));
        for (auto& tensor : *graph.mutable_initializer()) tensor.set_name(renamed(tensor.name()));
        for (onnx::NodeProto& node : *graph.mutable_node()) rename(node);
        graph.clear_value_info();
    }

    /// An attribute that refers to one of the call gets its value; false where the call leaves it out.
    bool give_value(onnx::AttributeProto& attribute) const {
        if (attribute.ref_attr_name().empty()) return true;
        const auto given = attributes_.find(attribute.ref_attr_name());
        if (given == attributes_.end()) return false;
        const std::string name = attribute.name();
        attribute = given->second;
        attribute.set_name(name);
        return true;
    }

    std::string prefix_;
    std::unordered_map<std::string, std::string> names_;
    Attributes attributes_;
    std::vector<std::pair<std::string, std::string>> passed_;
};

class Inliner {
public:
    explicit Inliner(const onnx::ModelProto& model) : budget_(model.ByteSizeLong()) {
        for (const onnx::FunctionProto& proto : model.functions()) {
            const std::string bytes = proto.SerializeAsString();
            functions_[key_of(proto.domain(), proto.name())] = {&proto, defaults_of(bytes),
                                                                static_cast<std::int64_t>(bytes.size()), false};
        }
    }

    void inline_graph(onnx::GraphProto& graph) {
        google::protobuf::RepeatedPtrField<onnx::NodeProto> before;
        before.Swap(graph.mutable_node());
        for (onnx::NodeProto& node : before) add(graph, std::move(node));
    }

private:
    void add(onnx::GraphProto& graph, onnx::NodeProto node) {
        constexpr std::int64_t kWorkPerCall = 200;
        budget_.spend(kWorkPerCall);
        const auto found = functions_.find(key_of(node.domain(), node.op_type()));
        if (found != functions_.end()) return add_body(graph, node, found->second);
        for (onnx::AttributeProto& attribute : *node.mutable_attribute())
            if (attribute.has_g()) inline_graph(*attribute.mutable_g());
        *graph.add_node() = std::move(node);
    }

    void add_body(onnx::GraphProto& graph, const onnx::NodeProto& node, Function& function) {
        if (std::exchange(function.is_open, true))
            throw InputError(fmt::format("function '{}' calls itself; ONNX does not allow that: export the model again",
                                         shown_name(function.proto->name())));
        budget_.spend(function.bytes);
        const Call call(node, function, fmt::format("{}.{}/", function.proto->name(), ++calls_));
        for (onnx::NodeProto inner : function.proto->node()) {
            call.rename(inner);
            add(graph, std::move(inner));
        }
        for (const auto& [source, output] : call.passed()) {
            onnx::NodeProto& identity = *graph.add_node();
            identity.set_op_type("Identity");
            identity.set_name(output);
            identity.add_input(source);
            identity.add_output(output);
        }
        function.is_open = false;
    }

    std::map<Key, Function> functions_;
    Budget budget_;
    int calls_ = 0;
};

/// Operators that only functions use come with the version that these name.
void add_opsets_of_functions(onnx::ModelProto& model) {
    for (const onnx::FunctionProto& function : model.functions())
        for (const onnx::OperatorSetIdProto& opset : function.opset_import()) {
            const auto& known = model.opset_import();
            const bool is_known = std::any_of(known.begin(), known.end(), [&](const onnx::OperatorSetIdProto& each) {
                return key_of(each.domain(), "") == key_of(opset.domain(), "");
            });
            if (!is_known) *model.add_opset_import() = opset;
        }
}

} // namespace

onnx::ModelProto with_functions_inlined(onnx::ModelProto model) {
    if (model.functions_size() == 0) return model;
    const onnx::ModelProto before = model;
    add_opsets_of_functions(model);
    Inliner(before).inline_graph(*model.mutable_graph());
    model.clear_functions();
    return model;
}

} // namespace bru::onnx_import
