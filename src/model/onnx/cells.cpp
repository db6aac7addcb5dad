// Linking cells into chains, and putting layers in their place.
#include "model/onnx/cells.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "base/integers.hpp"
#include "base/printable.hpp"
#include "model/onnx/cell_layer.hpp"
#include "model/onnx/subgraphs.hpp"

namespace bru::onnx_import {
namespace {

bool same_matrix(const Product& a, const Product& b) {
    return a.matrix == b.matrix && a.outputs_first == b.outputs_first;
}

/// The sum of constants, each one number or one per row; nothing where they have another shape.
std::optional<std::vector<float>> bias_of(const View& view, const Sum& sum, std::int64_t rows) {
    std::vector<float> bias(static_cast<std::size_t>(rows), 0);
    for (const std::string& name : sum.constants) {
        const Value& value = *view.constant(name); // sum_of has looked
        if (value.kind != Value::Kind::floats || value.size() == 0 || (value.size() != 1 && value.size() % rows != 0))
            return std::nullopt;
        for (std::int64_t i = 0; i < value.size(); ++i) {
            const float number = (*value.floats)[i];
            if (value.size() > 1 && number != (*value.floats)[i % rows]) return std::nullopt;
        }
        for (std::int64_t row = 0; row < rows; ++row) bias[row] += (*value.floats)[value.size() == 1 ? 0 : row];
    }
    return bias;
}

bool nearly_equal(const std::vector<float>& a, const std::vector<float>& b) {
    constexpr float kTolerance = 1e-5F;
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](float x, float y) { return std::fabs(x - y) <= kTolerance * std::max(1.0F, std::fabs(x)); });
}

/// Of weights with `rows` outputs.
std::optional<std::int64_t> inputs_of(const View& view, const Product& product, std::int64_t rows) {
    const Value* known = view.constant(product.matrix);
    if (known == nullptr) return std::nullopt;
    const Value& matrix = *known;
    if (matrix.kind != Value::Kind::floats || matrix.rank() != 2) return std::nullopt;
    if (matrix.dims[product.outputs_first ? 0 : 1] != rows) return std::nullopt;
    return matrix.dims[product.outputs_first ? 1 : 0];
}

/// Whether nothing but the chain reads the state c of a cell that is not the last.
bool states_stay_inside(const View& view, const std::vector<const Cell*>& cells) {
    if (cells.front()->kind == CellKind::gru) return true; // its state is h, and every h leaves the layer
    std::unordered_map<std::string_view, int> readers;
    for (const Cell* cell : cells) readers[cell->state] = 0;
    for (const onnx::NodeProto& node : view.graph().node())
        for (const std::string& name : names_read(node))
            if (const auto state = readers.find(name); state != readers.end()) ++state->second;
    for (const onnx::ValueInfoProto& output : view.graph().output())
        if (const auto state = readers.find(output.name()); state != readers.end()) ++state->second;
    return std::all_of(cells.begin(), cells.end() - 1, [&](const Cell* cell) { return readers[cell->state] == 2; });
}

/// What a cell adds up beside its constants: the product with the state h, and either the product of its input with the
/// matrix that all cells have, or a step of a tensor that has such products already.
struct Terms {
    std::string state;            ///< "" where it is zero and was left out
    std::optional<Product> input; ///< nothing where there is a step of a tensor
    Pick step;
};

/// `before`: the cell before; null for the first one. A cell that is alone may take a tensor without steps.
std::optional<Terms> terms_of(const View& view, const Cell& cell, const Cell* before, const Product& recurrent,
                              bool is_alone) {
    Terms terms;
    bool has_recurrent = false;
    std::vector<Product> left;
    std::vector<Product> products = cell.sum.products;
    products.insert(products.end(), cell.recurrent.products.begin(), cell.recurrent.products.end());
    for (const Product& product : products) {
        const bool continues = before == nullptr || plain(view, product.input) == before->h;
        if (has_recurrent || !same_matrix(product, recurrent) || !continues) {
            left.push_back(product);
            continue;
        }
        has_recurrent = true;
        terms.state = product.input;
    }
    if (!has_recurrent && before != nullptr) return std::nullopt;
    if (left.size() + cell.sum.others.size() != 1 || !cell.recurrent.others.empty()) return std::nullopt;
    if (!left.empty()) terms.input = left.front();
    const std::string& step = left.empty() ? cell.sum.others.front() : left.front().input;
    const std::optional<Pick> pick = pick_of(view, step);
    if (!pick && !(is_alone && terms.input)) return std::nullopt;
    terms.step = pick.value_or(Pick{step, kNoSteps, 0});
    return terms;
}

/// The terms of all cells, which have the same form.
std::optional<std::vector<Terms>> all_terms(const View& view, const std::vector<const Cell*>& cells,
                                            const Product& recurrent) {
    std::vector<Terms> all;
    for (std::size_t t = 0; t < cells.size(); ++t) {
        const std::optional<Terms> terms =
            terms_of(view, *cells[t], t == 0 ? nullptr : cells[t - 1], recurrent, cells.size() == 1);
        if (!terms || cells[t]->block != cells[0]->block) return std::nullopt;
        if (t > 0) {
            const Terms& first = all.front();
            if (terms->step.whole != first.step.whole || terms->step.axis != first.step.axis ||
                terms->input.has_value() != first.input.has_value() ||
                (first.input && !same_matrix(*terms->input, *first.input)))
                return std::nullopt;
        }
        all.push_back(*terms);
    }
    return all;
}

/// Whether the steps are all steps of the tensor, in order or from the last to the first.
bool takes_every_step(const View& view, const std::vector<Terms>& all, bool reverse) {
    const Pick& first = all.front().step;
    if (first.axis == kNoSteps) return true;
    const auto count = signed_size(all);
    if (view.value(first.whole)->dims[static_cast<std::size_t>(first.axis)] != count) return false;
    for (std::int64_t t = 0; t < count; ++t)
        if (all[static_cast<std::size_t>(t)].step.step != (reverse ? count - 1 - t : t)) return false;
    return true;
}

/// The biases of the cells, which are the same, and of the tensor that has the products of all steps.
std::optional<std::vector<float>> bias_of_all(const View& view, const std::vector<const Cell*>& cells, const Sum& steps,
                                              std::int64_t rows) {
    std::optional<std::vector<float>> bias;
    for (const Cell* cell : cells) {
        std::optional<std::vector<float>> own = bias_of(view, cell->sum, rows);
        if (!own || (bias && !nearly_equal(*bias, *own))) return std::nullopt;
        bias = std::move(own);
    }
    const std::optional<std::vector<float>> shared = bias_of(view, steps, rows);
    if (!shared) return std::nullopt;
    for (std::size_t row = 0; row < bias->size(); ++row) (*bias)[row] += (*shared)[row];
    return bias;
}

/// What a cell adds for an h that is known, where that is zero: the bias; in the order of the sum.
std::optional<std::vector<float>> bias_of_constants(const View& view, const Cell& cell, std::int64_t rows) {
    const std::int64_t units = rows / signed_size(cell.block);
    std::vector<float> bias(static_cast<std::size_t>(rows), 0);
    for (std::size_t gate = 0; gate < cell.block.size(); ++gate) {
        Sum sum;
        sum.constants = {cell.constants_of_h[gate]};
        const std::optional<std::vector<float>> own = bias_of(view, sum, units);
        if (!own) return std::nullopt;
        std::copy(own->begin(), own->end(), bias.begin() + cell.block[gate] * units);
    }
    return bias;
}

/// The biases of the sums of h in a chain of GRU cells, which are the same. `state`: what the first sum takes, which is
/// the h that the first cell updates; "" where that is zero.
std::optional<std::vector<float>> bias_of_h(const View& view, const std::vector<const Cell*>& cells,
                                            const std::string& state, std::int64_t rows) {
    const std::string first = plain(view, cells.front()->state_before);
    const bool begins_with_zero = state.empty() || is_zero(view, plain(view, state)); // each may have a zero of its own
    if (begins_with_zero ? !is_zero(view, first) : plain(view, state) != first) return std::nullopt;
    std::optional<std::vector<float>> bias;
    for (const Cell* cell : cells) {
        std::optional<std::vector<float>> own =
            cell->constants_of_h.empty() ? bias_of(view, cell->recurrent, rows) : bias_of_constants(view, *cell, rows);
        if (!own || (bias && !nearly_equal(*bias, *own))) return std::nullopt;
        bias = std::move(own);
    }
    return bias;
}

/// The graph input or constant that a state of the first cell is, or is a piece of; "" where a node computes it.
std::string origin_of(const View& view, std::string name) {
    static const std::unordered_set<std::string> kMoves = {"Identity", "Squeeze", "Unsqueeze", "Reshape",
                                                           "Split",    "Gather",  "Slice",     "Transpose"};
    constexpr int kMostNodes = 8;
    for (int count = 0; count < kMostNodes && view.constant(name) == nullptr; ++count) {
        const onnx::NodeProto* node = view.maker(name);
        if (node == nullptr) break;
        if (kMoves.count(node->op_type()) == 0 || node->input_size() == 0) return "";
        name = node->input(0);
    }
    return name;
}

/// The product with h of a cell that stands alone, as a model for streams has it: its states come from outside, and h
/// from a tensor that has the shape of c's. Where the input x has that shape as well, h is the later one.
std::optional<Product> recurrent_product_of_one(const View& view, const Cell& cell) {
    const Value* state = view.value(origin_of(view, cell.state_before));
    if (state == nullptr) return std::nullopt;
    std::optional<Product> last;
    int last_place = -1;
    for (const Product& product : cell.kind == CellKind::gru ? cell.recurrent.products : cell.sum.products) {
        const std::string origin = origin_of(view, product.input);
        const Value* h = view.value(origin);
        const auto& inputs = view.graph().input();
        const auto place =
            std::find_if(inputs.begin(), inputs.end(), [&](const auto& input) { return input.name() == origin; }) -
            inputs.begin();
        if (h == nullptr || h->dims != state->dims || place <= last_place) continue;
        last = product;
        last_place = narrow<int>(place);
    }
    return last;
}

/// The product of a cell with what the cell before puts out.
std::optional<Product> product_with_h(const View& view, const Cell& before, const Cell& cell) {
    for (const Product& product : cell.kind == CellKind::gru ? cell.recurrent.products : cell.sum.products)
        if (plain(view, product.input) == before.h) return product;
    return std::nullopt;
}

std::optional<Product> recurrent_product(const View& view, const std::vector<const Cell*>& cells) {
    return cells.size() == 1 ? recurrent_product_of_one(view, *cells[0]) : product_with_h(view, *cells[0], *cells[1]);
}

/// Cells that lead to each other, cut where the weights of h change: a decoder that begins with the states of its
/// encoder is a layer of its own.
std::vector<std::vector<const Cell*>> pieces_of_same_weights(const View& view, const std::vector<const Cell*>& cells) {
    std::vector<std::vector<const Cell*>> pieces = {{cells.front()}};
    std::optional<Product> last;
    for (std::size_t t = 1; t < cells.size(); ++t) {
        std::optional<Product> product = product_with_h(view, *cells[t - 1], *cells[t]);
        if (last && product && !same_matrix(*last, *product)) pieces.emplace_back();
        pieces.back().push_back(cells[t]);
        last = std::move(product);
    }
    return pieces;
}

/// The tensor that the name stands for with the two leading axes of `steps`, which a product may have put together.
std::string with_steps(const View& view, std::string name, const Value& steps) {
    const auto fits = [&](const Value* value) {
        return value != nullptr && value->rank() == 3 &&
               std::equal(steps.dims.begin(), steps.dims.begin() + 2, value->dims.begin());
    };
    constexpr int kMostNodes = 8;
    std::string before = name;
    for (int count = 0; count < kMostNodes && !before.empty(); ++count) {
        if (fits(view.value(before))) return before;
        before = before_reshape(view, before);
    }
    return name;
}

/// The layer that the cells are; nothing where they are none.
std::optional<Chain> chain_of(const View& view, const std::vector<const Cell*>& cells) {
    const Value* h = view.value(cells.front()->h);
    if (h == nullptr || h->rank() < 2 || h->rank() > 3) return std::nullopt;
    Chain chain;
    chain.cells = cells;
    chain.units = h->dims.back();
    if (chain.units < 1) return std::nullopt;
    const std::optional<Product> recurrent = recurrent_product(view, cells);
    if (!recurrent || inputs_of(view, *recurrent, chain.rows()) != chain.units) return std::nullopt;
    const std::optional<std::vector<Terms>> terms = all_terms(view, cells, *recurrent);
    if (!terms) return std::nullopt;
    const Terms& first = terms->front();
    chain.reverse = first.step.step != 0;
    chain.axis = first.step.axis;
    if (!takes_every_step(view, *terms, chain.reverse)) return std::nullopt;
    chain.recurrent = {first.state, recurrent->matrix, recurrent->outputs_first};
    Sum steps; // what the tensor with all steps is made of, where the products come first
    if (first.input) {
        chain.input = {first.step.whole, first.input->matrix, first.input->outputs_first};
    } else {
        steps = sum_of(view, first.step.whole);
        if (steps.products.size() != 1 || !steps.others.empty()) return std::nullopt;
        chain.input = steps.products.front();
        chain.input.input = with_steps(view, chain.input.input, *view.value(first.step.whole));
    }
    const std::optional<std::int64_t> inputs = inputs_of(view, chain.input, chain.rows());
    const Value* x = view.value(chain.input.input);
    const Value* whole = view.value(first.step.whole);
    if (!inputs || x == nullptr || x->rank() < 1 || x->dims.back() != *inputs) return std::nullopt;
    if (x->rank() != (chain.axis == kNoSteps ? 2 : 3) || whole->rank() != x->rank() || x->dims[0] != whole->dims[0] ||
        x->dims[x->dims.size() - 2] != whole->dims[x->dims.size() - 2])
        return std::nullopt;
    const std::int64_t batch = x->dims[chain.axis == 0 ? 1 : 0];
    if (h->size() != batch * chain.units) return std::nullopt;
    chain.input_size = *inputs;
    const std::optional<std::vector<float>> bias = bias_of_all(view, cells, steps, chain.rows());
    if (chain.kind() == CellKind::gru) {
        std::optional<std::vector<float>> of_h = bias_of_h(view, cells, first.state, chain.rows());
        if (!of_h) return std::nullopt;
        chain.bias_of_h = *std::move(of_h);
    }
    const bool is_there = view.place_of(chain.input.input) < cells.front()->place; // and does not depend on the cells
    if (!bias || !is_there || !states_stay_inside(view, cells)) return std::nullopt;
    chain.bias = *bias;
    return chain;
}

/// Without nodes that no output needs.
onnx::GraphProto without_unused(onnx::GraphProto graph) {
    std::unordered_set<std::string> needed;
    for (const onnx::ValueInfoProto& output : graph.output()) needed.insert(output.name());
    std::vector<bool> stays(static_cast<std::size_t>(graph.node_size()), false);
    for (int place = graph.node_size(); place-- > 0;) {
        const onnx::NodeProto& node = graph.node(place);
        const bool used = std::any_of(node.output().begin(), node.output().end(),
                                      [&](const std::string& output) { return needed.count(output) != 0; });
        if (!used) continue;
        stays[static_cast<std::size_t>(place)] = true;
        for (std::string& name : names_read(node)) needed.insert(std::move(name));
    }
    google::protobuf::RepeatedPtrField<onnx::NodeProto> kept;
    for (int place = 0; place < graph.node_size(); ++place)
        if (stays[static_cast<std::size_t>(place)]) kept.Add()->Swap(graph.mutable_node(place));
    graph.mutable_node()->Swap(&kept);
    return graph;
}

onnx::ModelProto with_layer(const onnx::ModelProto& model, const View& view, const Chain& chain) {
    onnx::ModelProto made = model;
    onnx::GraphProto& graph = *made.mutable_graph();
    graph.clear_node();
    std::unordered_set<int> replaced;
    for (const Cell* cell : chain.cells) replaced.insert(cell->place);
    replaced.insert(view.place_of(chain.cells.back()->state));
    for (int place = 0; place < model.graph().node_size(); ++place) {
        if (place == chain.cells.front()->place) write_layer(view, chain, &graph);
        if (replaced.count(place) == 0) *graph.add_node() = model.graph().node(place);
    }
    graph = without_unused(std::move(graph));
    return made;
}

/// Whether the node looks like the last of an LSTM cell: a product of a Sigmoid and a Tanh of a sum.
bool may_end_lstm_cell(const View& view, const onnx::NodeProto& node) {
    if (node.op_type() != "Mul" || node.input_size() != 2) return false;
    const onnx::NodeProto* squashed = factor(view, node, "Tanh");
    return factor(view, node, "Sigmoid") != nullptr && squashed != nullptr &&
           view.maker(squashed->input(0), "Add") != nullptr;
}

/// Whether the node looks like the candidate of a GRU cell: a Tanh of a sum with a product with a Sigmoid.
bool may_be_gru_candidate(const View& view, const onnx::NodeProto& node) {
    if (node.op_type() != "Tanh" || node.input_size() != 1) return false;
    const onnx::NodeProto* sum = view.maker(node.input(0), "Add");
    const onnx::NodeProto* product = sum == nullptr ? nullptr : factor(view, *sum, "Mul");
    return product != nullptr && factor(view, *product, "Sigmoid") != nullptr;
}

/// A look without a walk.
bool may_have_cells(const View& view) {
    const auto& nodes = view.graph().node();
    return std::any_of(nodes.begin(), nodes.end(), [&view](const onnx::NodeProto& node) {
        return may_end_lstm_cell(view, node) || may_be_gru_candidate(view, node);
    });
}

std::vector<Cell> find_cells(const View& view) {
    std::vector<Cell> cells;
    for (int place = 0; place < view.graph().node_size(); ++place) {
        std::optional<Cell> cell = match_cell(view, place);
        if (!cell) cell = match_gru_cell(view, place);
        if (cell) cells.push_back(*std::move(cell));
    }
    return cells;
}

/// The first chain of cells that is a layer.
std::optional<Chain> find_chain(const View& view, const std::vector<Cell>& cells) {
    std::unordered_map<std::string_view, const Cell*> by_state;
    std::unordered_map<const Cell*, const Cell*> next;
    for (const Cell& cell : cells) by_state[cell.state] = &cell;
    std::unordered_set<const Cell*> continues;
    for (const Cell& cell : cells)
        if (const auto before = by_state.find(plain(view, cell.state_before));
            before != by_state.end() && before->second->kind == cell.kind) {
            next[before->second] = &cell;
            continues.insert(&cell);
        }
    for (const Cell& first : cells) {
        if (continues.count(&first) != 0) continue;
        std::vector<const Cell*> chain;
        for (const Cell* cell = &first; cell != nullptr && chain.size() < cells.size();) {
            chain.push_back(cell);
            const auto following = next.find(cell);
            cell = following == next.end() ? nullptr : following->second;
        }
        for (const std::vector<const Cell*>& piece : pieces_of_same_weights(view, chain))
            if (std::optional<Chain> found = chain_of(view, piece)) return found;
    }
    return std::nullopt;
}

/// Whether the sums of `next` take a product of the cell's h in place of h, as PyTorch's proj_size has it.
bool projects_state(const View& view, const Cell& cell, const Cell& next) {
    const auto& products = next.sum.products;
    const auto takes = [&](const auto& condition) { return std::any_of(products.begin(), products.end(), condition); };
    if (takes([&](const Product& product) { return plain(view, product.input) == cell.h; })) return false;
    return takes([&](const Product& product) {
        const onnx::NodeProto* made = view.maker(plain(view, product.input));
        return made != nullptr && (made->op_type() == "MatMul" || made->op_type() == "Gemm") &&
               made->input_size() >= 2 && view.constant(made->input(1)) != nullptr &&
               plain(view, made->input(0)) == cell.h;
    });
}

/// The LSTM cells whose state h is projected, by the first of each chain.
std::vector<OutsideNode> projected_cells(const View& view, const std::vector<Cell>& cells) {
    std::unordered_map<std::string_view, const Cell*> by_state;
    for (const Cell& cell : cells)
        if (cell.kind == CellKind::lstm) by_state[cell.state] = &cell;
    std::unordered_set<const Cell*> projected;
    std::vector<OutsideNode> result;
    for (const Cell& next : cells) { // in the order of the graph
        const auto before = by_state.find(plain(view, next.state_before));
        if (before == by_state.end() || !projects_state(view, *before->second, next)) continue;
        projected.insert(&next);
        if (projected.count(before->second) != 0) continue;
        result.push_back({fmt::format("LSTM cells from '{}' on", shown_name(before->second->h)), "LSTM",
                          "the recurrent state is a projection of h (proj_size of nn.LSTM), and the machine has no "
                          "such cell; train with proj_size = 0. A dense layer behind the LSTM is possible"});
    }
    return result;
}

} // namespace

WithLayers with_layers_for_cells(onnx::ModelProto model) {
    constexpr int kMostLayers = 64;
    WithLayers result;
    for (int layer = 0; layer < kMostLayers; ++layer) {
        View view(model.graph());
        if (!may_have_cells(view)) break;
        WalkedModel walked(model);
        view.walk = walk_graph(walked, {});
        const std::vector<Cell> cells = find_cells(view);
        const std::optional<Chain> chain = find_chain(view, cells);
        if (!chain) {
            result.outside = projected_cells(view, cells);
            break;
        }
        const std::size_t count = chain->cells.size();
        const char* text = count == 1 ? "the {1} cell that is written out in '{2}' is a layer of one step"
                                      : "{0} {1} cells that are written out, from '{2}' on, are one {1} layer";
        result.messages.push_back(
            fmt::format(fmt::runtime(text), count, cell_name(chain->kind()), shown_name(chain->cells.front()->h)));
        model = with_layer(model, view, *chain);
    }
    result.model = std::move(model);
    return result;
}

} // namespace bru::onnx_import
