#include "train/network.hpp"

#include <cmath>

#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/custom_function.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "train/kernels/kernels.hpp"
#include "train/matrix_product.hpp"
#include "train/quantizers.hpp"

namespace bru::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr double kForgetBias = 1.0;     ///< cells remember at first: of f, and of z of a GRU
constexpr double kFirstDeviation = 0.3; ///< of activations, before batch norm has seen any
constexpr double kLeastDeviation = 1e-2;
constexpr double kNews = 0.05;             ///< weight of a training step in batch norm's statistics
constexpr std::int64_t kSampledRows = 250; ///< of a step's values that the statistics look at
constexpr double kSymbolRange = 0.5;       ///< of the input weights of one-hot inputs, of which one counts at a time

class DropoutFunction : public torch::autograd::Function<DropoutFunction> {
public:
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, double rate, std::int64_t seed) {
        context->saved_data["rate"] = rate;
        context->saved_data["seed"] = seed;
        return dropped(x.clone(), rate, seed);
    }
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        return {dropped(gradients[0].contiguous().clone(), context->saved_data["rate"].toDouble(),
                        context->saved_data["seed"].toInt()),
                at::Tensor(), at::Tensor()};
    }

private:
    static at::Tensor dropped(at::Tensor values, double rate, std::int64_t seed) {
        kernels().dropout(values.numel(), static_cast<float>(rate), seed, values.data_ptr<float>());
        return values;
    }
};

class CrossEntropy : public torch::autograd::Function<CrossEntropy> {
public:
    static at::Tensor forward(AutogradContext* context, const at::Tensor& logits, const at::Tensor& labels) {
        at::Tensor probabilities = logits.contiguous().clone();
        const double nats = kernels().softmax_nats(logits.size(0), logits.size(1), probabilities.data_ptr<float>(),
                                                   labels.data_ptr<std::int32_t>());
        context->save_for_backward({probabilities, labels});
        return at::full({}, nats / real(logits.size(0)), logits.options());
    }
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        at::Tensor gradient = saved[0];
        const std::int32_t* label = saved[1].data_ptr<std::int32_t>();
        float* row = gradient.data_ptr<float>();
        for (std::int64_t k = 0; k < gradient.size(0); ++k, row += gradient.size(1)) row[label[k]] -= 1;
        gradient.mul_(gradients[0].item<double>() / real(gradient.size(0)));
        return {gradient, at::Tensor()};
    }
};

at::Tensor uniform(std::int64_t rows, std::int64_t columns, double most, at::Generator& generator) {
    return at::empty({rows, columns}, at::kFloat).uniform_(-most, most, generator);
}

/// Some rows of [steps, batch, values], [rows, values], or of [steps, batch] symbols, [rows, 1].
at::Tensor sampled_rows(const at::Tensor& values) {
    const at::Tensor rows = values.detach().reshape({values.size(0) * values.size(1), -1});
    const std::int64_t stride = std::max<std::int64_t>(1, rows.size(0) / kSampledRows);
    return rows.slice(0, 0, rows.size(0), stride);
}

std::string direction_name(int layer, int direction) {
    return fmt::format("layer{}.{}", layer, direction == 0 ? "forward" : "reverse");
}

at::Tensor with_dropout(const at::Tensor& x, const Dropout& dropout, int place) {
    if (dropout.rate <= 0) return x;
    const std::uint64_t seed = dropout.seed * 0x9e3779b97f4a7c15ULL + (place + 1) * 0xbf58476d1ce4e5b9ULL;
    return DropoutFunction::apply(x, dropout.rate, seed);
}

LstmResult run_direction(CellKind cell, const DirectionWeights& weights, const at::Tensor& inputs, bool symbols,
                         const LstmState& state) {
    if (symbols) return lstm_of_symbols(cell, weights.input.t() + weights.bias, inputs, weights.recurrent, state);
    return lstm(cell, linear(inputs, weights.input, weights.bias), weights.recurrent, state);
}

} // namespace

std::int64_t NetworkShape::weight_bits(int lstm_bits, int dense_bits) const {
    std::int64_t lstm = 0;
    for (int layer = 0; layer < layers; ++layer)
        lstm += std::int64_t{rows()} * directions() * (layer_inputs(layer) + hidden);
    return lstm * lstm_bits + std::int64_t{outputs} * hidden * directions() * dense_bits;
}

TrainedNetwork::TrainedNetwork(const NetworkShape& shape, const Binarization& binarization, std::uint64_t seed)
    : shape_(shape), binarization_(binarization) {
    at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    const double range = 1 / std::sqrt(shape.hidden);
    for (int layer = 0; layer < shape.layers; ++layer) {
        for (int direction = 0; direction < shape.directions(); ++direction) {
            const std::string name = direction_name(layer, direction);
            const bool symbols = shape.one_hot && layer == 0;
            add_lstm_weights(name + ".input", shape.layer_inputs(layer), symbols ? kSymbolRange : range, generator);
            add_lstm_weights(name + ".recurrent", shape.hidden, range, generator);
            const at::Tensor bias = at::zeros({kGates * shape.hidden}, at::kFloat);
            const int remembering = shape.cell == CellKind::gru ? int{GruCell::kUpdate} : int{LstmCell::kForget};
            bias.chunk(kGates)[remembering].fill_(kForgetBias);
            add(name + ".bias", bias, Role::bias);
        }
    }
    add("dense.weight", uniform(shape.outputs, shape.hidden * shape.directions(), range, generator), Role::weight);
    add("dense.bias", at::zeros({shape.outputs}, at::kFloat), Role::bias);
}

void TrainedNetwork::add_lstm_weights(const std::string& name, std::int64_t columns, double magnitude,
                                      at::Generator& generator) {
    const std::int64_t rows = shape_.rows();
    if (!binarization_.binary) {
        add(name, uniform(rows, columns, magnitude, generator), Role::weight);
        return;
    }
    const bool learned = binarization_.rule == ScaleRule::learned;
    const double range = learned ? binarization_.latent_range : binarization_.latent_range * magnitude;
    add(name, uniform(rows, columns, range, generator), Role::latent);
    if (!learned) return;
    double scale = magnitude / 2;
    if (binarization_.batch_norm) {
        const double deviation = kFirstDeviation * std::sqrt(columns);
        parameters_.back().mean = at::zeros({rows, 1}, at::kFloat);
        parameters_.back().deviation = at::full({rows, 1}, deviation, at::kFloat);
        scale *= deviation;
    }
    add(name + ".scale", at::full({rows, 1}, scale, at::kFloat), Role::scale);
}

at::Tensor TrainedNetwork::add(const std::string& name, at::Tensor value, Role role) {
    value.set_requires_grad(true);
    parameters_.push_back({name, value, role, {}, {}, {}});
    return value;
}

const Parameter& TrainedNetwork::parameter(const std::string& name) const {
    for (const Parameter& each : parameters_)
        if (each.name == name) return each;
    throw std::logic_error("no parameter " + name);
}

at::Tensor TrainedNetwork::rows_of_cell(const at::Tensor& rows, int without) const {
    if (shape_.cell == CellKind::lstm) return rows;
    const std::vector<at::Tensor> blocks = rows.chunk(3); // r, the candidate, z
    const at::Tensor none = at::zeros_like(blocks[1]);
    const bool of_x = without == GruCell::kCandidateH;
    return at::cat({blocks[0], of_x ? blocks[1] : none, of_x ? none : blocks[1], blocks[2]});
}

at::Tensor TrainedNetwork::acting(const std::string& name, int without, at::Tensor& bias) const {
    const Parameter& latent = parameter(name);
    if (!binarization_.binary) return rows_of_cell(latent.value, without);
    if (binarization_.rule == ScaleRule::learned) {
        at::Tensor scale = parameter(name + ".scale").value;
        if (binarization_.batch_norm) {
            scale = scale / latent.deviation;
            bias = bias - rows_of_cell((scale * latent.mean).view(-1), without);
        }
        return rows_of_cell(binarize(latent.value, scale), without);
    }
    if (binarization_.rule == ScaleRule::loss_aware && latent.curvature.defined())
        return rows_of_cell(binarize(latent.value, loss_aware_scale(latent.value, latent.curvature.sqrt())), without);
    return rows_of_cell(binarize(latent.value, mean_magnitude(latent.value)), without);
}

Weights TrainedNetwork::weights() const {
    Weights result;
    for (int layer = 0; layer < shape_.layers; ++layer) {
        result.layers.emplace_back();
        for (int direction = 0; direction < shape_.directions(); ++direction) {
            const std::string name = direction_name(layer, direction);
            at::Tensor bias = parameter(name + ".bias").value;
            const at::Tensor input = acting(name + ".input", GruCell::kCandidateH, bias);
            const at::Tensor recurrent = acting(name + ".recurrent", GruCell::kCandidateX, bias);
            result.layers.back().push_back({input, recurrent, bias});
        }
    }
    const at::Tensor& dense = parameter("dense.weight").value;
    result.dense = binarization_.binary ? round_to_bits(dense, binarization_.dense_bits) : dense;
    result.dense_bias = parameter("dense.bias").value;
    return result;
}

void TrainedNetwork::observe(const std::vector<LayerValues>& values) {
    if (!binarization_.binary || !binarization_.batch_norm) return;
    const c10::NoGradGuard no_gradients;
    for (int layer = 0; layer < shape_.layers; ++layer) {
        const LayerValues& seen = values[layer];
        at::Tensor inputs = sampled_rows(seen.inputs);
        if (shape_.one_hot && layer == 0)
            inputs = at::eye(shape_.inputs).index_select(0, inputs.view(-1).to(at::kLong));
        for (int direction = 0; direction < shape_.directions(); ++direction) {
            const std::string name = direction_name(layer, direction);
            observe_part(name + ".input", inputs);
            observe_part(name + ".recurrent", sampled_rows(seen.outputs[direction]));
        }
    }
}

void TrainedNetwork::observe_part(const std::string& name, const at::Tensor& values) {
    const Parameter& latent = parameter(name);
    const at::Tensor sums =
        at::mm(binarize(latent.value.detach(), at::ones({latent.value.size(0), 1}, at::kFloat)), values.t());
    at::Tensor mean = latent.mean; // shares its memory
    at::Tensor deviation = latent.deviation;
    mean.lerp_(sums.mean(1, true), kNews);
    deviation.lerp_(sums.std(1, false, true).clamp_min(kLeastDeviation), kNews);
}

NetworkOutput run_network(const NetworkShape& shape, const Weights& weights, const at::Tensor& inputs,
                          const std::vector<LstmState>& states, const Dropout& dropout) {
    NetworkOutput result;
    at::Tensor x = inputs;
    at::Tensor last;
    for (int layer = 0; layer < shape.layers; ++layer) {
        const std::size_t k = layer;
        const bool symbols = shape.one_hot && layer == 0;
        const LstmState before = states.empty() ? LstmState{} : states[k];
        const LstmResult forward = run_direction(shape.cell, weights.layers[k][0], x, symbols, before);
        result.states.push_back(forward.last);
        result.values.push_back({x, {forward.output}});
        at::Tensor output = forward.output;
        last = output.select(0, -1);
        if (shape.bidirectional) {
            const at::Tensor reversed =
                run_direction(shape.cell, weights.layers[k][1], x.flip(0).contiguous(), symbols, {}).output;
            result.values.back().outputs.push_back(reversed);
            last = at::cat({last, reversed.select(0, -1)}, 1);
            output = at::cat({output, reversed.flip(0)}, 2);
        }
        x = output;
        if (layer + 1 < shape.layers || shape.every_step) x = with_dropout(x, dropout, layer);
    }
    const at::Tensor read =
        shape.every_step ? x.reshape({-1, x.size(2)}) : with_dropout(last.contiguous(), dropout, shape.layers);
    result.logits = linear(read.unsqueeze(0), weights.dense, weights.dense_bias).squeeze(0);
    return result;
}

at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& labels) {
    return CrossEntropy::apply(logits, labels);
}

} // namespace bru::train
