// One node of an ONNX graph with its evaluated inputs: attributes by name, and errors that name the node.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/onnx/budget.hpp"
#include "model/onnx/value.hpp"

namespace onnx {
class AttributeProto;
class GraphProto;
class NodeProto;
} // namespace onnx

namespace bru::onnx_import {

/// Why a value of the graph has no meaning for the machine.
struct Problem {
    std::string text;
};

class NodeError : public std::runtime_error {
public:
    explicit NodeError(Problem what_is_wrong)
        : std::runtime_error(what_is_wrong.text), problem(std::move(what_is_wrong)) {}
    Problem problem;
};

/// "node '/lstm/LSTM' (LSTM)"
std::string node_label(const onnx::NodeProto& node);

class Node {
public:
    Node(const onnx::NodeProto& node, int opset, std::vector<Value> inputs, Budget& budget);

    const std::string& op() const;
    bool is_standard() const; ///< an operator of the ONNX standard
    std::string label() const;
    int opset() const { return opset_; }
    const onnx::NodeProto& proto() const { return *proto_; }

    std::size_t input_count() const { return inputs_.size(); }
    /// An absent value where the input is not given.
    const Value& input(std::size_t position) const;
    /// Fails where the input is not given.
    const Value& required(std::size_t position) const;
    std::string input_name(std::size_t position) const;
    bool any_tokens() const;
    int output_count() const;

    bool has(const std::string& attribute) const { return find(attribute) != nullptr; }
    std::int64_t integer(const std::string& attribute, std::int64_t otherwise) const;
    float real(const std::string& attribute, float otherwise) const;
    std::string text(const std::string& attribute, const std::string& otherwise) const;
    std::optional<Dims> integers(const std::string& attribute) const;
    std::vector<std::string> texts(const std::string& attribute) const;
    std::vector<std::string> attribute_names() const;
    const onnx::AttributeProto* find(const std::string& attribute) const;
    const onnx::GraphProto& graph(const std::string& attribute) const;

    /// An integer list that is an attribute in old opsets and an input in newer ones; absent in both: nothing.
    std::optional<Dims> integers_of(const std::string& attribute, std::size_t position) const;
    /// The elements of a constant integer input.
    Dims constant_integers(std::size_t position) const;

    /// Counts from the end where negative; fails outside the rank.
    std::size_t axis(std::int64_t axis, std::int64_t rank) const;

    /// Elements of a tensor that the node makes, which it spends; throws where they are too many (budget.hpp).
    std::int64_t count(const Dims& dims) const;
    void spend(std::int64_t elements) const { budget_->spend(elements); }

    [[noreturn]] void fail(const std::string& what) const;

private:
    const onnx::NodeProto* proto_;
    int opset_;
    std::vector<Value> inputs_;
    Budget* budget_;
};

} // namespace bru::onnx_import
