// The loops in which training spends its time, apart from matrix products of the BLAS: LSTM and GRU cells forward and
// backward, Adam, dropout, and matrix products in bfloat16. A table of functions for each instruction set; the best
// that the host has is used. All arrays are row-major, 32-bit floats, and must not overlap unless the comment says "in
// place".
#pragma once

#include <cstdint>

namespace bru::train {

/// What one update of Adam needs beside the arrays. Weights are clipped to -clip..clip after the step (0: not).
struct AdamStep {
    float learning_rate = 0;
    float beta1 = 0.9F;
    float beta2 = 0.999F;
    float epsilon = 1e-8F;
    float correction1 = 1; ///< 1 - beta1^t
    float correction2 = 1; ///< 1 - beta2^t
    float gradient_scale = 1;
    float clip = 0;
};

/// Rows lie in blocks of `hidden`, as in bru::LstmDirection: i, f, g, o; of a GRU r, the candidate's sums of x and of
/// h, z.
struct Kernels {
    const char* name;

    /// rows cells of a step. gates [rows, 4 hidden]: pre-activations become activations, in place. Writes c and h
    /// [rows, hidden].
    void (*cells_forward)(std::int64_t rows, std::int64_t hidden, float* gates, const float* c_before, float* c,
                          float* h);

    /// Gradients: gates becomes that of the pre-activations, dc that of the step before, both in place.
    void (*cells_backward)(std::int64_t rows, std::int64_t hidden, float* gates, const float* c_before, const float* c,
                           const float* dh, float* dc);

    /// The same for GRUs: the sum of x becomes the candidate n, and that of h stays as it is. Writes h.
    void (*gru_forward)(std::int64_t rows, std::int64_t hidden, float* gates, const float* h_before, float* h);

    /// gates becomes the gradient of the sums, and dh the part of that of h before which does not go through the sums,
    /// both in place.
    void (*gru_backward)(std::int64_t rows, std::int64_t hidden, float* gates, const float* h_before, float* dh);

    /// One step of Adam on count weights; m and v are its moments.
    void (*adam)(std::int64_t count, const AdamStep& step, float* weight, const float* gradient, float* m, float* v);

    /// values *= 0 or 1 / (1 - rate); which of them depends on seed and index alone.
    void (*dropout)(std::int64_t count, float rate, std::uint64_t seed, float* values);

    /// Softmax over each row of logits [rows, classes] in place; adds -log(probability of the label) of every row.
    double (*softmax_nats)(std::int64_t rows, std::int64_t classes, float* logits, const std::int32_t* labels);
};

const Kernels& portable_kernels();
#if defined(__x86_64__)
const Kernels& avx2_kernels();
const Kernels& avx512_kernels();
#endif

/// The best one of this host, or that of the level which the environment variable BRU_SIMD names.
const Kernels& kernels();

} // namespace bru::train
