// Adam with a rate for each kind of parameter, and how the rate goes over a training.
#pragma once

#include <vector>

#include "train/network.hpp"

namespace bru::train {

/// The learning rate over a training: it rises linearly, then falls along half a cosine to the end, whatever the
/// length.
struct Schedule {
    double peak = 2e-2;
    double warmup = 0.02; ///< share of the training in which the rate rises, 0..1
    double end = 0.01;    ///< the last rate as a share of the peak, 0..1

    /// progress 0..1.
    double rate(double progress) const;
};

struct OptimizerOptions {
    double latent_factor = 2;  ///< rate of latent weights over the rate
    double scale_factor = 0.5; ///< rate of learned scales over the rate
    double gradient_norm = 1;  ///< longer gradients are shortened to this, over all parameters
    double beta2 = 0.999;
    double latent_clip = 1; ///< latent weights stay in -clip..clip
};

class Adam {
public:
    Adam(std::vector<Parameter>& parameters, const OptimizerOptions& options);

    /// One update from the gradients in the parameters, which are zeroed. Returns the norm that the gradient had.
    double step(double rate);

    std::int64_t steps_done() const { return steps_; }
    void set_steps_done(std::int64_t steps) { steps_ = steps; }

    /// Moments, in the order of the parameters: for checkpoints.
    std::vector<at::Tensor>& first_moments() { return m_; }
    std::vector<at::Tensor>& second_moments() { return v_; }

private:
    double factor(Role role) const;

    std::vector<Parameter>& parameters_;
    OptimizerOptions options_;
    std::vector<at::Tensor> m_;
    std::vector<at::Tensor> v_;
    std::int64_t steps_ = 0;
};

} // namespace bru::train
