// LSTM and GRU nodes: what the ONNX operators allow, held against what the machine runs.
#include "base/integers.hpp"
#include "base/printable.hpp"
#include "model/onnx/layers.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>

#include "model/onnx/protobuf.hpp"
#include "model/onnx/recurrent_attributes.hpp"

namespace bru::onnx_import {
namespace {

constexpr std::size_t kX = 0, kW = 1, kR = 2, kB = 3, kSequenceLens = 4, kInitialH = 5, kInitialC = 6, kP = 7;

/// Blocks of rows in W and R: i, o, f, c of an LSTM; z, r, h of a GRU.
std::int64_t row_blocks(CellKind cell) { return cell == CellKind::gru ? 3 : 4; }

/// A constant input of real numbers with the given shape.
const Value& weights_input(const Node& node, std::size_t position, const char* name, const Dims& dims) {
    const Value& value = node.required(position);
    const std::string place = fmt::format("input {} ('{}')", name, node.input_name(position));
    if (!value.is_constant())
        node.fail(place + " is computed by the network or a graph input; weights must be constants in the file");
    if (value.kind != Value::Kind::floats)
        node.fail(place + " must be real numbers (int8 weights go through DequantizeLinear)");
    if (value.dims != dims)
        node.fail(fmt::format("{} has shape {} instead of {}", place, to_string(value.dims), to_string(dims)));
    return value;
}

RawMatrix matrix_of(const Node& node, const Value& value, std::size_t position, const char* name, std::size_t direction,
                    bool reverse) {
    RawMatrix matrix;
    matrix.place = fmt::format("{}, input {} ('{}'), {}", node.label(), name, node.input_name(position),
                               reverse ? "reverse" : "forward");
    matrix.rows = value.dims[1];
    matrix.columns = value.dims[2];
    const std::ptrdiff_t size = matrix.rows * matrix.columns;
    const auto start = static_cast<std::ptrdiff_t>(direction) * size;
    matrix.values.assign(value.floats->begin() + start, value.floats->begin() + start + size);
    if (value.quantized)
        matrix.quantized.assign(value.quantized->begin() + start, value.quantized->begin() + start + size);
    return matrix;
}

/// The biases of one direction, input and recurrent added. Those of a GRU's candidate stay apart: they are added on
/// different sides of the reset gate.
std::vector<double> bias_of(const Node& node, CellKind cell, std::size_t direction, std::size_t directions,
                            std::size_t hidden_size) {
    std::vector<double> bias(4 * hidden_size, 0.0);
    if (!node.input(kB).present()) return bias;
    const std::size_t rows = row_blocks(cell) * hidden_size;
    const Dims dims = {static_cast<std::int64_t>(directions), static_cast<std::int64_t>(2 * rows)};
    const Value& value = weights_input(node, kB, "B", dims);
    const std::size_t first = direction * 2 * rows;
    const auto number = [&](std::size_t row) {
        const double found = double{(*value.floats)[first + row]};
        if (!std::isfinite(found))
            node.fail(fmt::format(
                "input B ('{}'): element {} is {}; biases must be finite numbers: train or export the model again",
                node.input_name(kB), first + row, found));
        return found;
    };
    const std::size_t added = cell == CellKind::gru ? 2 * hidden_size : rows;
    for (std::size_t row = 0; row < added; ++row) bias[row] = number(row) + number(row + rows);
    for (std::size_t unit = 0; added < rows && unit < hidden_size; ++unit) {
        bias[2 * hidden_size + unit] = number(2 * hidden_size + unit);
        bias[3 * hidden_size + unit] = number(rows + 2 * hidden_size + unit);
    }
    return bias;
}

/// Sizes of X, and where its axes stand.
struct XShape {
    std::int64_t steps = 0;
    std::int64_t batch = 1;
    std::int64_t features = 0;
    bool batch_first = false; ///< attribute layout = 1

    std::int64_t element(std::int64_t sequence, std::int64_t step, std::int64_t feature) const {
        return ((batch_first ? sequence * steps + step : step * batch + sequence)) * features + feature;
    }
};

/// Why a layer cannot begin with what the graph computes. A decoder begins so, with the states of its encoder.
std::string computed_state_text(const std::string& place, const Source& source) {
    const bool is_layers = source.kind == Source::Kind::hidden || source.kind == Source::Kind::cell;
    return fmt::format("{} is computed from {}; the machine loads initial states with the network, the same ones for "
                       "all sequences: constants or graph inputs can be used{}",
                       place, source.label,
                       is_layers ? ". A decoder that takes what its encoder puts out as an input of every step, in "
                                   "place of its initial state, can be run"
                                 : "");
}

/// Initial states of all directions, D x H; zeros where the model leaves them open. The sequences of a batch must have
/// the same.
std::vector<double> initial_state(const Node& node, Recording& recording, std::size_t position, const char* name,
                                  const XShape& x, const RawLstm& lstm, std::int64_t directions) {
    const Value& value = node.input(position);
    const std::int64_t units = lstm.hidden_size;
    std::vector<double> state(node.count({directions, units}), 0.0);
    if (!value.present()) return state;
    const std::string place = fmt::format("input {} ('{}')", name, node.input_name(position));
    const Dims dims = x.batch_first ? Dims{x.batch, directions, units} : Dims{directions, x.batch, units};
    if (value.dims != dims)
        node.fail(fmt::format("{} has shape {} instead of {} ({})", place, to_string(value.dims), to_string(dims),
                              x.batch_first ? "batch, directions, hidden size" : "directions, batch, hidden size"));
    if (value.kind == Value::Kind::floats) {
        for (std::int64_t i = 0; i < value.size(); ++i) {
            const std::int64_t row = i / units;
            const std::int64_t direction = x.batch_first ? row % directions : row / x.batch;
            const std::int64_t sequence = x.batch_first ? row / directions : row % x.batch;
            const double number = double{(*value.floats)[i]};
            if (!std::isfinite(number))
                node.fail(
                    fmt::format("{}: element {} is {}; initial states must be finite numbers: export the model again",
                                place, i, number));
            double& known = state[direction * units + i % units];
            if (sequence > 0 && known != number)
                node.fail(fmt::format("{} differs between the sequences of the batch of {}; the machine starts each "
                                      "sequence with the same states: export with batch 1",
                                      place, x.batch));
            known = number;
        }
        return state;
    }
    if (!value.is_tokens()) node.fail(place + " must be real numbers");
    for (const Token& token : *value.tokens) {
        const Source& source = recording.sources[token.source];
        if (source.kind != Source::Kind::graph_input || token.source == node.required(kX).tokens->front().source)
            node.fail(computed_state_text(place, source));
        recording.state_inputs.insert(source.tensor);
        recording.say(fmt::format("{} gives initial states: zero is used instead", source.label));
    }
    return state;
}

/// Distances in the graph's input between neighbours along each axis of X.
struct InputStrides {
    FeedAxes axes = {};
    std::int64_t sequence = 0;
    std::int64_t step = 0;
    std::int64_t feature = 0;
};

/// The order of the graph input's features in X, and of its axes.
struct InputOrder {
    std::vector<std::int64_t> features; ///< empty: steps are reordered, repeated or dropped
    FeedAxes axes = {};
};

/// The order of the features where X is the graph's input with these distances; nothing where it is not.
std::vector<std::int64_t> order_with(const std::vector<Token>& tokens, const XShape& x, const InputStrides& strides) {
    const auto index = [&](std::int64_t sequence, std::int64_t step, std::int64_t feature) -> std::int64_t {
        return tokens[x.element(sequence, step, feature)].index;
    };
    std::vector<std::int64_t> order;
    std::vector<bool> seen(x.features, false);
    for (std::int64_t feature = 0; feature < x.features; ++feature) {
        order.push_back(index(0, 0, feature) / strides.feature);
        if (order.back() >= x.features || seen[order.back()]) return {};
        seen[order.back()] = true;
    }
    for (std::int64_t sequence = 0; sequence < x.batch; ++sequence)
        for (std::int64_t step = 0; step < x.steps; ++step)
            for (std::int64_t feature = 0; feature < x.features; ++feature)
                if (index(sequence, step, feature) !=
                    sequence * strides.sequence + step * strides.step + order[feature] * strides.feature)
                    return {};
    return order;
}

/// Holds the graph input's tokens against [steps, features] of each sequence, in any order of the axes.
InputOrder input_order(Recording& recording, const std::vector<Token>& tokens, const XShape& x) {
    const std::int64_t b = x.batch;
    const std::int64_t s = x.steps;
    const std::int64_t f = x.features;
    for (const InputStrides& strides : {InputStrides{FeedAxes::sequence_step_feature, s * f, f, 1},
                                        InputStrides{FeedAxes::step_sequence_feature, f, b * f, 1},
                                        InputStrides{FeedAxes::step_feature_sequence, 1, b * f, b}})
        if (std::vector<std::int64_t> order = order_with(tokens, x, strides); !order.empty())
            return {std::move(order), strides.axes};
    for (const InputStrides& strides : {InputStrides{FeedAxes::sequence_feature_step, s * f, 1, s},
                                        InputStrides{FeedAxes::feature_sequence_step, s, 1, b * s},
                                        InputStrides{FeedAxes::feature_step_sequence, 1, b, b * s}})
        if (std::vector<std::int64_t> order = order_with(tokens, x, strides); !order.empty()) {
            recording.say(fmt::format("{} holds the features before the steps; in a trace each step holds its features",
                                      recording.sources[tokens.front().source].label));
            return {std::move(order), strides.axes};
        }
    return {};
}

/// What feeds the layer, and in which order.
struct Feed {
    std::size_t source = 0;
    bool starts = false; ///< no other LSTM feeds it
    std::vector<std::int64_t> order;
    bool reversed = false; ///< the steps come from the last to the first
    FeedAxes axes = {};    ///< where it starts
};

/// The graph's input, in order; nothing where X is something else.
std::optional<Feed> graph_input_feed(Recording& recording, const Value& value, const XShape& x) {
    const std::vector<Token>& tokens = *value.tokens;
    const std::uint32_t first = tokens.front().source;
    const bool one_source =
        std::all_of(tokens.begin(), tokens.end(), [first](const Token& token) { return token.source == first; });
    const Source& source = recording.sources[first];
    if (!one_source || source.kind != Source::Kind::graph_input || source.size != value.size()) return std::nullopt;
    InputOrder found = input_order(recording, tokens, x);
    if (found.features.empty()) return std::nullopt;
    return Feed{first, true, std::move(found.features), false, found.axes};
}

/// The graph's input, or every step of another layer; nothing where X is something else.
std::optional<Feed> known_feed(Recording& recording, const Value& value, const XShape& x) {
    if (std::optional<Feed> feed = graph_input_feed(recording, value, x)) return feed;
    try {
        const LayerRows rows = read_layer_rows(recording, value, x.features);
        if (rows.steps == OutputSteps::every && recording.lstms[rows.lstm].batch == x.batch)
            return Feed{rows.source, false, rows.order, false, {}};
    } catch (const std::invalid_argument&) { // no output of a layer: it starts a region of its own
    }
    return std::nullopt;
}

Value with_steps_reversed(const Value& value, const XShape& x) {
    std::vector<std::int64_t> map(value.tokens->size());
    for (std::int64_t sequence = 0; sequence < x.batch; ++sequence)
        for (std::int64_t step = 0; step < x.steps; ++step)
            for (std::int64_t feature = 0; feature < x.features; ++feature)
                map[x.element(sequence, step, feature)] = x.element(sequence, x.steps - 1 - step, feature);
    return select(value, value.dims, map);
}

/// The graph's input, every step of another layer, or else a tensor that the host makes. An exporter may reverse the
/// steps in front of a layer, instead of letting the layer run in reverse.
Feed feed_of(const Node& node, Recording& recording, const XShape& x) {
    const Value value = with_joined_directions(recording, node.required(kX));
    if (std::optional<Feed> feed = known_feed(recording, value, x)) return *std::move(feed);
    std::vector<std::int64_t> order(static_cast<std::size_t>(x.features));
    std::iota(order.begin(), order.end(), 0);
    const FeedAxes axes = x.batch_first ? FeedAxes::sequence_step_feature : FeedAxes::step_sequence_feature;
    if (x.steps > 1) {
        node.spend(value.size());
        const Value reversed = with_steps_reversed(value, x);
        std::optional<Feed> feed = known_feed(recording, reversed, x);
        if (const auto known = recording.known_host_input(reversed); !feed && known)
            feed = Feed{*known, true, order, false, axes};
        if (feed) {
            feed->reversed = true;
            return *std::move(feed);
        }
    }
    const std::string name = node.input_name(kX);
    const std::uint32_t source = recording.host_input(fmt::format("'{}'", name), node.proto().input(kX), value);
    return {source, true, std::move(order), false, axes};
}

/// Checks X against the columns of W.
XShape shape_of_x(const Node& node, std::int64_t features) {
    const Value& x = node.required(kX);
    const std::string place = fmt::format("input X ('{}')", node.input_name(kX));
    if (!x.is_tokens()) node.fail(place + " is a constant; it must come from the graph's input");
    if (x.rank() != 3) node.fail(fmt::format("{} has shape {}; three dimensions are needed", place, to_string(x.dims)));
    const bool batch_first = node.integer("layout", 0) == 1;
    const XShape shape{x.dims[batch_first ? 1 : 0], x.dims[batch_first ? 0 : 1], features, batch_first};
    if (x.dims[2] != features)
        node.fail(fmt::format("{} has {} values per step, W has {} columns", place, x.dims[2], features));
    if (shape.steps < 1 || shape.batch < 1) node.fail(place + " has no steps");
    return shape;
}

/// The lengths of the sequences: all of the steps, or what a graph input says. A trace has that as the ends of its
/// sequences.
void check_sequence_lens(const Node& node, Recording& recording, const XShape& x) {
    const Value& lengths = node.input(kSequenceLens);
    if (!lengths.present()) return;
    if (lengths.is_tokens() && lengths.size() == x.batch) {
        const Source& source = recording.sources[lengths.tokens->front().source];
        if (!source.side.name.empty()) {
            recording.say(fmt::format("graph input '{}' gives the lengths of sequences: a trace marks where each ends",
                                      source.side.name));
            return;
        }
    }
    const bool whole = lengths.kind == Value::Kind::integers && lengths.size() == x.batch &&
                       std::all_of(lengths.integers->begin(), lengths.integers->end(),
                                   [&](std::int64_t length) { return length == x.steps; });
    if (!whole)
        node.fail(fmt::format("input sequence_lens ('{}') cuts sequences short; leave it out, a trace marks where "
                              "sequences end",
                              node.input_name(kSequenceLens)));
}

/// Y, Y_h and, of an LSTM, Y_c. `reversed`: the node sees the steps from the last to the first, and numbers them so.
std::vector<Value> output_tokens(const Node& node, Recording& recording, std::size_t record, const XShape& x,
                                 bool reversed) {
    const RawLstm lstm = recording.lstms[record];
    const std::int64_t directions = lstm.directions.size();
    const std::int64_t units = lstm.hidden_size;
    const std::uint32_t hidden = recording.add_layer_source(Source::Kind::hidden, record);
    const auto hidden_token = [&](std::int64_t sequence, std::int64_t step, std::int64_t direction, std::int64_t unit) {
        return Token{hidden, narrow<std::uint32_t>(sequence * lstm.sequence_size() +
                                                   (step * directions + direction) * units + unit)};
    };
    const Dims y_dims =
        x.batch_first ? Dims{x.batch, x.steps, directions, units} : Dims{x.steps, directions, x.batch, units};
    const Dims state_dims = x.batch_first ? Dims{x.batch, directions, units} : Dims{directions, x.batch, units};
    std::vector<Token> y;
    y.reserve(node.count(y_dims));
    for_each_index(y_dims, [&](const Dims& at) {
        const std::int64_t step = at[x.batch_first ? 1 : 0];
        y.push_back(hidden_token(at[x.batch_first ? 0 : 2], reversed ? x.steps - 1 - step : step,
                                 at[x.batch_first ? 2 : 1], at[3]));
    });
    std::vector<Token> y_h;
    for_each_index(state_dims, [&](const Dims& at) {
        const std::int64_t sequence = at[x.batch_first ? 0 : 1];
        const std::int64_t direction = at[x.batch_first ? 1 : 0];
        const std::int64_t last = lstm.directions[direction].reverse ? 0 : x.steps - 1;
        y_h.push_back(hidden_token(sequence, last, direction, at[2]));
    });
    std::vector<Value> outputs = {make_tokens(y_dims, std::move(y)), make_tokens(state_dims, std::move(y_h))};
    if (lstm.cell == CellKind::gru) return outputs;
    const std::uint32_t cell = recording.add_layer_source(Source::Kind::cell, record);
    std::vector<Token> y_c;
    for_each_index(state_dims, [&](const Dims& at) {
        const std::int64_t sequence = at[x.batch_first ? 0 : 1];
        const std::int64_t direction = at[x.batch_first ? 1 : 0];
        y_c.push_back({cell, narrow<std::uint32_t>((sequence * directions + direction) * units + at[2])});
    });
    outputs.push_back(make_tokens(state_dims, std::move(y_c)));
    return outputs;
}

} // namespace

std::optional<CellKind> cell_of(const std::string& op) {
    if (op == "LSTM") return CellKind::lstm;
    if (op == "GRU") return CellKind::gru;
    return std::nullopt;
}

std::vector<Value> record_recurrent(const Node& node, CellKind cell, Recording& recording) {
    const std::vector<bool> reverse = checked_directions(node, cell);
    const bool is_lstm = cell == CellKind::lstm;
    if (is_lstm && node.input(kP).present())
        node.fail(fmt::format("input P ('{}') holds peephole weights, which the machine does not have; train without "
                              "peepholes",
                              node.input_name(kP)));
    const std::int64_t directions = reverse.size();
    const Value& w = node.required(kW);
    const Value& r = node.required(kR);
    if (w.rank() != 3 || r.rank() != 3) node.fail("inputs W and R must have three dimensions");
    RawLstm lstm;
    lstm.label = node.label();
    lstm.cell = cell;
    if (node.output_count() > 0) lstm.output_tensor = node.proto().output(0);
    lstm.hidden_size = r.dims[2];
    lstm.input_size = w.dims[2];
    if (node.integer("hidden_size", lstm.hidden_size) != lstm.hidden_size)
        node.fail(fmt::format("attribute 'hidden_size' is {}, but R has shape {}, whose last dimension must be the "
                              "same: export the model again",
                              node.integer("hidden_size", 0), to_string(r.dims)));
    if (lstm.hidden_size < 1 || lstm.input_size < 1) node.fail("has no units or no inputs");
    const std::int64_t rows = row_blocks(cell) * lstm.hidden_size;
    weights_input(node, kW, "W", {directions, rows, lstm.input_size});
    weights_input(node, kR, "R", {directions, rows, lstm.hidden_size});

    const XShape x = shape_of_x(node, lstm.input_size);
    lstm.steps = x.steps;
    lstm.batch = x.batch;
    if (recording.steps == 0) recording.steps = lstm.steps;
    check_sequence_lens(node, recording, x);
    const Feed feed = feed_of(node, recording, x);
    lstm.from = feed.source;
    lstm.starts = feed.starts;
    lstm.feed_axes = feed.axes;
    const std::vector<double> initial_h = initial_state(node, recording, kInitialH, "initial_h", x, lstm, directions);
    const std::vector<double> initial_c =
        is_lstm ? initial_state(node, recording, kInitialC, "initial_c", x, lstm, directions) : std::vector<double>{};
    const std::size_t units = lstm.hidden_size;
    for (std::size_t d = 0; d < reverse.size(); ++d) {
        RawDirection direction;
        direction.reverse = reverse[d] != feed.reversed;
        direction.input = with_columns(matrix_of(node, w, kW, "W", d, reverse[d]), feed.order);
        direction.recurrent = matrix_of(node, r, kR, "R", d, reverse[d]);
        direction.bias = bias_of(node, cell, d, reverse.size(), units);
        const std::ptrdiff_t start = d * units;
        const std::ptrdiff_t end = start + units;
        direction.initial_h.assign(initial_h.begin() + start, initial_h.begin() + end);
        if (is_lstm) direction.initial_c.assign(initial_c.begin() + start, initial_c.begin() + end);
        lstm.directions.push_back(std::move(direction));
    }
    if (lstm.directions.front().reverse && lstm.directions.size() > 1) // the machine has forward first
        node.fail("runs in both directions over reversed steps, which is not supported; run it over the steps as they "
                  "are");
    if (lstm.batch > 1)
        recording.say(fmt::format("the graph has a batch of {}: its sequences are independent, and the machine runs "
                                  "one after the other",
                                  lstm.batch));
    recording.lstms.push_back(std::move(lstm));
    return output_tokens(node, recording, recording.lstms.size() - 1, x, feed.reversed);
}

} // namespace bru::onnx_import
