// The network under training: LSTM or GRU layers, then a dense layer; its parameters, its weights as the machine has
// them, and its outputs with gradients.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include "train/lstm_function.hpp"

namespace bru::train {

struct NetworkShape {
    int inputs = 0;
    int outputs = 0;
    int hidden = 256;
    int layers = 1;
    bool bidirectional = false;
    CellKind cell = CellKind::lstm;
    bool one_hot = false;    ///< inputs are symbols
    bool every_step = false; ///< an output at every step (a text), or one of the final states (a labelled sequence)

    int directions() const { return bidirectional ? 2 : 1; }
    /// Rows of a layer's matrices that have weights.
    int rows() const { return (cell == CellKind::gru ? 3 : kGates) * hidden; }
    int layer_inputs(int layer) const { return layer == 0 ? inputs : hidden * directions(); }
    /// Bits of all weights: `lstm_bits` for those of LSTM layers, `dense_bits` for the dense layer. Without scales and
    /// biases.
    std::int64_t weight_bits(int lstm_bits, int dense_bits) const;
};

/// How a row's scale comes about.
enum class ScaleRule {
    mean,      ///< mean magnitude of the row's latent weights
    learned,   ///< a parameter of its own
    loss_aware ///< mean magnitude, weighted with Adam's second moments (LAB)
};

struct Binarization {
    bool binary = false; ///< false: full precision, and the rest is of no account
    ScaleRule rule = ScaleRule::learned;
    bool batch_norm = false; ///< normalize every row's parts; only with learned scales
    int dense_bits = 6;
    double latent_range = 1.0; ///< latent weights start uniformly in -range..range and are clipped to -1..1
};

/// What a parameter is decides how it is updated.
enum class Role { weight, latent, scale, bias };

struct Parameter {
    std::string name;
    at::Tensor value; ///< a leaf that requires gradients
    Role role = Role::weight;
    at::Tensor curvature; ///< of latent weights under the loss-aware rule: Adam's second moments, kept by the optimizer
    at::Tensor mean;      ///< with batch norm, of latent weights: of the row's sum of signs times inputs, [rows, 1]
    at::Tensor deviation; ///< the same sum's standard deviation, [rows, 1]
};

/// Real weights of one direction, rows in the order of the cell (model/cell.hpp). Parameters of a GRU have one row for
/// the candidate, the second of three; here it has two, each with zeros for what it does not have.
struct DirectionWeights {
    at::Tensor input;     ///< [4 hidden, inputs]
    at::Tensor recurrent; ///< [4 hidden, hidden]
    at::Tensor bias;      ///< [4 hidden]
};

struct Weights {
    std::vector<std::vector<DirectionWeights>> layers;
    at::Tensor dense;      ///< [outputs, hidden * directions]
    at::Tensor dense_bias; ///< [outputs]
};

struct Dropout {
    double rate = 0; ///< of the units of every layer's output; 0: none
    std::uint64_t seed = 0;
};

/// What a layer read and put out: for batch norm.
struct LayerValues {
    at::Tensor inputs;               ///< as in run_network
    std::vector<at::Tensor> outputs; ///< [steps, batch, hidden] of each direction
};

struct NetworkOutput {
    at::Tensor logits;               ///< [steps * batch, outputs], or [batch, outputs] of the final states
    std::vector<LstmState> states;   ///< per layer, after the last step; of forward networks
    std::vector<LayerValues> values; ///< per layer
};

class TrainedNetwork {
public:
    /// Parameters are drawn with `seed`.
    TrainedNetwork(const NetworkShape& shape, const Binarization& binarization, std::uint64_t seed);

    const NetworkShape& shape() const { return shape_; }
    const Binarization& binarization() const { return binarization_; }
    std::vector<Parameter>& parameters() { return parameters_; }
    const std::vector<Parameter>& parameters() const { return parameters_; }

    /// With batch norm: moves the statistics of every row's parts towards those of the values of a training step. They
    /// are constants for the gradient, so that weights() has them folded in.
    void observe(const std::vector<LayerValues>& values);

    /// The weights as they act, with gradients to the parameters.
    Weights weights() const;

private:
    at::Tensor add(const std::string& name, at::Tensor value, Role role);
    const Parameter& parameter(const std::string& name) const;
    void add_lstm_weights(const std::string& name, std::int64_t columns, double magnitude, at::Generator& generator);
    /// Rows of a part's parameters, or values of them, as the rows of the cell. `without`: the row of a GRU that the
    /// part does not have.
    at::Tensor rows_of_cell(const at::Tensor& rows, int without) const;
    /// The part's weights as they act; with batch norm it takes the mean that they bring from the bias.
    at::Tensor acting(const std::string& name, int without, at::Tensor& bias) const;
    void observe_part(const std::string& name, const at::Tensor& values);

    NetworkShape shape_;
    Binarization binarization_;
    std::vector<Parameter> parameters_;
};

/// `inputs`: [steps, batch] 32-bit symbols of a one-hot network, else [steps, batch, inputs] floats. `states`: per
/// layer, or empty for zero.
NetworkOutput run_network(const NetworkShape& shape, const Weights& weights, const at::Tensor& inputs,
                          const std::vector<LstmState>& states, const Dropout& dropout);

/// Mean cross-entropy in nats; labels are 32-bit indices, one per row of logits.
at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& labels);

} // namespace bru::train
