// A trained network as the simulator sees it: LSTM or GRU layers and an optional dense layer, each row a list
// of parts with small integer weights and one real scale. Values are still real numbers here;
// quantized_network.hpp turns them into what the machine holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/integers.hpp"
#include "model/cell.hpp"

namespace bru {

enum class InputEncoding { vector, one_hot };

/// What leaves the machine.
enum class OutputKind { hidden, logits, argmax };

/// Of which steps it leaves. `final_state` differs from `last` only for reverse directions: `last` is the
/// output at the last step of the sequence, `final_state` what each direction computed last (ONNX Y_h).
enum class OutputSteps { every, last, final_state };

struct OutputMode {
    OutputKind kind = OutputKind::hidden;
    OutputSteps steps = OutputSteps::every;
    bool operator==(const OutputMode& other) const { return kind == other.kind && steps == other.steps; }
};

/// rows x columns weights: weight = values[row * columns + column] * scales[row].
/// planes == 1: every value is -1 or +1. planes n in 2..8: two's complement integers of n bits.
struct WeightMatrix {
    int rows = 0;
    int columns = 0;
    int planes = 1;
    std::vector<std::int8_t> values; ///< row-major
    std::vector<double> scales;      ///< one per row; finite, >= 0; float32 numbers in networks of import_onnx()
    std::vector<float> original;     ///< row-major, as the file has them, where bru quantized them; else empty
};

/// One direction of a layer. Rows of the matrices and of the bias: row * hidden_size + unit, with the rows of a unit in
/// the order of its cell. A GRU's candidate has a row for x and one for h: in the other part the row's scale is zero.
struct LstmDirection {
    bool reverse = false;
    WeightMatrix input;            ///< 4H x input_size
    WeightMatrix recurrent;        ///< 4H x H
    std::vector<double> bias;      ///< 4H; input and recurrent bias of the row added
    std::vector<double> initial_h; ///< H, zero unless the model says otherwise
    std::vector<double> initial_c; ///< H; GRU: empty
};

/// The direction as one of a GRU: without the weights that the rows of the candidate do not have, and without initial
/// c.
LstmDirection as_gru(LstmDirection direction);

struct LstmLayer {
    int input_size = 0;
    int hidden_size = 0;
    std::vector<LstmDirection> directions; ///< 1 (forward or reverse) or 2 (forward, then reverse)
    CellKind cell = CellKind::lstm;

    int direction_count() const { return count_of(directions); }
    int output_size() const { return hidden_size * direction_count(); }
    bool has_reverse() const { return directions.back().reverse; }
};

struct DenseLayer {
    WeightMatrix weights;     ///< outputs x output_size of the last LSTM layer
    std::vector<double> bias; ///< outputs
};

inline constexpr int kMaxInputExponent = 32; ///< of Network::input_exponent, both ways

struct Network {
    std::string name; ///< of the file it came from, for messages
    std::vector<LstmLayer> layers;
    std::optional<DenseLayer> dense;
    InputEncoding input_encoding = InputEncoding::vector;
    int input_exponent = 0;              ///< vector inputs: value = integer * 2^(input_exponent - A + 1)
    std::vector<std::string> vocabulary; ///< names of the one-hot inputs and/or of the classes; may be empty
    OutputMode graph_output;             ///< what the ONNX graph itself puts out
    std::string input_name = "input";    ///< of the ONNX graph
    std::string output_name = "output";  ///< of the ONNX graph; the one that leaves the machine
    std::string fingerprint;             ///< 16 hex digits over the numbers above, not over the file's bytes

    int input_size() const { return layers.front().input_size; }
    /// Values of one output step in the given kind (argmax: 1).
    int output_size(OutputKind kind) const;
    /// True where a reverse direction needs the whole sequence before the next layer can start.
    bool needs_whole_sequence() const;
    bool has_cell(CellKind kind) const; ///< in one of its layers
};

} // namespace bru
