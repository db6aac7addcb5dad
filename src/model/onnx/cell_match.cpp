// Pattern matching by the nodes that make tensors; the walk tells which tensors are constants and how large they are.
#include "model/onnx/cell_match.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/integers.hpp"
#include "model/onnx/attributes.hpp"

namespace bru::onnx_import {
const onnx::NodeProto* View::maker(const std::string& name, const char* op) const {
    const auto found = maker_.find(name);
    if (found == maker_.end()) return nullptr;
    const onnx::NodeProto& node = graph_->node(found->second);
    if (op == nullptr) return &node;
    if (node.op_type() != op || !node.domain().empty()) return nullptr;
    const std::string& type = node.op_type();
    const bool takes_two = type == "Add" || type == "Sub" || type == "Mul";
    return takes_two ? (node.input_size() == 2 ? &node : nullptr) : (node.input_size() > 0 ? &node : nullptr);
}

std::string before_reshape(const View& view, const std::string& name) {
    const onnx::NodeProto* node = view.maker(name);
    if (node == nullptr || node->input_size() == 0) return "";
    const std::string& op = node->op_type();
    if (op == "Identity" || op == "Squeeze" || op == "Unsqueeze") return node->input(0);
    const Value* after = view.value(name);
    const Value* before = view.value(node->input(0));
    if (op != "Reshape" || after == nullptr || before == nullptr || after->rank() == 0 || before->rank() == 0 ||
        after->dims.back() != before->dims.back())
        return "";
    return node->input(0);
}

std::string plain(const View& view, std::string name) {
    constexpr int kMostNodes = 8;
    for (int count = 0; count < kMostNodes; ++count) {
        std::string before = before_reshape(view, name);
        if (before.empty()) break;
        name = std::move(before);
    }
    return name;
}

namespace {

/// Whether the node swaps the rows and the columns of a constant.
bool turns_matrix(const View& view, const onnx::NodeProto& node) {
    const Value* before = view.constant(node.input(0));
    if (node.op_type() != "Transpose" || before == nullptr || before->rank() != 2) return false;
    const onnx::AttributeProto* order = find_attribute(node, "perm");
    return order == nullptr || (order->ints_size() == 2 && order->ints(0) == 1);
}

/// The product with the matrix as the file stores it: exporters store equal ones once, under names that Identity nodes
/// give, and torch.export transposes the weights anew for each cell.
Product with_stored_matrix(const View& view, Product product) {
    constexpr int kMostNodes = 8;
    for (int count = 0; count < kMostNodes; ++count) {
        const onnx::NodeProto* node = view.maker(product.matrix);
        if (node == nullptr || node->input_size() == 0) break;
        const bool turns = turns_matrix(view, *node);
        if (!turns && node->op_type() != "Identity") break;
        product.outputs_first = product.outputs_first != turns;
        product.matrix = node->input(0);
    }
    return product;
}

/// The gates of an LSTM in ONNX's order of the rows.
enum Gate { kInput, kOutput, kForget, kCandidate, kGateCount };

/// The integers of a constant input; nothing where it is something else.
std::optional<Dims> integers_of(const View& view, const onnx::NodeProto& node, int position) {
    if (position >= node.input_size()) return std::nullopt;
    const Value* value = view.constant(node.input(position));
    if (value == nullptr || value->kind != Value::Kind::integers) return std::nullopt;
    return *value->integers;
}

} // namespace

int gate_count(CellKind kind) { return kind == CellKind::gru ? 3 : kGateCount; }

bool is_constant_of(const View& view, const std::string& name, float number) {
    const Value* value = view.constant(name);
    return value != nullptr && value->kind == Value::Kind::floats &&
           std::all_of(value->floats->begin(), value->floats->end(), [&](float each) { return each == number; });
}

std::optional<Piece> piece_of(const View& view, const std::string& name, int count) {
    const onnx::NodeProto* node = view.maker(name);
    if (node == nullptr || node->input_size() == 0) return std::nullopt;
    const Value* whole = view.value(node->input(0));
    const Value* piece = view.value(name);
    if (whole == nullptr || piece == nullptr || whole->rank() == 0 || piece->rank() != whole->rank())
        return std::nullopt;
    const std::int64_t units = piece->dims.back();
    if (units < 1) return std::nullopt;
    if (whole->dims.back() != count * units || whole->size() != count * piece->size()) return std::nullopt;
    if (node->op_type() == "Split")
        for (int i = 0; i < node->output_size(); ++i)
            if (node->output(i) == name && node->output_size() == count) return Piece{node->input(0), i};
    if (node->op_type() != "Slice") return std::nullopt;
    const std::optional<Dims> starts = integers_of(view, *node, 1);
    if (!starts || starts->size() != 1 || starts->front() < 0 || starts->front() % units != 0) return std::nullopt;
    const std::optional<Dims> steps = integers_of(view, *node, 4);
    if (steps && *steps != Dims{1}) return std::nullopt;
    const std::int64_t index = starts->front() / units;
    if (index >= count) return std::nullopt;
    return Piece{node->input(0), narrow<int>(index)};
}

namespace {

/// What the name stands for where Slices in front of it take all steps, or turn them around.
struct Turned {
    std::string whole;
    bool reversed = false;
};

/// A Slice that takes everything, in this order or, along the first axis, in the other one.
std::optional<bool> reverses(const View& view, const onnx::NodeProto& slice) {
    const Value* before = view.value(slice.input(0));
    const Value* after = view.value(slice.output(0));
    if (before == nullptr || after == nullptr || before->dims != after->dims) return std::nullopt;
    const std::optional<Dims> axes = integers_of(view, slice, 3);
    const std::optional<Dims> steps = integers_of(view, slice, 4);
    if (slice.input_size() < 5 || (steps && std::all_of(steps->begin(), steps->end(), [](auto k) { return k == 1; })))
        return false;
    return steps == Dims{-1} && axes == Dims{0} ? std::optional(true) : std::nullopt;
}

Turned without_turn(const View& view, std::string name) {
    constexpr int kMostNodes = 4;
    Turned turned{std::move(name), false};
    for (int count = 0; count < kMostNodes; ++count) {
        const onnx::NodeProto* node = view.maker(turned.whole, "Slice");
        const std::optional<bool> reversed = node == nullptr ? std::nullopt : reverses(view, *node);
        if (!reversed) break;
        turned = {node->input(0), turned.reversed != *reversed};
    }
    return turned;
}

} // namespace

const onnx::NodeProto* factor(const View& view, const onnx::NodeProto& product, const char* op) {
    for (const std::string& input : product.input())
        if (const onnx::NodeProto* node = view.maker(input, op)) return node;
    return nullptr;
}

namespace {

using Gates = std::array<std::string, kGateCount>;

/// What c' = sigmoid(f) c + sigmoid(i) tanh(g) is made of.
struct NewState {
    std::string forget, input, candidate;
    std::string before; ///< c
};

std::optional<NewState> match_state(const View& view, const onnx::NodeProto& sum) {
    for (int i = 0; i < 2; ++i) {
        const onnx::NodeProto* added = view.maker(sum.input(i), "Mul");
        const onnx::NodeProto* kept = view.maker(sum.input(1 - i), "Mul");
        if (added == nullptr || kept == nullptr) return std::nullopt;
        const onnx::NodeProto* input = factor(view, *added, "Sigmoid");
        const onnx::NodeProto* candidate = factor(view, *added, "Tanh");
        const onnx::NodeProto* forget = factor(view, *kept, "Sigmoid");
        if (input == nullptr || candidate == nullptr || forget == nullptr) continue;
        if (!piece_of(view, candidate->input(0), kGateCount) || !piece_of(view, forget->input(0), kGateCount)) continue;
        return NewState{forget->input(0), input->input(0), candidate->input(0),
                        kept->input(kept->input(0) == forget->output(0) ? 1 : 0)};
    }
    return std::nullopt;
}

/// Fills in where the gates stand; all four are pieces of one sum.
std::optional<Cell> with_gates(const View& view, Cell cell, const Gates& gates) {
    std::array<bool, kGateCount> seen{};
    std::string whole;
    for (std::size_t gate = 0; gate < kGateCount; ++gate) {
        const std::optional<Piece> piece = piece_of(view, gates[gate], kGateCount);
        if (!piece || (gate > 0 && piece->whole != whole)) return std::nullopt;
        whole = piece->whole;
        if (std::exchange(seen[static_cast<std::size_t>(piece->index)], true)) return std::nullopt;
        cell.block.push_back(piece->index);
    }
    cell.sum = sum_of(view, whole);
    return cell;
}

} // namespace

std::optional<Cell> match_cell(const View& view, int place) {
    const onnx::NodeProto& last = view.graph().node(place);
    if (last.op_type() != "Mul" || last.input_size() != 2) return std::nullopt;
    const onnx::NodeProto* output = factor(view, last, "Sigmoid");
    const onnx::NodeProto* squashed = factor(view, last, "Tanh");
    if (output == nullptr || squashed == nullptr) return std::nullopt;
    const onnx::NodeProto* sum = view.maker(squashed->input(0), "Add");
    if (sum == nullptr || sum->input_size() != 2) return std::nullopt;
    const std::optional<NewState> state = match_state(view, *sum);
    if (!state) return std::nullopt;
    Cell cell;
    cell.place = place;
    cell.h = last.output(0);
    cell.state = squashed->input(0);
    cell.state_before = state->before;
    Gates gates;
    gates[kInput] = state->input;
    gates[kOutput] = output->input(0);
    gates[kForget] = state->forget;
    gates[kCandidate] = state->candidate;
    return with_gates(view, std::move(cell), gates);
}

Sum sum_of(const View& view, const std::string& whole) {
    constexpr int kMostTerms = 16;
    Sum sum;
    std::vector<std::string> pending = {whole};
    for (int count = 0; count < kMostTerms && !pending.empty(); ++count) {
        const std::string name = pending.back();
        pending.pop_back();
        const onnx::NodeProto* node = view.maker(name);
        const auto made_by = [node](const char* op) { return node != nullptr && node->op_type() == op; };
        if (view.constant(name) != nullptr) {
            sum.constants.push_back(name);
        } else if (made_by("Add")) {
            pending.insert(pending.end(), node->input().begin(), node->input().end());
        } else if (made_by("MatMul") && node->input_size() == 2 && view.constant(node->input(1)) != nullptr) {
            sum.products.push_back(with_stored_matrix(view, {node->input(0), node->input(1), false}));
        } else if (made_by("Gemm") && node->input_size() >= 2 && view.constant(node->input(1)) != nullptr &&
                   integer_attribute(*node, "transA", 0) == 0 &&
                   (find_attribute(*node, "alpha") == nullptr || find_attribute(*node, "alpha")->f() == 1) &&
                   (find_attribute(*node, "beta") == nullptr || find_attribute(*node, "beta")->f() == 1)) {
            sum.products.push_back(
                with_stored_matrix(view, {node->input(0), node->input(1), integer_attribute(*node, "transB", 0) != 0}));
            if (node->input_size() > 2 && !node->input(2).empty()) pending.push_back(node->input(2));
        } else if (const std::string before = before_reshape(view, name); !before.empty()) {
            pending.push_back(before);
        } else {
            sum.others.push_back(name);
        }
    }
    sum.others.insert(sum.others.end(), pending.begin(), pending.end());
    return sum;
}

std::optional<Pick> pick_of(const View& view, const std::string& name) {
    const std::string step = plain(view, name);
    const onnx::NodeProto* node = view.maker(step);
    if (node == nullptr || node->input_size() == 0) return std::nullopt;
    const Value* whole = view.value(node->input(0));
    if (whole == nullptr || whole->rank() != 3) return std::nullopt;
    Pick pick{node->input(0), integer_attribute(*node, "axis", 0), 0};
    if (pick.axis < 0) pick.axis += 3;
    if (pick.axis != 0 && pick.axis != 1) return std::nullopt;
    const std::int64_t steps = whole->dims[static_cast<std::size_t>(pick.axis)];
    const Turned turned = without_turn(view, pick.whole);
    const auto turn = [&](std::int64_t step_of) { return turned.reversed ? steps - 1 - step_of : step_of; };
    if (turned.reversed && pick.axis != 0) return std::nullopt;
    pick.whole = turned.whole;
    if (node->op_type() == "Gather" && node->input_size() > 1) {
        const Value* index = view.constant(node->input(1));
        if (index == nullptr || index->kind != Value::Kind::integers || index->size() != 1) return std::nullopt;
        pick.step = index->integers->front();
        pick.step = turn(pick.step < 0 ? pick.step + steps : pick.step);
        return pick;
    }
    if (node->op_type() != "Split" || node->output_size() != steps) return std::nullopt;
    for (int i = 0; i < node->output_size(); ++i)
        if (node->output(i) == step) pick.step = turn(i);
    return pick;
}

} // namespace bru::onnx_import
