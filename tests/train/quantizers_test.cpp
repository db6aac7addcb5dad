// Do the quantizers round as the machine does, and do gradients pass?
#include "catch_and_torch.hpp"

#include "train/quantizers.hpp"

using namespace bru::train;

TEST_CASE("binary weights are the sign times the row's scale; zero counts as +1") {
    const at::Tensor latent = at::tensor({0.5F, -0.25F, 0.0F, -1.0F}).view({2, 2});
    const at::Tensor scale = at::tensor({2.0F, 3.0F}).view({2, 1});
    CHECK(at::equal(binarize(latent, scale), at::tensor({2.0F, -2.0F, 3.0F, -3.0F}).view({2, 2})));
    CHECK(at::equal(mean_magnitude(latent), at::tensor({0.375F, 0.5F}).view({2, 1})));
}

TEST_CASE("gradients pass the sign straight through") {
    at::Tensor latent = at::tensor({0.5F, -0.25F}).view({1, 2}).requires_grad_();
    at::Tensor scale = at::tensor({2.0F}).view({1, 1}).requires_grad_();
    (binarize(latent, scale) * at::tensor({3.0F, 5.0F}).view({1, 2})).sum().backward();
    CHECK(at::equal(latent.grad(), at::tensor({6.0F, 10.0F}).view({1, 2})));
    CHECK(scale.grad().item<float>() == 3.0F - 5.0F);
}

TEST_CASE("loss-aware scales weigh by curvature") {
    const at::Tensor latent = at::tensor({1.0F, -3.0F}).view({1, 2});
    CHECK(loss_aware_scale(latent, at::tensor({1.0F, 1.0F}).view({1, 2})).item<float>() == Approx(2));
    CHECK(loss_aware_scale(latent, at::tensor({3.0F, 1.0F}).view({1, 2})).item<float>() == Approx(1.5));
}

TEST_CASE("n bits round to the nearest of 2^n - 1 integers of the row, halves up") {
    const at::Tensor weights = at::tensor({0.7F, -0.25F, 0.05F, 0.0F, 0.0F, 0.0F}).view({2, 3});
    const IntegerRows rows = integer_rows(weights, 4);
    CHECK(at::equal(rows.values, at::tensor({7.0F, -2.0F, 1.0F, 0.0F, 0.0F, 0.0F}).view({2, 3})));
    CHECK(rows.scales[0].item<float>() == Approx(0.1));
    CHECK(rows.scales[1].item<float>() == 0.0F);
    const int bits = GENERATE(2, 6, 8);
    const IntegerRows many = integer_rows(at::randn({5, 40}), bits);
    CHECK(many.values.abs().max().item<float>() == static_cast<float>((1 << (bits - 1)) - 1));
}
