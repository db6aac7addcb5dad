// Attribute access and error messages of ONNX nodes.
#include "model/onnx/node.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/integers.hpp"
#include "base/printable.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {

using onnx::AttributeProto;

std::string node_label(const onnx::NodeProto& node) {
    const std::string op = shown_name(node.domain().empty() ? node.op_type() : node.domain() + "." + node.op_type());
    if (!node.name().empty()) return fmt::format("node '{}' ({})", shown_name(node.name()), op);
    for (const std::string& output : node.output())
        if (!output.empty()) return fmt::format("the node that makes '{}' ({})", shown_name(output), op);
    for (const std::string& input : node.input())
        if (!input.empty()) return fmt::format("the node without a name that takes '{}' ({})", shown_name(input), op);
    return fmt::format("a node without a name ({})", op);
}

Node::Node(const onnx::NodeProto& node, int opset, std::vector<Value> inputs, Budget& budget)
    : proto_(&node), opset_(opset), inputs_(std::move(inputs)), budget_(&budget) {}

std::string Node::label() const { return node_label(*proto_); }

std::int64_t Node::count(const Dims& dims) const {
    const std::int64_t elements = budget_->count(dims);
    budget_->spend(elements);
    return elements;
}

const std::string& Node::op() const { return proto_->op_type(); }

bool Node::is_standard() const { return proto_->domain().empty() || proto_->domain() == "ai.onnx"; }

const Value& Node::input(std::size_t position) const {
    static const Value kAbsent;
    return position < inputs_.size() ? inputs_[position] : kAbsent;
}

const Value& Node::required(std::size_t position) const {
    if (!input(position).present()) fail(fmt::format("input {} is missing", position));
    return input(position);
}

std::string Node::input_name(std::size_t position) const {
    return position < inputs_.size() ? shown_name(proto_->input(narrow<int>(position))) : std::string();
}

bool Node::any_tokens() const {
    return std::any_of(inputs_.begin(), inputs_.end(), [](const Value& value) { return value.is_tokens(); });
}

int Node::output_count() const { return proto_->output_size(); }

const AttributeProto* Node::find(const std::string& attribute) const {
    for (const AttributeProto& candidate : proto_->attribute())
        if (candidate.name() == attribute) return &candidate;
    return nullptr;
}

std::int64_t Node::integer(const std::string& attribute, std::int64_t otherwise) const {
    const AttributeProto* found = find(attribute);
    return found == nullptr ? otherwise : found->i();
}

float Node::real(const std::string& attribute, float otherwise) const {
    const AttributeProto* found = find(attribute);
    return found == nullptr ? otherwise : found->f();
}

std::string Node::text(const std::string& attribute, const std::string& otherwise) const {
    const AttributeProto* found = find(attribute);
    return found == nullptr ? otherwise : found->s();
}

std::optional<Dims> Node::integers(const std::string& attribute) const {
    const AttributeProto* found = find(attribute);
    if (found == nullptr) return std::nullopt;
    return Dims(found->ints().begin(), found->ints().end());
}

std::vector<std::string> Node::texts(const std::string& attribute) const {
    const AttributeProto* found = find(attribute);
    if (found == nullptr) return {};
    return {found->strings().begin(), found->strings().end()};
}

std::vector<std::string> Node::attribute_names() const {
    std::vector<std::string> names;
    for (const AttributeProto& attribute : proto_->attribute()) names.push_back(attribute.name());
    return names;
}

const onnx::GraphProto& Node::graph(const std::string& attribute) const {
    const AttributeProto* found = find(attribute);
    if (found == nullptr || !found->has_g()) fail(fmt::format("attribute '{}' is missing", attribute));
    return found->g();
}

std::optional<Dims> Node::integers_of(const std::string& attribute, std::size_t position) const {
    if (input(position).present()) return constant_integers(position);
    return integers(attribute);
}

Dims Node::constant_integers(std::size_t position) const {
    const Value& value = required(position);
    if (value.is_tokens())
        fail(
            fmt::format("input {} ('{}') is known only when the model runs; constants and shapes can be followed there",
                        position, input_name(position)));
    if (value.kind != Value::Kind::integers)
        fail(fmt::format("input {} ('{}') must be integers", position, input_name(position)));
    return *value.integers;
}

std::size_t Node::axis(std::int64_t axis, std::int64_t rank) const {
    const std::int64_t positive = axis < 0 ? axis + rank : axis;
    if (positive < 0 || positive >= rank) fail(fmt::format("axis {} is outside a tensor of {} dimensions", axis, rank));
    return positive;
}

void Node::fail(const std::string& what) const { throw NodeError({label() + ": " + what}); }

} // namespace bru::onnx_import
