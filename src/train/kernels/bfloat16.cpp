// Register tiles of 8 x 48: 24 accumulators of 16 sums; compiled for AVX512_BF16 and called only where the host has it.
#include "train/kernels/bfloat16.hpp"

#include <algorithm>

#if defined(__AVX512BF16__)
#include <immintrin.h>
#endif

namespace bru::train {

#if defined(__AVX512BF16__)
namespace {

constexpr std::int64_t kTileRows = 8;
constexpr std::int64_t kTileVectors = 3;
constexpr std::int64_t kLanes = 16;
constexpr std::int64_t kTileColumns = kTileVectors * kLanes;
constexpr std::int64_t kBlockPairs = 256; ///< pairs of k of one block: b's block stays in the second-level cache

__mmask16 lanes_of(std::int64_t columns) {
    return static_cast<__mmask16>(columns >= kLanes ? 0xffffU : columns <= 0 ? 0U : (1U << columns) - 1U);
}

/// Left operand: the pair of row r and pair row p is at pairs[r * row_stride + p * pair_stride].
struct Left {
    const std::uint32_t* pairs;
    std::int64_t row_stride;
    std::int64_t pair_stride;
};

template <int kRows>
void tile(const Left& a, const std::uint32_t* b, std::int64_t pair_rows, bool add, float* c, std::int64_t c_stride,
          std::int64_t columns) {
    const __mmask16 mask[kTileVectors] = {lanes_of(columns), lanes_of(columns - kLanes),
                                          lanes_of(columns - 2 * kLanes)};
    __m512 sum[kRows][kTileVectors];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 3
        for (int v = 0; v < kTileVectors; ++v)
            sum[r][v] = add ? _mm512_maskz_loadu_ps(mask[v], c + r * c_stride + v * kLanes) : _mm512_setzero_ps();
    const std::uint32_t* left = a.pairs;
    for (std::int64_t p = 0; p < pair_rows; ++p) {
        const __m512bh b0 = reinterpret_cast<__m512bh>(_mm512_loadu_si512(b));
        const __m512bh b1 = reinterpret_cast<__m512bh>(_mm512_loadu_si512(b + kLanes));
        const __m512bh b2 = reinterpret_cast<__m512bh>(_mm512_loadu_si512(b + 2 * kLanes));
#pragma GCC unroll 8
        for (int r = 0; r < kRows; ++r) {
            const auto pair = reinterpret_cast<__m512bh>(_mm512_set1_epi32(left[r * a.row_stride]));
            sum[r][0] = _mm512_dpbf16_ps(sum[r][0], pair, b0);
            sum[r][1] = _mm512_dpbf16_ps(sum[r][1], pair, b1);
            sum[r][2] = _mm512_dpbf16_ps(sum[r][2], pair, b2);
        }
        left += a.pair_stride;
        b += kTileColumns;
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 3
        for (int v = 0; v < kTileVectors; ++v) _mm512_mask_storeu_ps(c + r * c_stride + v * kLanes, mask[v], sum[r][v]);
}

using Tile = void (*)(const Left&, const std::uint32_t*, std::int64_t, bool, float*, std::int64_t, std::int64_t);
constexpr Tile kTiles[] = {tile<1>, tile<2>, tile<3>, tile<4>, tile<5>, tile<6>, tile<7>, tile<8>};

/// 16 pairs (low[n], high[n]).
__m512i paired(__m512 low, __m512 high) {
    const auto l = _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(low)));
    const auto h = _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(high)));
    return _mm512_or_si512(l, _mm512_slli_epi32(h, 16));
}

void to_pairs(const float* source, std::int64_t count, std::uint32_t* pairs) {
    for (std::int64_t k = 0; k < count; k += kLanes) {
        const __mmask16 mask = lanes_of(count - k);
        const auto half = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, source + k)));
        const auto kept = static_cast<__mmask8>(lanes_of((count - k + 1) / 2));
        _mm256_mask_storeu_epi32(pairs + k / 2, kept, half);
    }
}

/// Rows [2 first, 2 last) of a [k, n] with unit column stride, as tiles of `width` columns: out[(n / width) * pairs *
/// width + p * width + n % width].
void pack_rows(const float* source, std::int64_t k, std::int64_t n, std::int64_t first, std::int64_t last,
               std::int64_t width, std::uint32_t* out) {
    const std::int64_t pairs = last - first;
    for (std::int64_t p = first; p < last; ++p) {
        const float* low = source + 2 * p * n;
        const bool has_high = 2 * p + 1 < k;
        for (std::int64_t j = 0; j < n; j += 8) {
            const __mmask16 mask = lanes_of(std::min<std::int64_t>(8, n - j));
            const __m512 l = _mm512_maskz_loadu_ps(mask, low + j);
            const __m512 h = has_high ? _mm512_maskz_loadu_ps(mask, low + n + j) : _mm512_setzero_ps();
            _mm256_storeu_si256(
                reinterpret_cast<__m256i*>(out + (j / width) * pairs * width + (p - first) * width + j % width),
                _mm512_castsi512_si256(paired(l, h)));
        }
    }
}

std::int64_t rounded_up(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit * unit; }

} // namespace

void pack_matrix(const float* source, std::int64_t k, std::int64_t n, std::int64_t k_stride, std::int64_t n_stride,
                 PackedMatrix& packed) {
    packed.k = k;
    packed.n = n;
    const std::int64_t pairs = packed.pair_rows();
    packed.pairs.assign(rounded_up(n, kTileColumns) * pairs, 0);
    std::uint32_t* out = packed.pairs.data();
    if (n_stride == 1 && k_stride == n) {
        pack_rows(source, k, n, 0, pairs, kTileColumns, out);
        return;
    }
    std::vector<std::uint32_t> column(pairs + 1);
    std::vector<float> gathered(k);
    for (std::int64_t j = 0; j < n; ++j) {
        const float* values = source + j * n_stride;
        if (k_stride != 1) {
            for (std::int64_t i = 0; i < k; ++i) gathered[i] = values[i * k_stride];
            values = gathered.data();
        }
        to_pairs(values, k, column.data());
        std::uint32_t* tile_column = out + (j / kTileColumns) * pairs * kTileColumns + j % kTileColumns;
        for (std::int64_t p = 0; p < pairs; ++p) tile_column[p * kTileColumns] = column[p];
    }
}

void multiply(std::int64_t rows, const float* a, const PackedMatrix& b, bool add, float* c, std::uint32_t* scratch) {
    const std::int64_t pairs = b.pair_rows();
    for (std::int64_t r = 0; r < rows; ++r) to_pairs(a + r * b.k, b.k, scratch + r * pairs);
    // Blocks of rows keep the left operand in the caches; the panels of b pass by once a block.
    constexpr std::int64_t kBlockRows = 128;
    for (std::int64_t start = 0; start < rows; start += kBlockRows) {
        const std::int64_t end = std::min(rows, start + kBlockRows);
        for (std::int64_t j = 0; j < b.n; j += kTileColumns) {
            const std::uint32_t* panel = b.pairs.data() + j * pairs;
            for (std::int64_t r = start; r < end; r += kTileRows) {
                const std::int64_t count = std::min(kTileRows, end - r);
                kTiles[count - 1]({scratch + r * pairs, pairs, 1}, panel, pairs, add, c + r * b.n + j, b.n, b.n - j);
            }
        }
    }
}

void multiply_transposed(std::int64_t k, std::int64_t m, std::int64_t n, const float* a, const float* b, float* c) {
    const std::int64_t pairs = (k + 1) / 2;
    std::vector<std::uint32_t> left(rounded_up(m, kTileRows) * kBlockPairs);
    std::vector<std::uint32_t> right(rounded_up(n, kTileColumns) * kBlockPairs);
    for (std::int64_t first = 0; first < pairs; first += kBlockPairs) {
        const std::int64_t count = std::min(kBlockPairs, pairs - first);
        pack_rows(a, k, m, first, first + count, kTileRows, left.data());
        pack_rows(b, k, n, first, first + count, kTileColumns, right.data());
        for (std::int64_t r = 0; r < m; r += kTileRows) {
            const Left rows{left.data() + r * count, 1, kTileRows};
            for (std::int64_t j = 0; j < n; j += kTileColumns)
                kTiles[std::min(kTileRows, m - r) - 1](rows, right.data() + j * count, count, first > 0, c + r * n + j,
                                                       n, n - j);
        }
    }
}

#else // never called: host_has_bfloat16() is false

void pack_matrix(const float*, std::int64_t, std::int64_t, std::int64_t, std::int64_t, PackedMatrix&) {}
void multiply(std::int64_t, const float*, const PackedMatrix&, bool, float*, std::uint32_t*) {}
void multiply_transposed(std::int64_t, std::int64_t, std::int64_t, const float*, const float*, float*) {}

#endif

} // namespace bru::train
