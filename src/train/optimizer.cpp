#include "train/optimizer.hpp"

#include <algorithm>
#include <cmath>

#include <c10/core/GradMode.h>

#include "train/kernels/kernels.hpp"

namespace bru::train {

double Schedule::rate(double progress) const {
    constexpr double kPi = 3.14159265358979323846;
    const double at = std::clamp(progress, 0.0, 1.0);
    if (at < warmup) return peak * std::max(at / warmup, 0.01);
    const double fall = warmup < 1 ? (at - warmup) / (1 - warmup) : 1;
    return peak * (end + (1 - end) * 0.5 * (1 + std::cos(kPi * fall)));
}

Adam::Adam(std::vector<Parameter>& parameters, const OptimizerOptions& options)
    : parameters_(parameters), options_(options) {
    for (Parameter& parameter : parameters_) {
        m_.push_back(at::zeros_like(parameter.value));
        v_.push_back(at::zeros_like(parameter.value));
        if (parameter.role == Role::latent) parameter.curvature = v_.back();
    }
}

double Adam::factor(Role role) const {
    if (role == Role::latent) return options_.latent_factor;
    if (role == Role::scale) return options_.scale_factor;
    return 1;
}

double Adam::step(double rate) {
    const c10::NoGradGuard no_gradients;
    ++steps_;
    double square = 0;
    for (const Parameter& parameter : parameters_)
        if (parameter.value.grad().defined()) square += parameter.value.grad().pow(2).sum().item<double>();
    const double norm = std::sqrt(square);

    AdamStep step;
    step.beta2 = static_cast<float>(options_.beta2);
    step.correction1 = static_cast<float>(1 - std::pow(step.beta1, steps_));
    step.correction2 = static_cast<float>(1 - std::pow(step.beta2, steps_));
    step.gradient_scale = static_cast<float>(norm > options_.gradient_norm ? options_.gradient_norm / norm : 1);
    for (std::size_t k = 0; k < parameters_.size(); ++k) {
        Parameter& parameter = parameters_[k];
        if (!parameter.value.grad().defined()) continue;
        step.learning_rate = static_cast<float>(rate * factor(parameter.role));
        step.clip = parameter.role == Role::latent ? static_cast<float>(options_.latent_clip) : 0.0F;
        const at::Tensor gradient = parameter.value.grad().contiguous();
        kernels().adam(parameter.value.numel(), step, parameter.value.data_ptr<float>(), gradient.data_ptr<float>(),
                       m_[k].data_ptr<float>(), v_[k].data_ptr<float>());
        parameter.value.mutable_grad().reset();
    }
    return norm;
}

} // namespace bru::train
