// Each function below is a line of docs/architecture.md, "Arithmetic of a lane", "Order of work" and "Number formats".
// Nothing here knows lanes, chunks or cycles. Weights and activations are copied to 16 bits so that the compiler turns
// the one hot loop (dot_product) into multiply-add instructions; quantize() has checked that its sums fit 32 bits.
#include "reference/reference.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/error.hpp"
#include "model/cell.hpp"
#include "model/step_counter.hpp"

namespace bru {
namespace {

using Activations = std::vector<std::int16_t>;

/// What enters the first part of a row: a vector of activations or the index of a one-hot input.
struct LayerInput {
    const std::int16_t* values = nullptr;
    std::uint32_t symbol = 0;
};

std::int32_t dot_product(const std::int16_t* weights, const std::int16_t* activations, std::size_t size) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += weights[i] * activations[i];
    return sum;
}

/// The rows of a layer direction or of the dense layer: exact integer sums.
class Rows {
public:
    Rows(const QuantizedRows& rows, int activation_bits) : rows_(&rows), activation_bits_(activation_bits) {
        for (const QuantizedPart& part : rows.parts)
            weights_.emplace_back(part.weights->values.begin(), part.weights->values.end());
    }

    /// bias + sum of mantissa * part, with rows.fraction_bits fraction bits.
    std::int64_t exact_sum(int row, const LayerInput& x, const std::int16_t* h) const {
        std::int64_t sum = rows_->bias[row];
        for (std::size_t p = 0; p < weights_.size(); ++p) {
            const QuantizedPart& part = rows_->parts[p];
            const std::size_t columns = part.size();
            const std::int16_t* row_weights = weights_[p].data() + row * columns;
            const std::int64_t value = part.one_hot ? one_hot_part(row_weights[x.symbol])
                                                    : dot_product(row_weights, p == 0 ? x.values : h, columns);
            sum += part.mantissas[row] * value;
        }
        return sum;
    }

    /// z in Q3.12, or a logit with 16 fraction bits: one rounding of the exact sum.
    std::int32_t result(int row, const LayerInput& x, const std::int16_t* h, int fraction_bits, int bits) {
        const std::int64_t rounded = round_shift(exact_sum(row, x, h), rows_->fraction_bits - fraction_bits);
        const std::int64_t kept = saturate(rounded, bits);
        ++results_.values;
        const std::int64_t highest = (std::int64_t{1} << (bits - 1)) - 1;
        results_.saturated += kept == highest || kept == -highest - 1 ? 1 : 0;
        return static_cast<std::int32_t>(kept);
    }

    const Saturation& results() const { return results_; }
    int row_count() const { return rows_->row_count(); }

private:
    /// A one-hot input is exactly 1.0 = 2^(A-1), also where that does not fit A bits.
    std::int64_t one_hot_part(std::int16_t weight) const {
        return std::int64_t{weight} * (std::int64_t{1} << (activation_bits_ - 1));
    }

    const QuantizedRows* rows_;
    int activation_bits_;
    std::vector<Activations> weights_; ///< per part, row-major
    Saturation results_;
};

/// One direction of a layer with the h and what the cell keeps of every stream.
class Direction {
public:
    Direction(const QuantizedNetwork& network, const QuantizedLayer& layer, const QuantizedDirection& direction)
        : network_(&network), direction_(&direction), cell_(layer.cell),
          rows_(direction.rows, network.formats.activation_bits), hidden_size_(layer.hidden_size),
          next_h_(hidden_size_) {}

    bool reverse() const { return direction_->reverse; }
    const Activations& h(std::uint32_t stream) const { return states_[stream].h; }

    /// Gives the stream the initial state; before the first step of each of its sequences.
    void reset(std::uint32_t stream) {
        if (stream >= states_.size()) states_.resize(std::size_t{stream} + 1);
        states_[stream].h.assign(direction_->initial_h.begin(), direction_->initial_h.end());
        states_[stream].kept = direction_->initial_c;
    }

    void step(std::uint32_t stream, const LayerInput& x) {
        State& state = states_[stream];
        for (int unit = 0; unit < hidden_size_; ++unit) {
            std::array<std::int32_t, kGates> rows{};
            for (int row = 0; row < kGates; ++row) {
                const std::int32_t sum = z(row, unit, x, state.h);
                const std::optional<TableFunction> function = function_of(cell_, row);
                rows[row] = function ? look_up(*function, sum) : sum;
            }
            const CellState next =
                update(cell_, rows, state.kept[unit], network_->formats.activation_bits,
                       [this](std::int32_t z_value) { return look_up(TableFunction::tanh, z_value); });
            state.kept[unit] = next.kept;
            cells_.saturated += next.bound == kHighestCell || next.bound == -kHighestCell - 1 ? 1 : 0;
            next_h_[unit] = static_cast<std::int16_t>(next.h);
        }
        cells_.values += state.kept.size();
        state.h.swap(next_h_);
    }

    const Saturation& cells() const { return cells_; }
    const Saturation& sums() const { return rows_.results(); }

private:
    static constexpr std::int32_t kHighestCell = (1 << (kCellBits - 1)) - 1;

    struct State {
        Activations h;
        std::vector<std::int32_t> kept;
    };

    std::int32_t z(int row, int unit, const LayerInput& x, const Activations& h) {
        return rows_.result(row * hidden_size_ + unit, x, h.data(), kZFractionBits, kZBits);
    }
    std::int32_t look_up(TableFunction function, std::int32_t z_value) const {
        const auto& table = function == TableFunction::tanh ? network_->tanh_table : network_->sigmoid_table;
        const std::uint32_t address = table_address(z_value, network_->formats.lut_address_bits);
        return table[address & (table.size() - 1)];
    }

    const QuantizedNetwork* network_;
    const QuantizedDirection* direction_;
    CellKind cell_;
    Rows rows_;
    int hidden_size_;
    std::vector<State> states_; ///< per stream
    Activations next_h_;
    Saturation cells_;
};

using Layer = std::vector<Direction>;

constexpr std::uint32_t kOnlyStream = 0; ///< of a network that needs whole sequences

Saturation sum_of(const Saturation& a, const Saturation& b) { return {a.values + b.values, a.saturated + b.saturated}; }

} // namespace

struct Reference::State {
    const QuantizedNetwork& network;
    OutputMode mode;
    std::vector<Layer> layers;
    std::optional<Rows> dense;
    Saturation quantized_inputs;
    StepCounter counter;
    OutputVector output;            ///< place of the step under way
    Activations input;              ///< the step's input, quantized
    std::vector<LayerInput> inputs; ///< sequence mode: the steps so far (symbols; values are filled in at the end)
    Activations input_values;       ///< sequence mode: the quantized inputs of the steps so far, one after the other

    State(const QuantizedNetwork& quantized, OutputMode output_mode) : network(quantized), mode(output_mode) {
        for (const QuantizedLayer& layer : network.layers) {
            layers.emplace_back();
            for (const QuantizedDirection& direction : layer.directions)
                layers.back().emplace_back(network, layer, direction);
        }
        if (mode.kind == OutputKind::hidden) return;
        if (!network.dense)
            throw InputError(
                fmt::format("{}: logits and argmax need a dense layer, and the model has none; use the output `hidden`",
                            network.network->name));
        dense.emplace(*network.dense, network.formats.activation_bits);
    }

    Saturations saturations() const {
        Saturations all;
        all.inputs = quantized_inputs;
        for (const Layer& layer : layers)
            for (const Direction& direction : layer) {
                all.sums = sum_of(all.sums, direction.sums());
                all.cells = sum_of(all.cells, direction.cells());
            }
        if (dense) all.logits = dense->results();
        return all;
    }

    bool one_hot() const { return network.network->input_encoding == InputEncoding::one_hot; }

    LayerInput quantize_input(const Step& step) {
        const std::size_t size = network.network->input_size();
        if (one_hot()) {
            if (step.symbol >= size)
                throw InputError(fmt::format("{}: symbol {} is outside the model's {} one-hot inputs",
                                             network.network->name, step.symbol, size));
            return {nullptr, step.symbol};
        }
        if (step.values.size() != size)
            throw InputError(fmt::format("{}: a step has {} values, the model takes {}", network.network->name,
                                         step.values.size(), size));
        input.resize(size);
        quantized_inputs.values += size;
        for (std::size_t i = 0; i < size; ++i) {
            const QuantizedActivation activation =
                quantize_activation(step.values[i], network.network->input_exponent, network.formats.activation_bits);
            input[i] = static_cast<std::int16_t>(activation.integer);
            quantized_inputs.saturated += activation.saturated ? 1 : 0;
        }
        return {input.data(), 0};
    }

    /// Hands out what the network puts out for the given vector of its last layer.
    void emit(const Activations& hidden, const Sink& sink) {
        if (!dense) {
            output.values.assign(hidden.begin(), hidden.end());
            return sink(output);
        }
        output.values.resize(dense->row_count());
        for (int row = 0; row < dense->row_count(); ++row)
            output.values[row] = dense->result(row, {hidden.data(), 0}, nullptr, kLogitFractionBits, kLogitBits);
        if (mode.kind == OutputKind::argmax) { // max_element: the first of equals
            const auto best = std::max_element(output.values.begin(), output.values.end());
            output.values.assign(1, static_cast<std::int32_t>(best - output.values.begin()));
        }
        sink(output);
    }

    /// Forward layers only: one step through all layers.
    void stream_step(const Step& step, const LayerInput& x, const Sink& sink) {
        LayerInput layer_input = x;
        for (Layer& layer : layers) {
            layer.front().step(step.stream, layer_input);
            layer_input = {layer.front().h(step.stream).data(), 0};
        }
        if (mode.steps == OutputSteps::every || step.last) emit(layers.back().front().h(step.stream), sink);
    }

    /// A whole sequence, layer by layer; `x` are the inputs of the first layer.
    void run_sequence(const Sink& sink) {
        const std::size_t steps = inputs.size();
        std::vector<Activations> outputs; ///< of the layer under way, per step: forward, then reverse
        Activations final_state;          ///< of the layer under way: what each direction computed last
        for (std::size_t l = 0; l < layers.size(); ++l) {
            if (l > 0)
                for (std::size_t t = 0; t < steps; ++t) inputs[t] = {outputs[t].data(), 0};
            std::vector<Activations> next_outputs(steps);
            final_state.clear();
            for (Direction& direction : layers[l]) {
                direction.reset(kOnlyStream);
                run_direction(direction, next_outputs);
                const Activations& h = direction.h(kOnlyStream);
                final_state.insert(final_state.end(), h.begin(), h.end());
            }
            outputs.swap(next_outputs);
        }
        output.step = steps - 1;
        if (mode.steps == OutputSteps::final_state) return emit(final_state, sink);
        for (output.step = mode.steps == OutputSteps::last ? steps - 1 : 0; output.step < steps; ++output.step)
            emit(outputs[output.step], sink);
    }

    /// One direction over the sequence; its h of each step is appended to outputs[step].
    void run_direction(Direction& direction, std::vector<Activations>& outputs) const {
        const std::size_t steps = inputs.size();
        for (std::size_t n = 0; n < steps; ++n) {
            const std::size_t t = direction.reverse() ? steps - 1 - n : n;
            direction.step(kOnlyStream, inputs[t]);
            const Activations& h = direction.h(kOnlyStream);
            outputs[t].insert(outputs[t].end(), h.begin(), h.end());
        }
    }

    void sequence_step(const Step& step, const LayerInput& x, const Sink& sink) {
        if (step.first) {
            inputs.clear();
            input_values.clear();
        }
        inputs.push_back({nullptr, x.symbol});
        if (x.values) input_values.insert(input_values.end(), x.values, x.values + input.size());
        if (!step.last) return;
        if (x.values)
            for (std::size_t t = 0; t < inputs.size(); ++t) inputs[t].values = input_values.data() + t * input.size();
        run_sequence(sink);
    }

    void step_in(const Step& step, const Sink& sink) {
        const LayerInput x = quantize_input(step);
        const StepPlace place = counter.count(step);
        output.sequence = place.sequence;
        output.step = place.step;
        output.stream = place.stream;
        if (network.network->needs_whole_sequence()) return sequence_step(step, x, sink);
        if (place.step == 0)
            for (Layer& layer : layers) layer.front().reset(step.stream);
        stream_step(step, x, sink);
    }
};

Reference::Reference(const QuantizedNetwork& network, OutputMode mode)
    : state_(std::make_unique<State>(network, mode)) {}

Reference::~Reference() = default;

void Reference::step(const Step& step, const Sink& sink) { state_->step_in(step, sink); }

void Reference::run(StepSource& steps, const Sink& sink) {
    while (const Step* step = steps.next()) state_->step_in(*step, sink);
}

Saturations Reference::saturations() const { return state_->saturations(); }

} // namespace bru
