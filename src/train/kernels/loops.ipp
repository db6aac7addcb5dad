// The bodies of Kernels, included once for each instruction set: plain loops that the compiler turns into vectors.
#include <cmath>
#include <cstdint>
#include <cstring>

#include "train/kernels/kernels.hpp"

namespace bru::train {
namespace {

/// e^x to about 2e-7 of it, for -87..87 and clamped beyond; no branch and no call, so that loops over it become
/// vectors.
inline float fast_exp(float x) {
    x = x < -87.0F ? -87.0F : x;
    x = x > 87.0F ? 87.0F : x;
    const float scaled = x * 1.44269504F;
    const auto n = static_cast<std::int32_t>(scaled + (scaled < 0 ? -0.5F : 0.5F));
    const auto whole = static_cast<float>(n);
    const float r = (x - whole * 0.693359375F) + whole * 2.12194440e-4F;
    float p = 1.9875691500e-4F;
    p = p * r + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    p = p * r * r + r + 1.0F;
    const std::int32_t bits = (n + 127) * (1 << 23);
    return p * __builtin_bit_cast(float, bits);
}

inline float fast_sigmoid(float x) { return 1.0F / (1.0F + fast_exp(-x)); }
inline float fast_tanh(float x) { return 1.0F - 2.0F / (1.0F + fast_exp(2.0F * x)); }

/// One row. Parameters, not local variables, are restrict: only so the compiler believes it.
void row_forward(std::int64_t hidden, float* __restrict i, float* __restrict f, float* __restrict g,
                 float* __restrict o, const float* __restrict before, float* __restrict c, float* __restrict h) {
    for (std::int64_t u = 0; u < hidden; ++u) {
        const float input = fast_sigmoid(i[u]);
        const float forget = fast_sigmoid(f[u]);
        const float candidate = fast_tanh(g[u]);
        const float output = fast_sigmoid(o[u]);
        const float cell = forget * before[u] + input * candidate;
        i[u] = input;
        f[u] = forget;
        g[u] = candidate;
        o[u] = output;
        c[u] = cell;
        h[u] = output * fast_tanh(cell);
    }
}

void row_backward(std::int64_t hidden, float* __restrict i, float* __restrict f, float* __restrict g,
                  float* __restrict o, const float* __restrict before, const float* __restrict c,
                  const float* __restrict dh, float* __restrict dc) {
    for (std::int64_t u = 0; u < hidden; ++u) {
        const float tc = fast_tanh(c[u]);
        const float input = i[u];
        const float forget = f[u];
        const float candidate = g[u];
        const float output = o[u];
        const float d = dc[u] + dh[u] * output * (1.0F - tc * tc);
        i[u] = d * candidate * input * (1.0F - input);
        f[u] = d * before[u] * forget * (1.0F - forget);
        g[u] = d * input * (1.0F - candidate * candidate);
        o[u] = dh[u] * tc * output * (1.0F - output);
        dc[u] = d * forget;
    }
}

void cells_forward(std::int64_t rows, std::int64_t hidden, float* gates, const float* c_before, float* c, float* h) {
    for (std::int64_t row = 0; row < rows; ++row) {
        float* gate = gates + row * 4 * hidden;
        const std::int64_t at = row * hidden;
        row_forward(hidden, gate, gate + hidden, gate + 2 * hidden, gate + 3 * hidden, c_before + at, c + at, h + at);
    }
}

void cells_backward(std::int64_t rows, std::int64_t hidden, float* gates, const float* c_before, const float* c,
                    const float* dh, float* dc) {
    for (std::int64_t row = 0; row < rows; ++row) {
        float* gate = gates + row * 4 * hidden;
        const std::int64_t at = row * hidden;
        row_backward(hidden, gate, gate + hidden, gate + 2 * hidden, gate + 3 * hidden, c_before + at, c + at, dh + at,
                     dc + at);
    }
}

void gru_row_forward(std::int64_t hidden, float* __restrict r, float* __restrict x, const float* __restrict of_h,
                     float* __restrict z, const float* __restrict before, float* __restrict h) {
    for (std::int64_t u = 0; u < hidden; ++u) {
        const float reset = fast_sigmoid(r[u]);
        const float update = fast_sigmoid(z[u]);
        const float candidate = fast_tanh(x[u] + reset * of_h[u]);
        r[u] = reset;
        x[u] = candidate;
        z[u] = update;
        h[u] = candidate + update * (before[u] - candidate);
    }
}

void gru_row_backward(std::int64_t hidden, float* __restrict r, float* __restrict x, float* __restrict of_h,
                      float* __restrict z, const float* __restrict before, float* __restrict dh) {
    for (std::int64_t u = 0; u < hidden; ++u) {
        const float reset = r[u];
        const float candidate = x[u];
        const float update = z[u];
        const float d = dh[u];
        const float sum = d * (1.0F - update) * (1.0F - candidate * candidate);
        r[u] = sum * of_h[u] * reset * (1.0F - reset);
        x[u] = sum;
        of_h[u] = sum * reset;
        z[u] = d * (before[u] - candidate) * update * (1.0F - update);
        dh[u] = d * update;
    }
}

void gru_forward(std::int64_t rows, std::int64_t hidden, float* gates, const float* h_before, float* h) {
    for (std::int64_t row = 0; row < rows; ++row) {
        float* gate = gates + row * 4 * hidden;
        const std::int64_t at = row * hidden;
        gru_row_forward(hidden, gate, gate + hidden, gate + 2 * hidden, gate + 3 * hidden, h_before + at, h + at);
    }
}

void gru_backward(std::int64_t rows, std::int64_t hidden, float* gates, const float* h_before, float* dh) {
    for (std::int64_t row = 0; row < rows; ++row) {
        float* gate = gates + row * 4 * hidden;
        const std::int64_t at = row * hidden;
        gru_row_backward(hidden, gate, gate + hidden, gate + 2 * hidden, gate + 3 * hidden, h_before + at, dh + at);
    }
}

void adam(std::int64_t count, const AdamStep& step, float* weight, const float* gradient, float* m, float* v) {
    const AdamStep s = step;
    const float rate = s.learning_rate / s.correction1;
    const float root = 1.0F / std::sqrt(s.correction2);
    const float clip = s.clip > 0 ? s.clip : 3e38F;
    float* __restrict w = weight;
    const float* __restrict grad = gradient;
    float* __restrict first = m;
    float* __restrict second = v;
    for (std::int64_t k = 0; k < count; ++k) {
        const float g = grad[k] * s.gradient_scale;
        first[k] = s.beta1 * first[k] + (1 - s.beta1) * g;
        second[k] = s.beta2 * second[k] + (1 - s.beta2) * g * g;
        float next = w[k] - rate * first[k] / (std::sqrt(second[k]) * root + s.epsilon);
        next = next > clip ? clip : next;
        w[k] = next < -clip ? -clip : next;
    }
}

/// A hash of 32 bits (after Mueller's and Wellons' searches for good constants).
inline std::uint32_t mixed(std::uint32_t x) {
    x ^= x >> 16;
    x *= 0x7feb352dU;
    x ^= x >> 15;
    x *= 0x846ca68bU;
    x ^= x >> 16;
    return x;
}

void dropout(std::int64_t count, float rate, std::uint64_t seed, float* values) {
    const auto low = static_cast<std::uint32_t>(seed);
    const auto high = static_cast<std::uint32_t>(seed >> 32);
    const auto limit = static_cast<std::int32_t>(rate * 2147483648.0F);
    const float kept = 1.0F / (1.0F - rate);
    float* __restrict value = values;
    for (std::int64_t k = 0; k < count; ++k) {
        const std::uint32_t drawn = mixed(mixed(static_cast<std::uint32_t>(k) + low) ^ high);
        value[k] = static_cast<std::int32_t>(drawn >> 1) < limit ? 0.0F : value[k] * kept;
    }
}

double softmax_nats(std::int64_t rows, std::int64_t classes, float* logits, const std::int32_t* labels) {
    double nats = 0;
    for (std::int64_t row = 0; row < rows; ++row) {
        float* __restrict z = logits + row * classes;
        float most = z[0];
        for (std::int64_t k = 1; k < classes; ++k) most = z[k] > most ? z[k] : most;
        const float label = z[labels[row]] - most;
        for (std::int64_t k = 0; k < classes; ++k) z[k] = fast_exp(z[k] - most);
        float sum = 0;
        for (std::int64_t k = 0; k < classes; ++k) sum += z[k];
        const float part = 1.0F / sum;
        for (std::int64_t k = 0; k < classes; ++k) z[k] *= part;
        nats += static_cast<double>(std::log(sum)) - static_cast<double>(label);
    }
    return nats;
}

constexpr Kernels kLoops = {BRU_KERNELS_NAME, cells_forward, cells_backward, gru_forward,
                            gru_backward,     adam,          dropout,        softmax_nats};

} // namespace
} // namespace bru::train
