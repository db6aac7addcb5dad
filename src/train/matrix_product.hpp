// Products with one matrix that is used many times: packed once for bfloat16 where that is in use, else left to the
// BLAS.
#pragma once

#include <ATen/ATen.h>

#include "train/kernels/bfloat16.hpp"

namespace bru::train {

enum class Arithmetic { single, bfloat16 };

/// How the products of LSTM layers are computed; sums and everything else are single precision in both. The default is
/// bfloat16 where the host has it.
Arithmetic arithmetic();
/// Throws InputError where the host lacks it.
void set_arithmetic(Arithmetic wanted);

/// a [rows, k] times one k x n matrix.
class MatrixProduct {
public:
    /// matrix [k, n], or [n, k] where `transposed`; floats, contiguous; must outlive this.
    MatrixProduct(const at::Tensor& matrix, bool transposed);

    /// c [rows, n] (+)= a [rows, k] * matrix.
    void multiply(std::int64_t rows, const float* a, bool add, float* c);

private:
    at::Tensor matrix_; ///< [k, n], a view
    PackedMatrix packed_;
    std::vector<std::uint32_t> scratch_;
    bool bfloat16_ = false;
};

/// a [k, m] and b [k, n]: the [m, n] product of a transposed and b.
at::Tensor transposed_product(const at::Tensor& a, const at::Tensor& b);

/// x [steps, batch, k] times the transpose of weights [n, k], plus bias [n]: the input part of a layer, with its
/// gradients.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weights, const at::Tensor& bias);

} // namespace bru::train
