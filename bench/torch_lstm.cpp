#include "torch_lstm.hpp"

#include <dlfcn.h>
#include <torch/torch.h>
#include <torch/version.h>

namespace bru::bench {

namespace {

using SetThreads = void (*)(int);

/// nullptr: the BLAS is another one.
SetThreads openblas_set_num_threads() {
    return reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
}

/// LibTorch's threads and those of its BLAS. OpenBLAS reads its environment variable before main(), so it is told here.
void use_one_thread() {
    torch::set_num_threads(1);
    if (const auto set_threads = openblas_set_num_threads()) set_threads(1);
}

torch::Tensor real_weights(const WeightMatrix& weights) {
    torch::Tensor result = torch::empty({weights.rows, weights.columns});
    float* value = result.data_ptr<float>();
    for (int row = 0; row < weights.rows; ++row)
        for (int column = 0; column < weights.columns; ++column)
            *value++ = static_cast<float>(
                weights.values[static_cast<std::size_t>(row) * static_cast<std::size_t>(weights.columns) +
                               static_cast<std::size_t>(column)] *
                weights.scales[static_cast<std::size_t>(row)]);
    return result;
}

torch::Tensor real_vector(const std::vector<double>& values) {
    torch::Tensor result = torch::empty({static_cast<std::int64_t>(values.size())});
    std::copy(values.begin(), values.end(), result.data_ptr<float>());
    return result;
}

/// A layer; both libraries have the gates in the order i, f, g, o.
struct Layer {
    torch::nn::LSTM lstm{nullptr};
    torch::Tensor initial_h;
    torch::Tensor initial_c;
    bool reverse = false; ///< it has that direction alone: its sequence is turned around

    explicit Layer(const LstmLayer& layer) {
        const bool both = layer.direction_count() == 2;
        reverse = !both && layer.has_reverse();
        lstm = torch::nn::LSTM(torch::nn::LSTMOptions(layer.input_size, layer.hidden_size).bidirectional(both));
        auto parameters = lstm->named_parameters();
        std::vector<torch::Tensor> h;
        std::vector<torch::Tensor> c;
        for (int k = 0; k < layer.direction_count(); ++k) {
            const LstmDirection& direction = layer.directions[static_cast<std::size_t>(k)];
            const std::string suffix = k == 0 ? "_l0" : "_l0_reverse";
            parameters["weight_ih" + suffix].copy_(real_weights(direction.input));
            parameters["weight_hh" + suffix].copy_(real_weights(direction.recurrent));
            parameters["bias_ih" + suffix].copy_(real_vector(direction.bias));
            parameters["bias_hh" + suffix].zero_();
            h.push_back(real_vector(direction.initial_h));
            c.push_back(real_vector(direction.initial_c));
        }
        initial_h = torch::stack(h).unsqueeze(1);
        initial_c = torch::stack(c).unsqueeze(1);
        lstm->eval();
    }

    torch::Tensor run(const torch::Tensor& input) {
        const auto states = std::make_tuple(initial_h, initial_c);
        if (!reverse) return std::get<0>(lstm->forward(input, states));
        return std::get<0>(lstm->forward(input.flip(0), states)).flip(0);
    }
};

torch::Tensor real_inputs(const Network& network, const std::vector<Step>& steps) {
    torch::Tensor result = torch::zeros({static_cast<std::int64_t>(steps.size()), 1, network.input_size()});
    float* input = result.data_ptr<float>();
    for (const Step& step : steps) {
        if (network.input_encoding == InputEncoding::one_hot)
            input[step.symbol] = 1;
        else
            std::copy(step.values.begin(), step.values.end(), input);
        input += network.input_size();
    }
    return result;
}

} // namespace

struct TorchLstm::State {
    std::vector<Layer> layers;
    torch::Tensor input;
    torch::Tensor output;
};

TorchLstm::TorchLstm(const Network& network, const std::vector<Step>& steps) : state_(std::make_unique<State>()) {
    use_one_thread();
    const torch::NoGradGuard no_gradients;
    for (const LstmLayer& layer : network.layers) state_->layers.emplace_back(layer);
    state_->input = real_inputs(network, steps);
}

TorchLstm::~TorchLstm() = default;

void TorchLstm::run() {
    const torch::InferenceMode inference;
    torch::Tensor values = state_->input;
    for (Layer& layer : state_->layers) values = layer.run(values);
    state_->output = values;
}

std::vector<float> TorchLstm::outputs() const {
    const torch::Tensor values = state_->output.contiguous();
    return std::vector<float>(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
}

std::string TorchLstm::version() {
    return std::string(TORCH_VERSION) + (openblas_set_num_threads() != nullptr ? ", OpenBLAS" : ", without OpenBLAS");
}

} // namespace bru::bench
