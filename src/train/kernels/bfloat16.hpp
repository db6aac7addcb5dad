// Matrix products of bfloat16 numbers, summed in single precision: twice the speed of the BLAS where the host has
// AVX512_BF16. Training tolerates the rounding: activations of the machine have 8 bits, too, and binary weights are
// exact.
#pragma once

#include <cstdint>
#include <vector>

namespace bru::train {

/// The functions below may be called only where this is true.
bool host_has_bfloat16();

/// Pairs of bfloat16 along k: element (k, n) is half k % 2 of pairs[(n / 48) * (pair_rows * 48) + (k / 2) * 48 + n %
/// 48].
struct PackedMatrix {
    std::int64_t k = 0;
    std::int64_t n = 0;
    std::vector<std::uint32_t> pairs;

    std::int64_t pair_rows() const { return (k + 1) / 2; }
};

/// Packs the k x n matrix whose element (k, n) is at source[k * k_stride + n * n_stride].
void pack_matrix(const float* source, std::int64_t k, std::int64_t n, std::int64_t k_stride, std::int64_t n_stride,
                 PackedMatrix& packed);

/// Bytes of the scratch of multiply(): rows x k, each row an even number of bfloat16.
inline std::int64_t scratch_size(std::int64_t rows, std::int64_t k) { return rows * ((k + 1) / 2); }

/// c [rows, n] (+)= a [rows, k] * b. `scratch` has scratch_size(rows, k) elements.
void multiply(std::int64_t rows, const float* a, const PackedMatrix& b, bool add, float* c, std::uint32_t* scratch);

/// c [m, n] = transpose of a [k, m] * b [k, n]: what a weight's gradient is, over k = steps x batch.
void multiply_transposed(std::int64_t k, std::int64_t m, std::int64_t n, const float* a, const float* b, float* c);

} // namespace bru::train
