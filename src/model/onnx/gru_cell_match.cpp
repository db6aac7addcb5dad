// Recognizing one step of a GRU: r = sigmoid(x_r + h_r), z = sigmoid(x_z + h_z), n = tanh(x_n + r h_n), and then
// (h - n) z + n, or (1 - z) n + z h. x and h stand for the sums of the products with the matrices and the biases.
#include <algorithm>
#include <utility>

#include "base/integers.hpp"
#include "model/onnx/cell_match.hpp"

namespace bru::onnx_import {
namespace {

/// The gates in ONNX's order of the rows.
enum Gate { kUpdate, kReset, kCandidate, kGateCount };

/// What h' is made of.
struct NewState {
    const onnx::NodeProto* update = nullptr;    ///< Sigmoid
    const onnx::NodeProto* candidate = nullptr; ///< Tanh
    std::string before;                         ///< h
};

/// The other input of a node with two.
const std::string& other_input(const onnx::NodeProto& node, const std::string& input) {
    return node.input(node.input(0) == input ? 1 : 0);
}

/// (h - n) z + n
std::optional<NewState> match_difference(const View& view, const onnx::NodeProto& sum) {
    for (const std::string& input : sum.input()) {
        const onnx::NodeProto* candidate = view.maker(input, "Tanh");
        const onnx::NodeProto* scaled = view.maker(other_input(sum, input), "Mul");
        if (candidate == nullptr || scaled == nullptr) continue;
        const onnx::NodeProto* update = factor(view, *scaled, "Sigmoid");
        const onnx::NodeProto* difference = factor(view, *scaled, "Sub");
        if (update == nullptr || difference == nullptr || difference->input(1) != input) continue;
        return NewState{update, candidate, difference->input(0)};
    }
    return std::nullopt;
}

/// (1 - z) n + z h
std::optional<NewState> match_mixture(const View& view, const onnx::NodeProto& sum) {
    for (const std::string& input : sum.input()) {
        const onnx::NodeProto* added = view.maker(input, "Mul");
        const onnx::NodeProto* kept = view.maker(other_input(sum, input), "Mul");
        if (added == nullptr || kept == nullptr) continue;
        const onnx::NodeProto* candidate = factor(view, *added, "Tanh");
        const onnx::NodeProto* rest = factor(view, *added, "Sub");
        const onnx::NodeProto* update = factor(view, *kept, "Sigmoid");
        if (candidate == nullptr || rest == nullptr || update == nullptr) continue;
        if (rest->input(1) != update->output(0) || !is_constant_of(view, rest->input(0), 1)) continue;
        return NewState{update, candidate, other_input(*kept, update->output(0))};
    }
    return std::nullopt;
}

/// The two terms of a gate: a piece of the inputs' sum, and what h adds.
struct Terms {
    Piece input;
    std::string of_h;
};

/// The terms of a sum of two tensors; `whole` is the inputs' sum, "" where it is not known yet.
std::optional<Terms> terms_of(const View& view, const std::string& name, const std::string& whole) {
    const onnx::NodeProto* sum = view.maker(name, "Add");
    if (sum == nullptr || sum->input_size() != 2) return std::nullopt;
    for (const std::string& input : sum->input()) {
        const std::optional<Piece> piece = piece_of(view, input, kGateCount);
        if (piece && piece->whole == whole) return Terms{*piece, other_input(*sum, input)};
    }
    return std::nullopt;
}

/// The candidate's terms, where the one of h is a product with the reset gate.
struct Candidate {
    Piece input;
    std::string of_h;
    const onnx::NodeProto* reset = nullptr; ///< Sigmoid
};

std::optional<Candidate> match_candidate(const View& view, const std::string& name) {
    const onnx::NodeProto* sum = view.maker(name, "Add");
    if (sum == nullptr || sum->input_size() != 2) return std::nullopt;
    for (const std::string& input : sum->input()) {
        const std::optional<Piece> piece = piece_of(view, input, kGateCount);
        const onnx::NodeProto* product = view.maker(other_input(*sum, input), "Mul");
        const onnx::NodeProto* reset = product == nullptr ? nullptr : factor(view, *product, "Sigmoid");
        if (piece && reset != nullptr) return Candidate{*piece, other_input(*product, reset->output(0)), reset};
    }
    return std::nullopt;
}

/// Fills in the sum of h: its pieces stand in the order of the inputs' pieces, or each is a constant.
bool take_sum_of_h(const View& view, Cell& cell, const std::vector<std::string>& of_h) {
    const std::optional<Piece> first = piece_of(view, of_h.front(), kGateCount);
    if (!first || view.constant(first->whole) != nullptr) {
        const auto is_constant = [&](const std::string& name) { return view.constant(name) != nullptr; };
        cell.constants_of_h = of_h;
        return std::all_of(of_h.begin(), of_h.end(), is_constant);
    }
    for (std::size_t gate = 0; gate < of_h.size(); ++gate) {
        const std::optional<Piece> piece = piece_of(view, of_h[gate], kGateCount);
        if (!piece || piece->whole != first->whole || piece->index != cell.block[gate]) return false;
    }
    cell.recurrent = sum_of(view, first->whole);
    return true;
}

} // namespace

std::optional<Cell> match_gru_cell(const View& view, int place) {
    const onnx::NodeProto& last = view.graph().node(place);
    if (last.op_type() != "Add" || last.input_size() != 2 || last.output_size() == 0) return std::nullopt;
    std::optional<NewState> state = match_difference(view, last);
    if (!state) state = match_mixture(view, last);
    if (!state) return std::nullopt;
    const std::optional<Candidate> candidate = match_candidate(view, state->candidate->input(0));
    if (!candidate) return std::nullopt;
    const std::string& whole = candidate->input.whole;
    const std::optional<Terms> update = terms_of(view, state->update->input(0), whole);
    const std::optional<Terms> reset = terms_of(view, candidate->reset->input(0), whole);
    if (!update || !reset) return std::nullopt;
    Cell cell;
    cell.kind = CellKind::gru;
    cell.place = place;
    cell.h = cell.state = last.output(0);
    cell.state_before = state->before;
    cell.block = {update->input.index, reset->input.index, candidate->input.index};
    const std::vector<int>& block = cell.block;
    if (block[0] == block[1] || block[0] == block[2] || block[1] == block[2]) return std::nullopt;
    if (!take_sum_of_h(view, cell, {update->of_h, reset->of_h, candidate->of_h})) return std::nullopt;
    cell.sum = sum_of(view, whole);
    return cell;
}

} // namespace bru::onnx_import
