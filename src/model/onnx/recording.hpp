// What the importer learns while it walks a graph: the LSTM and dense nodes it met, and where every token
// comes from. Also the one question asked of moved tokens: which steps of which layer are these?
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "model/network.hpp"
#include "model/onnx/value.hpp"

namespace bru::onnx_import {

/// A weight matrix as the file has it: real values and, where it came through DequantizeLinear, the integers.
struct RawMatrix {
    std::string place; ///< for messages: "node '/lstm/LSTM' (LSTM), input R 'onnx::LSTM_108', forward"
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::vector<float> values;              ///< row-major
    std::vector<QuantizedWeight> quantized; ///< as many, or empty
};

/// The axes of a tensor that feeds a layer, from the slowest to the fastest; those of size 1 left aside.
enum class FeedAxes {
    sequence_step_feature,
    step_sequence_feature,
    step_feature_sequence,
    sequence_feature_step,
    feature_sequence_step,
    feature_step_sequence
};

/// Rows in ONNX's order: i, o, f, c of an LSTM; z, r, h of a GRU.
struct RawDirection {
    bool reverse = false;
    RawMatrix input; ///< columns in the order of what feeds the layer
    RawMatrix recurrent;
    std::vector<double> bias; ///< 4H; GRU: z, r, then h of the input and h of the recurrent side
    std::vector<double> initial_h;
    std::vector<double> initial_c; ///< GRU: empty
};

struct RawLstm {
    std::string label;
    CellKind cell = CellKind::lstm;
    std::string output_tensor; ///< Y in the file; "" where the node gives no Y
    std::int64_t input_size = 0;
    std::int64_t hidden_size = 0;
    std::int64_t steps = 0;      ///< of the sequence walked with
    std::int64_t batch = 1;      ///< sequences side by side, which know nothing of each other
    bool starts = false;         ///< `from` is a graph input or made by the host, not another LSTM's hidden values
    std::size_t from = 0;        ///< the source that feeds it
    FeedAxes feed_axes = {};     ///< of that source, where the layer starts
    bool part_of_joined = false; ///< one direction of a record that has both
    std::vector<RawDirection> directions;

    std::int64_t width() const { return hidden_size * directions.size(); }
    std::int64_t sequence_size() const { return steps * width(); } ///< hidden values of one sequence
};

/// A graph input that is no sequence but says how the model is used: a sampling rate, a length, a switch.
struct SideInput {
    std::string name;  ///< "" where there is none
    std::string value; ///< that the graph compares it with, where it does
};

struct RawDense {
    std::string label;
    std::size_t lstm = 0; ///< the LSTM record that feeds it
    std::size_t root = 0; ///< the dense record without the constants that were added behind it
    OutputSteps steps = OutputSteps::every;
    std::optional<std::int64_t>
        step;          ///< it takes this step alone; with `steps` last, though it need not be the last one
    RawMatrix weights; ///< outputs x width of the LSTM
    std::vector<double> bias;
};

/// Where tokens come from. Index of a token: graph_input, host: flat element; all others: sequence * sequence_size and
/// within the sequence hidden: (step * directions + direction) * H + unit; cell: direction * H + unit; dense: row *
/// outputs + output; argmax: row.
struct Source {
    enum class Kind { graph_input, hidden, cell, dense, argmax, host };
    Kind kind = Kind::graph_input;
    std::size_t record = 0;         ///< into inputs, lstms (hidden, cell) or denses (dense, argmax)
    bool squashed = false;          ///< a Softmax, LogSoftmax or Sigmoid was seen through
    std::string label;              ///< of the node or input
    std::int64_t size = 0;          ///< elements of a graph input
    std::string tensor = {};        ///< host: the name of the tensor; graph_input: of the input
    Dims dims = {};                 ///< of that tensor
    std::int64_t batch = 1;         ///< sequences, of all kinds but graph_input and host
    std::int64_t sequence_size = 0; ///< tokens of each
    std::string before_squash = {}; ///< the tensor that the first such node takes
    SideInput side = {};            ///< graph_input, host: what it is made of, where that is no sequence
};

/// How the tokens of a batch lie: `outer` times one run of `inner` tokens of each sequence after the other.
struct BatchLayout {
    std::int64_t outer = 1;
    std::int64_t batch = 1;
    std::int64_t inner = 1;

    /// The sequence that element `element` belongs to, and its place within the sequence.
    std::int64_t sequence_of(std::int64_t element) const { return element / inner % batch; }
    std::int64_t place_of(std::int64_t element) const { return element / inner / batch * inner + element % inner; }
};

struct Recording {
    std::int64_t steps = 0; ///< of the first LSTM node, whether it can run or not; 0 until then
    std::vector<Source> sources;
    std::vector<RawLstm> lstms;
    std::vector<RawDense> denses;
    std::vector<std::string> messages;
    std::set<std::string> state_inputs; ///< inputs of the graph that give initial states

    std::uint32_t add_source(Source source);
    std::uint32_t add_layer_source(Source::Kind kind, std::size_t record); ///< hidden values or cell states of an LSTM
    void say(const std::string& message);                                  ///< once each
    /// Makes a source and its tokens: a tensor that the host computes.
    Value host_value(const std::string& label, const std::string& tensor, Dims dims, SideInput side = {});
    /// The source of the tensor that the host makes of `tokens` for an LSTM; one for all LSTMs that take the same.
    std::uint32_t host_input(const std::string& label, const std::string& tensor, const Value& tokens);
    /// The same, where an LSTM has taken it already, or the tokens are a tensor of the host as it is.
    std::optional<std::uint32_t> known_host_input(const Value& tokens) const;

private:
    struct HostInput {
        std::uint32_t source = 0;
        SharedVector<Token> tokens;
    };
    std::map<std::tuple<std::uint32_t, std::uint32_t, std::size_t>, HostInput> host_inputs_; ///< by first token, size
};

/// How the sequences of a batch stand in `value`, whose tokens have one source. Throws std::invalid_argument where they
/// are mixed.
BatchLayout batch_layout(const Recording& recording, const Value& value);

/// The tokens of the first sequence, in order, without shape; of all others they are the same but for the sequence.
/// Throws like batch_layout.
std::vector<Token> first_sequence(const Recording& recording, const Value& value);

/// The same tokens of another source.
Value of_source(const Value& value, std::uint32_t source);

/// Tokens understood as rows of one LSTM layer's output.
struct LayerRows {
    std::size_t lstm = 0;
    std::size_t source = 0;
    OutputSteps steps = OutputSteps::every;
    std::optional<std::int64_t> step; ///< where these are values of one step
    std::vector<std::int64_t> order;  ///< order[k]: the element of the layer's output that stands at place k of a row
};

/// Reads `value` as rows of `width` elements: every step in order, the last step, or each direction's final
/// state. Puts a forward and a reverse LSTM that read the same input together as one bidirectional layer.
/// Throws std::invalid_argument that says what the value is instead.
LayerRows read_layer_rows(Recording& recording, const Value& value, std::int64_t width);

/// The same, which also takes a step in the middle: an exporter may write a layer out step by step.
LayerRows read_rows_or_step(Recording& recording, const Value& value, std::int64_t width);

/// Throws std::invalid_argument, since step `step` in the middle leaves by itself.
[[noreturn]] void refuse_step(std::int64_t step);

/// `value` with the tokens of dense layers that take one step each, with the same weights, renamed to those of one
/// dense layer over every step.
Value with_joined_steps(Recording& recording, const Value& value);

/// Elements in a row of what the single source of `value` puts out in a step; throws like read_layer_rows.
std::int64_t layer_width(Recording& recording, const Value& value);

/// `value` with the tokens of two one-direction LSTMs that make up a bidirectional layer renamed to that layer's.
Value with_joined_directions(Recording& recording, const Value& value);

/// Moves column k of `matrix` to column order[k].
RawMatrix with_columns(const RawMatrix& matrix, const std::vector<std::int64_t>& order);

/// True for 0, 1, 2, ...
bool is_identity(const std::vector<std::int64_t>& order);

} // namespace bru::onnx_import
