#include "train/quantizers.hpp"

#include <torch/csrc/autograd/custom_function.h>

namespace bru::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor sign_of(const at::Tensor& latent) { return latent.ge(0).to(latent.scalar_type()).mul_(2).sub_(1); }

class Binarize : public torch::autograd::Function<Binarize> {
public:
    static at::Tensor forward(AutogradContext* context, const at::Tensor& latent, const at::Tensor& scale) {
        const at::Tensor sign = sign_of(latent);
        context->save_for_backward({sign, scale});
        return sign * scale;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        at::Tensor dscale;
        if (context->needs_input_grad(1)) dscale = (gradients[0] * saved[0]).sum(1, true);
        return {gradients[0] * saved[1], dscale};
    }
};

class StraightThrough : public torch::autograd::Function<StraightThrough> {
public:
    static at::Tensor forward(AutogradContext*, const at::Tensor& weights, std::int64_t bits) {
        const IntegerRows rows = integer_rows(weights, static_cast<int>(bits));
        return rows.values * rows.scales;
    }
    static variable_list backward(AutogradContext*, variable_list gradients) { return {gradients[0], at::Tensor()}; }
};

} // namespace

at::Tensor binarize(const at::Tensor& latent, const at::Tensor& scale) { return Binarize::apply(latent, scale); }

at::Tensor mean_magnitude(const at::Tensor& latent) { return latent.detach().abs().mean(1, true); }

at::Tensor loss_aware_scale(const at::Tensor& latent, const at::Tensor& curvature) {
    const at::Tensor weight = curvature + 1e-20;
    return (weight * latent.detach().abs()).sum(1, true) / weight.sum(1, true);
}

IntegerRows integer_rows(const at::Tensor& weights, int bits) {
    const at::Tensor real = weights.detach();
    const double most = (1 << (bits - 1)) - 1;
    const at::Tensor scales = real.abs().amax(1, true) / most;
    // A row of zeros has scale 0 and integers 0.
    return {(real / scales.clamp_min(1e-30) + 0.5).floor_(), scales};
}

at::Tensor round_to_bits(const at::Tensor& weights, int bits) {
    if (bits == 1) return binarize(weights, mean_magnitude(weights));
    return StraightThrough::apply(weights, static_cast<std::int64_t>(bits));
}

} // namespace bru::train
