#include "model/onnx/sequences.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/integers.hpp"
#include "model/onnx/attributes.hpp"
#include "model/onnx/file.hpp"
#include "model/onnx/subgraphs.hpp"

namespace bru::onnx_import {
namespace {

/// What the names of a graph stand for, as far as sequences need it.
class NamedConstants {
public:
    explicit NamedConstants(const onnx::GraphProto& graph) {
        for (const onnx::TensorProto& tensor : graph.initializer()) tensors_[tensor.name()] = &tensor;
        for (const onnx::NodeProto& node : graph.node())
            for (const std::string& output : node.output()) makers_[output] = &node;
    }

    const onnx::NodeProto* maker(const std::string& name, const char* op) const {
        const auto found = makers_.find(name);
        return found == makers_.end() || found->second->op_type() != op ? nullptr : found->second;
    }

    /// The integers of a constant; nothing where it is something else.
    std::optional<Value> integers(const std::string& name) const {
        const auto found = makers_.find(name);
        if (found == makers_.end()) {
            const auto tensor = tensors_.find(name);
            return tensor == tensors_.end() ? std::nullopt : integers_of(*tensor->second);
        }
        const onnx::NodeProto& node = *found->second;
        if (node.op_type() != "Constant") return std::nullopt;
        if (const auto* value = find_attribute(node, "value"); value != nullptr && value->has_t())
            return integers_of(value->t());
        if (const auto* value = find_attribute(node, "value_int")) return make_integers({}, {value->i()});
        if (const auto* value = find_attribute(node, "value_ints"))
            return make_integers({value->ints_size()}, {value->ints().begin(), value->ints().end()});
        return std::nullopt;
    }

private:
    static std::optional<Value> integers_of(const onnx::TensorProto& tensor) {
        try {
            const Value value = value_of(tensor);
            return value.kind == Value::Kind::integers ? std::optional(value) : std::nullopt;
        } catch (const std::logic_error&) { // the walk over the graph says what is wrong with it
            return std::nullopt;
        }
    }

    std::unordered_map<std::string, const onnx::TensorProto*> tensors_;
    std::unordered_map<std::string, const onnx::NodeProto*> makers_;
};

/// A piece of a tensor along an axis.
struct SequencePiece {
    std::int64_t start = 0;
    std::int64_t end = 0;
    bool keeps_axis = true;
};

/// Piece `place` of a SplitToSequence, where the file alone says which elements it has.
std::optional<SequencePiece> sequence_piece(const NamedConstants& names, const onnx::NodeProto& split,
                                            std::int64_t place) {
    const bool keeps_axis = integer_attribute(split, "keepdims", 1) != 0;
    if (split.input_size() < 2 || split.input(1).empty()) return SequencePiece{place, place + 1, keeps_axis};
    const std::optional<Value> sizes = names.integers(split.input(1));
    if (!sizes || sizes->size() == 0) return std::nullopt;
    const std::vector<std::int64_t>& numbers = *sizes->integers;
    const auto is_size = [](std::int64_t size) { return size >= 0 && size <= kMaxElements; };
    if (!std::all_of(numbers.begin(), numbers.end(), is_size)) return std::nullopt;
    if (sizes->rank() == 0) { // ONNX Runtime and PyTorch: pieces of one element drop the axis if keepdims is 0
        const std::int64_t size = numbers.front();
        if (size == 1) return SequencePiece{place, place + 1, keeps_axis};
        if (place < 0) return std::nullopt; // the last piece may be shorter
        return SequencePiece{place * size, (place + 1) * size, true};
    }
    if (place < 0) place += signed_size(numbers);
    if (place < 0 || place >= signed_size(numbers)) return std::nullopt;
    SequencePiece piece;
    for (std::int64_t i = 0; i < place; ++i) piece.start += numbers[static_cast<std::size_t>(i)];
    piece.end = piece.start + numbers[static_cast<std::size_t>(place)];
    return piece;
}

/// Writes the nodes of a graph anew.
class Rewriter {
public:
    explicit Rewriter(const onnx::GraphProto& graph) : names_(graph), graph_(graph) { graph_.clear_node(); }

    onnx::GraphProto rewritten(const onnx::GraphProto& before) {
        for (const onnx::NodeProto& node : before.node())
            if (!take_piece(node) && !join(node)) *graph_.add_node() = node;
        return std::move(graph_);
    }

private:
    bool take_piece(const onnx::NodeProto& node) {
        if (node.op_type() != "SequenceAt" || node.input_size() != 2 || node.output_size() != 1) return false;
        const std::optional<Value> index = names_.integers(node.input(1));
        if (!index || index->size() != 1) return false;
        const std::int64_t place = index->integers->front();
        if (place < -kMaxElements || place > kMaxElements) return false;
        if (const onnx::NodeProto* list = names_.maker(node.input(0), "SequenceConstruct")) {
            const std::int64_t from_start = place < 0 ? place + list->input_size() : place;
            if (from_start < 0 || from_start >= list->input_size()) return false;
            add("Identity", node, {list->input(static_cast<int>(from_start))});
            return true;
        }
        const onnx::NodeProto* split = names_.maker(node.input(0), "SplitToSequence");
        const std::optional<SequencePiece> piece =
            split == nullptr || split->input_size() == 0 ? std::nullopt : sequence_piece(names_, *split, place);
        if (!piece) return false;
        add_piece(node, split->input(0), integer_attribute(*split, "axis", 0), *piece);
        return true;
    }

    void add_piece(const onnx::NodeProto& node, const std::string& whole, std::int64_t axis,
                   const SequencePiece& piece) {
        const std::string& name = node.output(0);
        if (!piece.keeps_axis) {
            add_attribute(add("Gather", node, {whole, constant(name + "/place", {}, piece.start)}), "axis", axis);
            return;
        }
        // The last element has no end that counts from the start.
        const std::int64_t end = piece.end == 0 ? std::numeric_limits<std::int64_t>::max() : piece.end;
        add("Slice", node,
            {whole, constant(name + "/start", {1}, piece.start), constant(name + "/end", {1}, end),
             constant(name + "/axis", {1}, axis)});
    }

    bool join(const onnx::NodeProto& node) {
        if (node.op_type() != "ConcatFromSequence" || node.input_size() != 1 || node.output_size() != 1) return false;
        const onnx::NodeProto* list = names_.maker(node.input(0), "SequenceConstruct");
        if (list == nullptr || list->input_size() == 0) return false;
        const std::int64_t axis = integer_attribute(node, "axis", 0);
        std::vector<std::string> parts(list->input().begin(), list->input().end());
        if (integer_attribute(node, "new_axis", 0) != 0) {
            const std::string place = constant(node.output(0) + "/axis", {1}, axis);
            for (std::size_t i = 0; i < parts.size(); ++i) {
                onnx::NodeProto& part = add("Unsqueeze", node, {parts[i], place});
                parts[i] = node.output(0) + "/" + std::to_string(i);
                part.set_output(0, parts[i]);
                part.set_name(parts[i]);
            }
        }
        add_attribute(add("Concat", node, parts), "axis", axis);
        return true;
    }

    /// A node with the name and the output of `replaced`.
    onnx::NodeProto& add(const char* op, const onnx::NodeProto& replaced, const std::vector<std::string>& inputs) {
        onnx::NodeProto& node = *graph_.add_node();
        node.set_op_type(op);
        node.set_name(replaced.name());
        node.add_output(replaced.output(0));
        for (const std::string& input : inputs) node.add_input(input);
        return node;
    }

    std::string constant(const std::string& name, const Dims& dims, std::int64_t value) {
        onnx::TensorProto& tensor = *graph_.add_initializer();
        tensor.set_name(name);
        tensor.set_data_type(onnx::TensorProto::INT64);
        for (const std::int64_t size : dims) tensor.add_dims(size);
        tensor.add_int64_data(value);
        return name;
    }

    NamedConstants names_;
    onnx::GraphProto graph_;
};

bool makes_sequence(const onnx::NodeProto& node) {
    return node.op_type() == "SplitToSequence" || node.op_type() == "SequenceConstruct";
}

/// Without sequences that nothing reads any more.
void remove_unread(onnx::GraphProto& graph) {
    std::unordered_set<std::string> read;
    for (const onnx::NodeProto& node : graph.node())
        for (std::string& name : names_read(node)) read.insert(std::move(name));
    for (const onnx::ValueInfoProto& output : graph.output()) read.insert(output.name());
    auto& nodes = *graph.mutable_node();
    const auto unread = std::remove_if(nodes.begin(), nodes.end(), [&](const onnx::NodeProto& node) {
        return makes_sequence(node) && node.output_size() == 1 && read.count(node.output(0)) == 0;
    });
    nodes.erase(unread, nodes.end());
}

} // namespace

onnx::ModelProto with_tensors_for_sequences(onnx::ModelProto model) {
    const auto& nodes = model.graph().node();
    if (std::none_of(nodes.begin(), nodes.end(), makes_sequence)) return model;
    const onnx::GraphProto before = model.graph();
    *model.mutable_graph() = Rewriter(before).rewritten(before);
    remove_unread(*model.mutable_graph());
    return model;
}

} // namespace bru::onnx_import
