#include "libtorch/torch_lstm.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <dlfcn.h>
#include <fmt/format.h>
#include <torch/torch.h>
#include <torch/version.h>

#include "base/integers.hpp"
#include "reference/float_execution.hpp"

namespace bru {

namespace {

using SetThreads = void (*)(int);

/// nullptr: the BLAS is another one.
SetThreads openblas_set_num_threads() {
    return reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
}

torch::Tensor real_weights(const WeightMatrix& weights) {
    torch::Tensor result = torch::empty({weights.rows, weights.columns});
    float* value = result.data_ptr<float>();
    for (int row = 0; row < weights.rows; ++row)
        for (int column = 0; column < weights.columns; ++column)
            *value++ = static_cast<float>(weights.values[static_cast<std::size_t>(row) * weights.columns + column] *
                                          weights.scales[row]);
    return result;
}

torch::Tensor real_vector(const std::vector<double>& values) {
    torch::Tensor result = torch::empty({signed_size(values)});
    std::copy(values.begin(), values.end(), result.data_ptr<float>());
    return result;
}

/// The rows of a matrix or of a bias, in LibTorch's order: `order` holds rows of a unit in the machine's.
torch::Tensor in_order(const torch::Tensor& rows, const std::vector<int>& order) {
    const std::vector<torch::Tensor> blocks = rows.chunk(kGates);
    std::vector<torch::Tensor> chosen;
    for (const int row : order) chosen.push_back(blocks.at(row));
    return torch::cat(chosen);
}

/// A layer, an LSTM or a GRU. LibTorch has the rows of an LSTM in the machine's order, and those of a GRU as r, z, n.
struct Layer {
    torch::nn::LSTM lstm{nullptr};
    torch::nn::GRU gru{nullptr};
    torch::Tensor initial_h;
    torch::Tensor initial_c;
    bool reverse = false; ///< it has that direction alone: its sequence is turned around

    Layer(const LstmLayer& layer, int batch) {
        const bool both = layer.direction_count() == 2;
        reverse = !both && layer.has_reverse();
        if (layer.cell == CellKind::gru)
            gru = torch::nn::GRU(torch::nn::GRUOptions(layer.input_size, layer.hidden_size).bidirectional(both));
        else
            lstm = torch::nn::LSTM(torch::nn::LSTMOptions(layer.input_size, layer.hidden_size).bidirectional(both));
        std::vector<torch::Tensor> h;
        std::vector<torch::Tensor> c;
        for (int k = 0; k < layer.direction_count(); ++k) {
            const LstmDirection& direction = layer.directions[k];
            fill(direction, k == 0 ? "_l0" : "_l0_reverse");
            h.push_back(real_vector(direction.initial_h));
            if (lstm) c.push_back(real_vector(direction.initial_c));
        }
        const auto of_batch = [batch](const std::vector<torch::Tensor>& state) {
            return torch::stack(state).unsqueeze(1).repeat({1, batch, 1});
        };
        initial_h = of_batch(h);
        if (lstm) initial_c = of_batch(c);
        if (lstm) lstm->eval();
        if (gru) gru->eval();
    }

    void move_to(torch::Device device) {
        const auto move = [device](auto& module) {
            module->to(device);
            module->flatten_parameters(); // cuDNN wants them in one piece
        };
        if (lstm) move(lstm);
        if (gru) move(gru);
        initial_h = initial_h.to(device);
        if (lstm) initial_c = initial_c.to(device);
    }

    /// The output of every step, and the final h of each direction side by side.
    std::pair<torch::Tensor, torch::Tensor> run(const torch::Tensor& input) {
        const torch::Tensor x = reverse ? input.flip(0) : input;
        torch::Tensor output;
        torch::Tensor last_h;
        if (gru) {
            std::tie(output, last_h) = gru->forward(x, initial_h);
        } else {
            auto [of_steps, states] = lstm->forward(x, std::make_tuple(initial_h, initial_c));
            output = of_steps;
            last_h = std::get<0>(states);
        }
        const torch::Tensor final_h = last_h.transpose(0, 1).reshape({1, last_h.size(1), -1});
        return {reverse ? output.flip(0) : output, final_h};
    }

private:
    /// The weights and biases of one direction, whose names end with `suffix`.
    void fill(const LstmDirection& direction, const std::string& suffix) {
        auto parameters = gru ? gru->named_parameters() : lstm->named_parameters();
        const torch::Tensor input = real_weights(direction.input);
        const torch::Tensor recurrent = real_weights(direction.recurrent);
        const torch::Tensor bias = real_vector(direction.bias);
        if (gru) {
            const std::vector<int> of_x = {GruCell::kReset, GruCell::kUpdate, GruCell::kCandidateX};
            const std::vector<int> of_h = {GruCell::kReset, GruCell::kUpdate, GruCell::kCandidateH};
            parameters["weight_ih" + suffix].copy_(in_order(input, of_x));
            parameters["weight_hh" + suffix].copy_(in_order(recurrent, of_h));
            parameters["bias_ih" + suffix].copy_(in_order(bias, of_x));
            torch::Tensor rest = in_order(bias, of_h);
            rest.slice(0, 0, 2 * rest.size(0) / 3).zero_(); // r and z have theirs among those of the input
            parameters["bias_hh" + suffix].copy_(rest);
            return;
        }
        parameters["weight_ih" + suffix].copy_(input);
        parameters["weight_hh" + suffix].copy_(recurrent);
        parameters["bias_ih" + suffix].copy_(bias);
        parameters["bias_hh" + suffix].zero_();
    }
};

/// Of one sequence: [begin, end) of the steps.
torch::Tensor real_inputs(const Network& network, const Step* begin, const Step* end) {
    torch::Tensor result = torch::zeros({end - begin, 1, network.input_size()});
    float* input = result.data_ptr<float>();
    for (const Step* step = begin; step != end; ++step, input += network.input_size()) {
        if (network.input_encoding == InputEncoding::one_hot)
            input[step->symbol] = 1;
        else
            std::copy(step->values.begin(), step->values.end(), input);
    }
    return result;
}

} // namespace

struct TorchLstm::State {
    OutputMode mode;
    torch::Device device;
    std::vector<Layer> layers;
    torch::nn::Linear dense{nullptr};
    std::vector<torch::Tensor> inputs; ///< a sequence each
    std::vector<torch::Tensor> outputs;

    State(OutputMode output, torch::Device where) : mode(output), device(where) {}

    void make_dense(const DenseLayer& layer) {
        dense = torch::nn::Linear(layer.weights.columns, layer.weights.rows);
        dense->weight.copy_(real_weights(layer.weights));
        dense->bias.copy_(real_vector(layer.bias));
        dense->to(device);
    }

    torch::Tensor run(const torch::Tensor& input) {
        torch::Tensor values = input;
        torch::Tensor final_h;
        for (Layer& layer : layers) std::tie(values, final_h) = layer.run(values);
        if (mode.steps == OutputSteps::last) values = values.narrow(0, values.size(0) - 1, 1);
        if (mode.steps == OutputSteps::final_state) values = final_h;
        if (mode.kind == OutputKind::hidden) return values;
        values = dense->forward(values);
        return mode.kind == OutputKind::logits ? values : values.argmax(-1, true);
    }
};

void set_torch_threads(int threads) {
    torch::set_num_threads(threads);
    // OpenBLAS reads its environment variable before main(), so it is told here.
    if (const auto set_threads = openblas_set_num_threads()) set_threads(threads);
}

bool torch_has_cuda() { return torch::cuda::is_available(); }

TorchLstm::TorchLstm(const Network& network, OutputMode mode, const std::vector<Step>& steps, TorchDevice device,
                     int batch)
    : state_(std::make_unique<State>(mode, device == TorchDevice::cuda ? torch::kCUDA : torch::kCPU)) {
    static const bool one_thread = (set_torch_threads(1), true);
    static_cast<void>(one_thread);
    const torch::NoGradGuard no_gradients;
    for (const LstmLayer& layer : network.layers) {
        state_->layers.emplace_back(layer, batch);
        state_->layers.back().move_to(state_->device);
    }
    if (mode.kind != OutputKind::hidden) state_->make_dense(*network.dense);
    const Step* const end = steps.data() + steps.size();
    for (const Step* begin = steps.data(); begin != end;) {
        const Step* const next = std::find_if(begin + 1, end, [](const Step& step) { return step.first; });
        const torch::Tensor one = real_inputs(network, begin, next);
        state_->inputs.push_back(one.repeat({1, batch, 1}).to(state_->device));
        begin = next;
    }
}

TorchLstm::~TorchLstm() = default;

void TorchLstm::run() {
    const torch::InferenceMode inference;
    state_->outputs.clear();
    for (const torch::Tensor& input : state_->inputs) state_->outputs.push_back(state_->run(input));
    if (state_->device.is_cuda()) torch::cuda::synchronize();
}

std::vector<float> TorchLstm::outputs() const {
    std::vector<float> all;
    for (const torch::Tensor& output : state_->outputs) {
        const torch::Tensor values = output.to(torch::kCPU, torch::kFloat32).contiguous();
        all.insert(all.end(), values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
    }
    return all;
}

std::string TorchLstm::version() {
    return std::string(TORCH_VERSION) + (openblas_set_num_threads() != nullptr ? ", OpenBLAS" : ", without OpenBLAS");
}

void check_torch_lstm(const Network& network, OutputMode mode, const std::vector<Step>& steps, TorchDevice device,
                      int batch) {
    const double tolerance = device == TorchDevice::cpu ? 1e-4 : 1e-2;   // a GPU may multiply in TF32
    if (mode.kind == OutputKind::argmax) mode.kind = OutputKind::logits; // near ties may go either way
    TorchLstm torch(network, mode, steps, device, batch);
    torch.run();
    std::vector<double> expected;
    FloatExecution execution(network, mode);
    for (const Step& step : steps)
        execution.step(step, [&](const FloatOutputVector& output) {
            for (int copy = 0; copy < batch; ++copy)
                expected.insert(expected.end(), output.values.begin(), output.values.end());
        });
    const std::vector<float> got = torch.outputs();
    bool equal = got.size() == expected.size();
    double largest = 0;
    for (std::size_t k = 0; equal && k < got.size(); ++k)
        largest = std::max(largest, std::abs(got[k] - expected[k]) / std::max(1.0, std::abs(expected[k])));
    equal = equal && largest < tolerance;
    if (!equal)
        throw std::runtime_error(fmt::format("LibTorch's outputs ({}) differ by {:.2g} from those of the float network "
                                             "({}) over {} steps",
                                             got.size(), largest, expected.size(), steps.size()));
}

} // namespace bru
