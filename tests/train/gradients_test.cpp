// Are the gradients those of the function? Held against finite differences in single precision, and bfloat16 against
// single.
#include "catch_and_torch.hpp"

#include <c10/core/GradMode.h>

#include "train/kernels/kernels.hpp"
#include "train/matrix_product.hpp"
#include "train/network.hpp"

using namespace bru::train;

namespace {

struct Case {
    NetworkShape shape;
    at::Tensor inputs;
    at::Tensor labels;
};

Case make_case(bool one_hot, bool bidirectional, bru::CellKind cell = bru::CellKind::lstm) {
    at::manual_seed(5);
    Case result;
    result.shape.inputs = 7;
    result.shape.outputs = 5;
    result.shape.hidden = 9;
    result.shape.layers = 2;
    result.shape.cell = cell;
    result.shape.one_hot = one_hot;
    result.shape.bidirectional = bidirectional;
    result.shape.every_step = !bidirectional;
    result.inputs = one_hot ? at::randint(7, {6, 4}, at::kInt) : at::randn({6, 4, 7});
    result.labels = at::randint(5, {bidirectional ? 4 : 24}, at::kInt);
    return result;
}

at::Tensor loss_of(const Case& given, const TrainedNetwork& network) {
    return cross_entropy(run_network(given.shape, network.weights(), given.inputs, {}, {}).logits, given.labels);
}

double slope(const Case& given, const TrainedNetwork& network, float* weight) {
    const c10::NoGradGuard no_gradients;
    constexpr float kStep = 1e-2F;
    const float before = *weight;
    *weight = before + kStep;
    const double above = loss_of(given, network).item<double>();
    *weight = before - kStep;
    const double below = loss_of(given, network).item<double>();
    *weight = before;
    return (above - below) / (2 * static_cast<double>(kStep));
}

/// Restores the arithmetic at the end of a test.
struct ArithmeticScope {
    Arithmetic before = arithmetic();
    ~ArithmeticScope() { set_arithmetic(before); }
};

} // namespace

TEST_CASE("gradients equal finite differences") {
    const ArithmeticScope scope;
    set_arithmetic(Arithmetic::single);
    const bool one_hot = GENERATE(false, true);
    const bool bidirectional = GENERATE(false, true);
    const bru::CellKind cell = GENERATE(bru::CellKind::lstm, bru::CellKind::gru);
    const Case given = make_case(one_hot, bidirectional, cell);
    TrainedNetwork network(given.shape, {}, 3);
    loss_of(given, network).backward();
    for (Parameter& parameter : network.parameters()) {
        const at::Tensor gradient = parameter.value.grad().contiguous();
        for (std::int64_t k = 0; k < gradient.numel(); k += 11) {
            INFO(parameter.name << " " << k);
            CHECK(gradient.data_ptr<float>()[k] ==
                  Approx(slope(given, network, parameter.value.data_ptr<float>() + k)).margin(2e-3).epsilon(0.02));
        }
    }
}

TEST_CASE("a learned scale's gradient is exact and reaches the latent weights through the sign") {
    const ArithmeticScope scope;
    set_arithmetic(Arithmetic::single);
    const Case given = make_case(true, false, GENERATE(bru::CellKind::lstm, bru::CellKind::gru));
    Binarization binarization;
    binarization.binary = true;
    binarization.dense_bits = 8;
    TrainedNetwork network(given.shape, binarization, 3);
    loss_of(given, network).backward();
    for (Parameter& parameter : network.parameters()) {
        if (parameter.role == Role::latent) CHECK(parameter.value.grad().abs().max().item<double>() > 0);
        if (parameter.role != Role::scale) continue;
        for (std::int64_t k = 0; k < parameter.value.numel(); k += 5) {
            INFO(parameter.name << " " << k);
            CHECK(parameter.value.grad().contiguous().data_ptr<float>()[k] ==
                  Approx(slope(given, network, parameter.value.data_ptr<float>() + k)).margin(2e-3).epsilon(0.03));
        }
    }
}

TEST_CASE("bfloat16 products are those of single precision, to their rounding") {
    if (!host_has_bfloat16()) {
        WARN("skipped: this processor has no AVX512_BF16");
        return;
    }
    const ArithmeticScope scope;
    // Sizes off every tile and block: 8 rows, 48 columns, 512 deep.
    struct Sizes {
        int rows, k, n;
    };
    const Sizes sizes = GENERATE(Sizes{1, 1, 1}, Sizes{5, 37, 148}, Sizes{130, 96, 49}, Sizes{64, 1030, 47});
    const int rows = sizes.rows;
    const int n = sizes.n;
    at::manual_seed(1);
    const at::Tensor a = at::randn({rows, sizes.k});
    const at::Tensor b = at::randn({n, sizes.k});
    const auto product = [&] {
        at::Tensor c = at::zeros({rows, n});
        MatrixProduct matrix(b, true);
        matrix.multiply(rows, a.data_ptr<float>(), false, c.data_ptr<float>());
        matrix.multiply(rows, a.data_ptr<float>(), true, c.data_ptr<float>());
        return c;
    };
    set_arithmetic(Arithmetic::single);
    const at::Tensor exact = product();
    const at::Tensor exact_transposed = transposed_product(a, exact);
    set_arithmetic(Arithmetic::bfloat16);
    const double size = std::sqrt(static_cast<double>(sizes.k));
    CHECK((product() - exact).abs().max().item<double>() < 0.05 * size);
    CHECK((transposed_product(a, exact) - exact_transposed).abs().max().item<double>() <
          0.05 * size * std::sqrt(static_cast<double>(rows)));
}

TEST_CASE("every instruction set's loops compute the same, nearly") {
    at::manual_seed(2);
    const at::Tensor gates = at::randn({3, 4 * 37}) * 3;
    const at::Tensor before = at::randn({3, 37});
    const auto run = [&](const Kernels& loops) {
        at::Tensor g = gates.clone();
        at::Tensor c = at::empty({3, 37});
        at::Tensor h = at::empty({3, 37});
        at::Tensor dc = at::ones({3, 37});
        loops.cells_forward(3, 37, g.data_ptr<float>(), before.data_ptr<float>(), c.data_ptr<float>(),
                            h.data_ptr<float>());
        loops.cells_backward(3, 37, g.data_ptr<float>(), before.data_ptr<float>(), c.data_ptr<float>(),
                             h.data_ptr<float>(), dc.data_ptr<float>());
        return at::cat({g, c, h, dc}, 1);
    };
    const at::Tensor expected = run(portable_kernels());
    CHECK((run(kernels()) - expected).abs().max().item<double>() < 2e-6);
    const at::Tensor z = gates.slice(1, 0, 37);
    CHECK((expected.slice(1, 4 * 37 + 37, 4 * 37 + 74) -
           at::sigmoid(gates.slice(1, 111, 148)) * at::tanh(expected.slice(1, 148, 185)))
              .abs()
              .max()
              .item<double>() < 1e-5);
}

TEST_CASE("a GRU layer of the training is that of LibTorch") {
    const ArithmeticScope scope;
    set_arithmetic(Arithmetic::single);
    at::manual_seed(4);
    const c10::NoGradGuard no_gradients;
    constexpr std::int64_t kUnits = 9;
    const at::Tensor x = at::randn({6, 4, 7});
    const at::Tensor h = at::randn({4, kUnits});
    const at::Tensor w = at::randn({3 * kUnits, 7}); // r, z, n
    const at::Tensor r = at::randn({3 * kUnits, kUnits});
    const at::Tensor b = at::randn({2, 3 * kUnits});
    const auto [expected, last] = at::gru(x, h.unsqueeze(0), {w, r, b[0], b[1]}, true, 1, 0.0, false, false, false);
    const auto block = [](const at::Tensor& rows, std::int64_t k) {
        return rows.chunk(3)[static_cast<std::size_t>(k)];
    };
    const at::Tensor none_w = at::zeros({kUnits, 7});
    const at::Tensor none_r = at::zeros({kUnits, kUnits});
    const at::Tensor input = at::cat({block(w, 0), block(w, 2), none_w, block(w, 1)});
    const at::Tensor recurrent = at::cat({block(r, 0), none_r, block(r, 2), block(r, 1)});
    const at::Tensor bias =
        at::cat({block(b[0], 0) + block(b[1], 0), block(b[0], 2), block(b[1], 2), block(b[0], 1) + block(b[1], 1)});
    const LstmResult got = lstm(bru::CellKind::gru, linear(x, input, bias), recurrent, {h, {}});
    CHECK((got.output - expected).abs().max().item<double>() < 1e-5);
    CHECK((got.last.h - last.squeeze(0)).abs().max().item<double>() < 1e-5);
}
