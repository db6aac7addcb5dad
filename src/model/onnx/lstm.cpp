// LSTM nodes: what the ONNX operator allows, held against what the machine runs.
#include "base/integers.hpp"
#include "base/printable.hpp"
#include "model/onnx/layers.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {
namespace {

constexpr std::size_t kX = 0, kW = 1, kR = 2, kB = 3, kSequenceLens = 4, kInitialH = 5, kInitialC = 6, kP = 7;

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// Reverse or not, a direction each.
std::vector<bool> directions_of(const Node& node) {
    const std::string direction = node.text("direction", "forward");
    if (direction == "forward") return {false};
    if (direction == "reverse") return {true};
    if (direction == "bidirectional") return {false, true};
    node.fail(fmt::format("attribute 'direction' is '{}'; forward, reverse and bidirectional are allowed",
                          shown_name(direction)));
}

void check_attributes(const Node& node, std::size_t directions) {
    static const std::set<std::string> kKnown = {"activation_alpha", "activation_beta", "activations",  "clip",
                                                 "direction",        "hidden_size",     "input_forget", "layout",
                                                 "output_sequence"};
    for (const std::string& name : node.attribute_names())
        if (kKnown.count(name) == 0) node.fail(fmt::format("attribute '{}' is unknown", shown_name(name)));
    if (node.has("clip"))
        node.fail(fmt::format("attribute 'clip' = {} cannot be run: the machine does not clip sums; export without it",
                              node.real("clip", 0)));
    if (node.integer("input_forget", 0) != 0)
        node.fail("attribute 'input_forget' = 1 cannot be run: input and forget gates must be separate");
    for (const char* name : {"activation_alpha", "activation_beta"})
        if (node.has(name))
            node.fail(fmt::format("attribute '{}' cannot be run: gates use plain Sigmoid and Tanh", name));
    const std::vector<std::string> activations = node.texts("activations");
    if (!activations.empty() && activations.size() != 3 * directions)
        node.fail(
            fmt::format("attribute 'activations' has {} entries instead of {}", activations.size(), 3 * directions));
    for (std::size_t i = 0; i < activations.size(); ++i)
        if (lower(activations[i]) != (i % 3 == 0 ? "sigmoid" : "tanh"))
            node.fail(fmt::format(
                "attribute 'activations' = [{}] cannot be run; Sigmoid, Tanh, Tanh a direction is what the machine has",
                fmt::join(activations, ", ")));
    const std::int64_t layout = node.integer("layout", 0);
    if (layout != 0 && layout != 1) node.fail(fmt::format("attribute 'layout' is {}; 0 and 1 are allowed", layout));
    if (node.input(kP).present())
        node.fail(
            fmt::format("input P ('{}') holds peephole weights, which the machine does not have", node.input_name(kP)));
}

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

/// The biases of one direction, input and recurrent added.
std::vector<double> bias_of(const Node& node, std::size_t direction, std::size_t directions, std::size_t hidden_size) {
    std::vector<double> bias(4 * hidden_size, 0.0);
    if (!node.input(kB).present()) return bias;
    const Dims dims = {static_cast<std::int64_t>(directions), static_cast<std::int64_t>(8 * hidden_size)};
    const Value& value = weights_input(node, kB, "B", dims);
    for (std::size_t row = 0; row < bias.size(); ++row) {
        const std::size_t at = direction * 8 * hidden_size + row;
        bias[row] = double{(*value.floats)[at]} + double{(*value.floats)[at + 4 * hidden_size]};
        if (!std::isfinite(bias[row]))
            node.fail(fmt::format("input B ('{}'): element {} is not a finite number", node.input_name(kB), at));
    }
    return bias;
}

/// Initial states of all directions, D x H; zeros where the model leaves them open.
std::vector<double> initial_state(const Node& node, Recording& recording, std::size_t position, const char* name,
                                  const Dims& dims) {
    const Value& value = node.input(position);
    std::vector<double> state(node.count(dims), 0.0);
    if (!value.present()) return state;
    const std::string place = fmt::format("input {} ('{}')", name, node.input_name(position));
    if (value.dims != dims)
        node.fail(fmt::format("{} has shape {} instead of {} (directions, batch 1, hidden size)", place,
                              to_string(value.dims), to_string(dims)));
    if (value.kind == Value::Kind::floats) {
        for (std::size_t i = 0; i < state.size(); ++i) {
            state[i] = double{(*value.floats)[i]};
            if (!std::isfinite(state[i])) node.fail(fmt::format("{}: element {} is not a finite number", place, i));
        }
        return state;
    }
    if (!value.is_tokens()) node.fail(place + " must be real numbers");
    for (const Token& token : *value.tokens) {
        const Source& source = recording.sources[token.source];
        if (source.kind != Source::Kind::graph_input || token.source == node.required(kX).tokens->front().source)
            node.fail(fmt::format("{} is computed from {}; initial states must be constants or graph inputs", place,
                                  source.label));
        recording.say(fmt::format("{} gives initial states: zero is used instead", source.label));
    }
    return state;
}

/// Holds the graph input's tokens against [steps, features]; the order of its features, or nothing where steps are
/// reordered, repeated or dropped.
std::vector<std::int64_t> input_order(Recording& recording, const std::vector<Token>& tokens, std::int64_t steps,
                                      std::int64_t features) {
    const auto index = [&](std::int64_t step, std::int64_t feature) -> std::int64_t {
        return tokens[step * features + feature].index;
    };
    const auto matches = [&](std::int64_t step_stride, std::int64_t feature_stride) -> std::vector<std::int64_t> {
        std::vector<std::int64_t> order;
        std::vector<bool> seen(features, false);
        for (std::int64_t feature = 0; feature < features; ++feature) {
            order.push_back(index(0, feature) / feature_stride);
            if (order.back() >= features || seen[order.back()]) return {};
            seen[order.back()] = true;
        }
        for (std::int64_t step = 0; step < steps; ++step)
            for (std::int64_t feature = 0; feature < features; ++feature)
                if (index(step, feature) != step * step_stride + order[feature] * feature_stride) return {};
        return order;
    };
    if (std::vector<std::int64_t> order = matches(features, 1); !order.empty()) return order;
    if (std::vector<std::int64_t> order = matches(1, steps); !order.empty()) {
        recording.say(fmt::format("{} holds the features before the steps; in a trace each step holds its features",
                                  recording.sources[tokens.front().source].label));
        return order;
    }
    return {};
}

/// What feeds the layer, and in which order.
struct Feed {
    std::size_t source = 0;
    bool starts = false; ///< no other LSTM feeds it
    std::vector<std::int64_t> order;
};

/// The graph's input, in order; nothing where X is something else.
std::optional<Feed> graph_input_feed(Recording& recording, const Value& x, std::int64_t steps, std::int64_t features) {
    const std::vector<Token>& tokens = *x.tokens;
    const std::uint32_t first = tokens.front().source;
    const bool one_source =
        std::all_of(tokens.begin(), tokens.end(), [first](const Token& token) { return token.source == first; });
    const Source& source = recording.sources[first];
    if (!one_source || source.kind != Source::Kind::graph_input || source.size != x.size()) return std::nullopt;
    std::vector<std::int64_t> order = input_order(recording, tokens, steps, features);
    if (order.empty()) return std::nullopt;
    return Feed{first, true, std::move(order)};
}

/// The graph's input, every step of another layer, or else a tensor that the host makes.
Feed feed_of(const Node& node, Recording& recording, std::int64_t steps, std::int64_t features) {
    const Value x = with_joined_directions(recording, node.required(kX));
    if (std::optional<Feed> feed = graph_input_feed(recording, x, steps, features)) return *std::move(feed);
    try {
        const LayerRows rows = read_layer_rows(recording, x, features);
        if (rows.steps == OutputSteps::every) return {rows.source, false, rows.order};
    } catch (const std::invalid_argument&) { // no output of a layer: it starts a region of its own
    }
    const std::string name = node.input_name(kX);
    const std::uint32_t source = recording.host_input(fmt::format("'{}'", name), node.proto().input(kX), x);
    std::vector<std::int64_t> order(static_cast<std::size_t>(features));
    std::iota(order.begin(), order.end(), 0);
    return {source, true, std::move(order)};
}

/// Steps of X; checks its shape and that the batch is 1.
std::int64_t steps_of(const Node& node, std::int64_t features) {
    const Value& x = node.required(kX);
    const std::string place = fmt::format("input X ('{}')", node.input_name(kX));
    if (!x.is_tokens()) node.fail(place + " is a constant; it must come from the graph's input");
    const bool batch_first = node.integer("layout", 0) == 1;
    if (x.rank() != 3) node.fail(fmt::format("{} has shape {}; three dimensions are needed", place, to_string(x.dims)));
    const std::int64_t steps = x.dims[batch_first ? 1 : 0];
    const std::int64_t batch = x.dims[batch_first ? 0 : 1];
    if (batch != 1)
        throw NodeError({fmt::format("{}: {} has a batch of {}; the machine runs one sequence at a time: export with "
                                     "batch 1 or a dynamic batch",
                                     node.label(), place, batch),
                         true});
    if (x.dims[2] != features)
        node.fail(fmt::format("{} has {} values per step, W has {} columns", place, x.dims[2], features));
    if (steps < 1) node.fail(place + " has no steps");
    return steps;
}

/// The node works on whole sequences; a given length must say so.
void check_sequence_lens(const Node& node, std::int64_t steps) {
    const Value& lengths = node.input(kSequenceLens);
    if (!lengths.present()) return;
    const bool whole =
        lengths.kind == Value::Kind::integers && lengths.size() == 1 && lengths.integers->front() == steps;
    if (!whole)
        node.fail(fmt::format("input sequence_lens ('{}') cuts sequences short or varies; leave it out, a trace marks "
                              "where sequences end",
                              node.input_name(kSequenceLens)));
}

std::vector<Value> output_tokens(const Node& node, Recording& recording, const RawLstm& lstm, std::size_t record) {
    const std::int64_t steps = lstm.steps;
    const std::int64_t directions = lstm.directions.size();
    const std::int64_t units = lstm.hidden_size;
    const std::uint32_t hidden = recording.add_source({Source::Kind::hidden, record, false, lstm.label, 0});
    const std::uint32_t cell = recording.add_source({Source::Kind::cell, record, false, lstm.label, 0});
    std::vector<Token> y(node.count({steps, directions, units}));
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = {hidden, narrow<std::uint32_t>(i)};
    std::vector<Token> y_h;
    std::vector<Token> y_c;
    for (std::int64_t direction = 0; direction < directions; ++direction)
        for (std::int64_t unit = 0; unit < units; ++unit) {
            const std::int64_t step = lstm.directions[direction].reverse ? 0 : steps - 1;
            y_h.push_back(y[(step * directions + direction) * units + unit]);
            y_c.push_back({cell, narrow<std::uint32_t>(direction * units + unit)});
        }
    const bool batch_first = node.integer("layout", 0) == 1;
    const Dims y_dims = batch_first ? Dims{1, steps, directions, units} : Dims{steps, directions, 1, units};
    const Dims state_dims = batch_first ? Dims{1, directions, units} : Dims{directions, 1, units};
    return {make_tokens(y_dims, std::move(y)), make_tokens(state_dims, std::move(y_h)),
            make_tokens(state_dims, std::move(y_c))};
}

} // namespace

std::vector<Value> record_lstm(const Node& node, Recording& recording) {
    const std::vector<bool> reverse = directions_of(node);
    check_attributes(node, reverse.size());
    const std::int64_t directions = reverse.size();
    const Value& w = node.required(kW);
    const Value& r = node.required(kR);
    if (w.rank() != 3 || r.rank() != 3) node.fail("inputs W and R must have three dimensions");
    RawLstm lstm;
    lstm.label = node.label();
    if (node.output_count() > 0) lstm.output_tensor = node.proto().output(0);
    lstm.hidden_size = r.dims[2];
    lstm.input_size = w.dims[2];
    if (node.integer("hidden_size", lstm.hidden_size) != lstm.hidden_size)
        node.fail(fmt::format("attribute 'hidden_size' is {}, but R has shape {}", node.integer("hidden_size", 0),
                              to_string(r.dims)));
    if (lstm.hidden_size < 1 || lstm.input_size < 1) node.fail("has no units or no inputs");
    weights_input(node, kW, "W", {directions, 4 * lstm.hidden_size, lstm.input_size});
    weights_input(node, kR, "R", {directions, 4 * lstm.hidden_size, lstm.hidden_size});

    lstm.steps = steps_of(node, lstm.input_size);
    if (recording.steps == 0) recording.steps = lstm.steps;
    check_sequence_lens(node, lstm.steps);
    const Feed feed = feed_of(node, recording, lstm.steps, lstm.input_size);
    lstm.from = feed.source;
    lstm.starts = feed.starts;
    const bool batch_first = node.integer("layout", 0) == 1;
    const Dims state_dims = batch_first ? Dims{1, directions, lstm.hidden_size} : Dims{directions, 1, lstm.hidden_size};
    const std::vector<double> initial_h = initial_state(node, recording, kInitialH, "initial_h", state_dims);
    const std::vector<double> initial_c = initial_state(node, recording, kInitialC, "initial_c", state_dims);
    const std::size_t units = lstm.hidden_size;
    for (std::size_t d = 0; d < reverse.size(); ++d) {
        RawDirection direction;
        direction.reverse = reverse[d];
        direction.input = with_columns(matrix_of(node, w, kW, "W", d, reverse[d]), feed.order);
        direction.recurrent = matrix_of(node, r, kR, "R", d, reverse[d]);
        direction.bias = bias_of(node, d, reverse.size(), units);
        const std::ptrdiff_t start = d * units;
        const std::ptrdiff_t end = start + units;
        direction.initial_h.assign(initial_h.begin() + start, initial_h.begin() + end);
        direction.initial_c.assign(initial_c.begin() + start, initial_c.begin() + end);
        lstm.directions.push_back(std::move(direction));
    }
    recording.lstms.push_back(lstm);
    return output_tokens(node, recording, lstm, recording.lstms.size() - 1);
}

} // namespace bru::onnx_import
