// Plain LSTM and GRU arithmetic in float. Weights are stored in blocks of rows, column by column, so that the compiler
// keeps a block's sums in vector registers without reordering any sum: results do not depend on the host.
#include "reference/float_execution.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "model/cell.hpp"
#include "model/step_counter.hpp"

namespace bru {
namespace {

using Floats = std::vector<float>;

constexpr std::uint32_t kOnlyStream = 0; ///< of a network that needs whole sequences

/// The input of a layer: values, or for one-hot networks an index.
struct LayerInput {
    const float* values = nullptr;
    std::uint32_t symbol = 0;
};

class Matrix {
public:
    Matrix(const WeightMatrix& weights, FloatWeights which) : columns_(weights.columns) {
        const std::size_t rows = weights.rows;
        blocks_ = divide_up(rows, kBlock);
        values_.assign(blocks_ * columns_ * kBlock, 0.0F);
        for (std::size_t row = 0; row < rows; ++row)
            for (std::size_t column = 0; column < columns_; ++column)
                at(row / kBlock, column)[row % kBlock] =
                    which == FloatWeights::original && !weights.original.empty()
                        ? weights.original[row * columns_ + column]
                        : static_cast<float>(weights.values[row * columns_ + column] * weights.scales[row]);
    }

    std::size_t padded_rows() const { return blocks_ * kBlock; }

    /// sums[row] += weights * x; `sums` has padded_rows() elements.
    void add_product(const float* x, float* sums) const {
        for (std::size_t block = 0; block < blocks_; ++block) {
            std::array<float, kBlock> sum{};
            const float* weights = &values_[block * columns_ * kBlock];
            for (std::size_t column = 0; column < columns_; ++column, weights += kBlock)
                for (std::size_t row = 0; row < kBlock; ++row) sum[row] += weights[row] * x[column];
            for (std::size_t row = 0; row < kBlock; ++row) sums[block * kBlock + row] += sum[row];
        }
    }

    /// sums[row] += the column's weights.
    void add_column(std::size_t column, float* sums) const {
        for (std::size_t block = 0; block < blocks_; ++block)
            for (std::size_t row = 0; row < kBlock; ++row)
                sums[block * kBlock + row] += values_[(block * columns_ + column) * kBlock + row];
    }

private:
    static constexpr std::size_t kBlock = 32;
    float* at(std::size_t block, std::size_t column) { return &values_[(block * columns_ + column) * kBlock]; }

    std::size_t columns_;
    std::size_t blocks_ = 0;
    Floats values_;
};

Floats padded(const std::vector<double>& values, std::size_t size) {
    Floats result(values.begin(), values.end());
    result.resize(size, 0.0F);
    return result;
}

float sigmoid(float z) { return 1.0F / (1.0F + std::exp(-z)); }

/// By exp, which is several times faster than std::tanh and as exact where it matters: within 2e-7 of it.
float fast_tanh(float z) { return 1.0F - 2.0F / (1.0F + std::exp(2.0F * z)); }

/// One direction of a layer with the h and c of every stream.
class Direction {
public:
    Direction(CellKind cell, const LstmDirection& direction, FloatWeights which)
        : cell_(cell), reverse_(direction.reverse), input_(direction.input, which),
          recurrent_(direction.recurrent, which), bias_(padded(direction.bias, recurrent_.padded_rows())),
          initial_h_(direction.initial_h.begin(), direction.initial_h.end()),
          initial_c_(direction.initial_c.begin(), direction.initial_c.end()), z_(bias_.size()) {}

    bool reverse() const { return reverse_; }
    const Floats& h(std::uint32_t stream) const { return states_[stream].h; }

    /// Gives the stream the initial state; before the first step of each of its sequences.
    void reset(std::uint32_t stream) {
        if (stream >= states_.size()) states_.resize(std::size_t{stream} + 1);
        states_[stream] = {initial_h_, initial_c_};
    }

    void step(std::uint32_t stream, const LayerInput& x) {
        State& state = states_[stream];
        z_ = bias_;
        if (x.values != nullptr)
            input_.add_product(x.values, z_.data());
        else
            input_.add_column(x.symbol, z_.data());
        recurrent_.add_product(state.h.data(), z_.data());
        if (cell_ == CellKind::gru)
            update_gru(state);
        else
            update_lstm(state);
    }

private:
    struct State {
        Floats h;
        Floats c;
    };

    void update_lstm(State& state) {
        const std::size_t units = state.h.size();
        for (std::size_t unit = 0; unit < units; ++unit) {
            const float i = sigmoid(z_[LstmCell::kInput * units + unit]);
            const float f = sigmoid(z_[LstmCell::kForget * units + unit]);
            const float g = fast_tanh(z_[LstmCell::kCandidate * units + unit]);
            const float o = sigmoid(z_[LstmCell::kOutput * units + unit]);
            state.c[unit] = f * state.c[unit] + i * g;
            state.h[unit] = o * fast_tanh(state.c[unit]);
        }
    }

    void update_gru(State& state) {
        const std::size_t units = state.h.size();
        for (std::size_t unit = 0; unit < units; ++unit) {
            const float r = sigmoid(z_[GruCell::kReset * units + unit]);
            const float z = sigmoid(z_[GruCell::kUpdate * units + unit]);
            const float n =
                fast_tanh(z_[GruCell::kCandidateX * units + unit] + r * z_[GruCell::kCandidateH * units + unit]);
            state.h[unit] = n + z * (state.h[unit] - n);
        }
    }

    CellKind cell_;
    bool reverse_;
    Matrix input_;
    Matrix recurrent_;
    Floats bias_;
    Floats initial_h_;
    Floats initial_c_;
    Floats z_;
    std::vector<State> states_; ///< per stream
};

struct Dense {
    Dense(const DenseLayer& layer, FloatWeights which)
        : weights(layer.weights, which), bias(padded(layer.bias, weights.padded_rows())), rows(layer.bias.size()) {}
    Matrix weights;
    Floats bias;
    std::size_t rows;
};

} // namespace

struct FloatExecution::State {
    std::string name;
    std::size_t input_size;
    bool one_hot;
    bool whole_sequences;
    OutputMode mode;
    std::vector<std::vector<Direction>> layers;
    std::optional<Dense> dense;
    StepCounter counter;
    FloatOutputVector output; ///< place of the step under way
    Floats input;             ///< the step's values
    Floats logits;
    std::vector<std::uint32_t> symbols; ///< whole sequences: the one-hot inputs so far
    Floats input_values;                ///< whole sequences: the vector inputs so far, one after the other

    State(const Network& network, OutputMode output_mode, FloatWeights which)
        : name(network.name), input_size(network.input_size()),
          one_hot(network.input_encoding == InputEncoding::one_hot), whole_sequences(network.needs_whole_sequence()),
          mode(output_mode) {
        for (const LstmLayer& layer : network.layers) {
            layers.emplace_back();
            for (const LstmDirection& direction : layer.directions)
                layers.back().emplace_back(layer.cell, direction, which);
        }
        if (mode.kind == OutputKind::hidden) return;
        if (!network.dense)
            throw InputError(fmt::format(
                "{}: logits and argmax need a dense layer, and the model has none; use the output `hidden`", name));
        dense.emplace(*network.dense, which);
    }

    LayerInput read_input(const Step& step) {
        if (one_hot) {
            if (step.symbol >= input_size)
                throw InputError(fmt::format("{}: symbol {} is outside the model's {} one-hot inputs", name,
                                             step.symbol, input_size));
            return {nullptr, step.symbol};
        }
        if (step.values.size() != input_size)
            throw InputError(
                fmt::format("{}: a step has {} values, the model takes {}", name, step.values.size(), input_size));
        input.assign(step.values.begin(), step.values.end());
        return {input.data(), 0};
    }

    /// Hands out what the network puts out for a vector of its last layer.
    void emit(const Floats& hidden, const Sink& sink) {
        if (!dense) {
            output.values.assign(hidden.begin(), hidden.end());
            return sink(output);
        }
        logits = dense->bias;
        dense->weights.add_product(hidden.data(), logits.data());
        const auto end = logits.begin() + dense->rows;
        if (mode.kind == OutputKind::logits)
            output.values.assign(logits.begin(), end);
        else
            output.values.assign(1, real(std::max_element(logits.begin(), end) - logits.begin()));
        sink(output);
    }

    /// Forward layers only: one step through all layers.
    void stream_step(const Step& step, LayerInput x, const Sink& sink) {
        for (std::vector<Direction>& layer : layers) {
            layer.front().step(step.stream, x);
            x = {layer.front().h(step.stream).data(), 0};
        }
        if (mode.steps == OutputSteps::every || step.last) emit(layers.back().front().h(step.stream), sink);
    }

    void sequence_step(const Step& step, const LayerInput& x, const Sink& sink) {
        if (step.first) {
            symbols.clear();
            input_values.clear();
        }
        symbols.push_back(x.symbol);
        if (x.values != nullptr) input_values.insert(input_values.end(), input.begin(), input.end());
        if (step.last) run_sequence(sink);
    }

    /// A whole sequence, layer by layer.
    void run_sequence(const Sink& sink) {
        const std::size_t steps = symbols.size();
        std::vector<LayerInput> inputs;
        for (std::size_t t = 0; t < steps; ++t)
            inputs.push_back({one_hot ? nullptr : &input_values[t * input_size], symbols[t]});
        std::vector<Floats> outputs; ///< of the layer under way, per step: forward, then reverse
        Floats final_state;
        for (std::vector<Direction>& layer : layers) {
            std::vector<Floats> next(steps);
            final_state.clear();
            for (Direction& direction : layer) {
                direction.reset(kOnlyStream);
                const Floats& h = direction.h(kOnlyStream);
                for (std::size_t n = 0; n < steps; ++n) {
                    const std::size_t t = direction.reverse() ? steps - 1 - n : n;
                    direction.step(kOnlyStream, inputs[t]);
                    next[t].insert(next[t].end(), h.begin(), h.end());
                }
                final_state.insert(final_state.end(), h.begin(), h.end());
            }
            outputs.swap(next);
            for (std::size_t t = 0; t < steps; ++t) inputs[t] = {outputs[t].data(), 0};
        }
        output.step = steps - 1;
        if (mode.steps == OutputSteps::final_state) return emit(final_state, sink);
        for (output.step = mode.steps == OutputSteps::last ? steps - 1 : 0; output.step < steps; ++output.step)
            emit(outputs[output.step], sink);
    }

    void step_in(const Step& step, const Sink& sink) {
        const LayerInput x = read_input(step);
        const StepPlace place = counter.count(step);
        output.sequence = place.sequence;
        output.step = place.step;
        if (whole_sequences) return sequence_step(step, x, sink);
        if (place.step == 0)
            for (std::vector<Direction>& layer : layers) layer.front().reset(step.stream);
        stream_step(step, x, sink);
    }
};

bool was_quantized(const Network& network) {
    for (const LstmLayer& layer : network.layers)
        for (const LstmDirection& direction : layer.directions)
            if (!direction.input.original.empty() || !direction.recurrent.original.empty()) return true;
    return network.dense && !network.dense->weights.original.empty();
}

FloatExecution::FloatExecution(const Network& network, OutputMode mode, FloatWeights weights)
    : state_(std::make_unique<State>(network, mode, weights)) {}

FloatExecution::~FloatExecution() = default;

void FloatExecution::step(const Step& step, const Sink& sink) { state_->step_in(step, sink); }

void FloatExecution::run(StepSource& steps, const Sink& sink) {
    while (const Step* step = steps.next()) state_->step_in(*step, sink);
}

} // namespace bru
