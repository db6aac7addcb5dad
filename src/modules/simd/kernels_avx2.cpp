// AVX2 kernels: masked sums by byte shuffles (kernels_bytes.ipp).
// This file alone is compiled for AVX2; kernels_dispatch.cpp calls it only where the host has it.
#include <cstring>

#include "modules/simd/kernels.hpp"

#if defined(__AVX2__)
#include <immintrin.h>

namespace bru::simd {
namespace {

#include "modules/simd/kernels_rows.ipp"

#include "modules/simd/kernels_bytes.ipp"

/// Where entry e of a table finds its share of input k, as byte numbers for a shuffle: the input's positive value where
/// the entry holds it (words 0 to 3), else its negative value without sign (words 4 to 7).
struct Shares {
    alignas(32) std::uint8_t bytes[kInputs][2 * kEntries];
};
constexpr Shares make_shares() {
    Shares shares{};
    for (int input = 0; input < kInputs; ++input)
        for (int entry = 0; entry < static_cast<int>(kEntries); ++entry)
            for (int byte = 0; byte < 2; ++byte)
                shares.bytes[input][2 * entry + byte] =
                    static_cast<std::uint8_t>(2 * (input + ((entry >> input & 1) != 0 ? 0 : kInputs)) + byte);
    return shares;
}
constexpr Shares kShares = make_shares();

/// The 16 sums of four activations.
inline __m256i table_sums(const std::int16_t* activations) {
    const __m128i values = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(activations));
    const __m128i both = _mm_unpacklo_epi64(values, _mm_sub_epi16(_mm_setzero_si128(), values));
    const __m256i parts = _mm256_broadcastsi128_si256(_mm_max_epi16(both, _mm_setzero_si128()));
    __m256i sums = _mm256_setzero_si256();
    for (const auto& share : kShares.bytes)
        sums = _mm256_add_epi16(sums,
                                _mm256_shuffle_epi8(parts, _mm256_load_si256(reinterpret_cast<const __m256i*>(share))));
    return sums;
}

inline int build_table(const std::int16_t* activations, std::uint8_t* table) {
    const __m256i sums = table_sums(activations);
    const __m256i low = _mm256_and_si256(sums, _mm256_set1_epi16((1 << kLowBits) - 1));
    const __m256i bytes = _mm256_packus_epi16(low, _mm256_srli_epi16(sums, kLowBits));
    _mm256_store_si256(reinterpret_cast<__m256i*>(table), _mm256_permute4x64_epi64(bytes, 0xD8));
    return _mm256_extract_epi16(sums, 0);
}

/// 16-bit sums of 32 rows, in the order in which byte unpacking leaves them.
struct WordSums {
    __m256i rows_0_7_16_23;
    __m256i rows_8_15_24_31;
};

/// Adds sums of low and high bits in bytes.
inline void add_bytes(WordSums& words, __m256i low, __m256i high) {
    const __m256i weights = _mm256_set1_epi16(1 | (1 << kLowBits) << 8);
    words.rows_0_7_16_23 =
        _mm256_add_epi16(words.rows_0_7_16_23, _mm256_maddubs_epi16(_mm256_unpacklo_epi8(low, high), weights));
    words.rows_8_15_24_31 =
        _mm256_add_epi16(words.rows_8_15_24_31, _mm256_maddubs_epi16(_mm256_unpackhi_epi8(low, high), weights));
}

/// sums[0..31] (32 bits) = or += words.
inline void flush(const WordSums& words, bool first, std::int32_t* sums) {
    const __m128i quarters[4] = {
        _mm256_castsi256_si128(words.rows_0_7_16_23), _mm256_castsi256_si128(words.rows_8_15_24_31),
        _mm256_extracti128_si256(words.rows_0_7_16_23, 1), _mm256_extracti128_si256(words.rows_8_15_24_31, 1)};
    for (int quarter = 0; quarter < 4; ++quarter) {
        auto* target = reinterpret_cast<__m256i*>(sums + std::ptrdiff_t{8} * quarter);
        __m256i result = _mm256_cvtepi16_epi32(quarters[quarter]);
        if (!first) result = _mm256_add_epi32(result, _mm256_loadu_si256(target));
        _mm256_storeu_si256(target, result);
    }
}

/// One block of 64 rows: eight registers of sums and the table's two stay in registers.
inline void block_sums(const std::uint8_t* index, const std::uint8_t* table, int count, bool first,
                       std::int32_t* sums) {
    const std::uint8_t* offset = table + static_cast<std::size_t>(count) * kTableBytes;
    const __m256i too_much = _mm256_set1_epi16(*reinterpret_cast<const std::int16_t*>(offset));
    const __m256i start = _mm256_sub_epi16(_mm256_setzero_si256(), too_much); // modulo 2^16, in which the sums fit
    WordSums words[2] = {{start, start}, {start, start}};
    for (int left = count; left > 0; left -= kIndicesInBytes) {
        __m256i low0 = _mm256_setzero_si256();
        __m256i low1 = low0;
        __m256i high0 = low0;
        __m256i high1 = low0;
        for (int k = left < kIndicesInBytes ? left : kIndicesInBytes; k > 0; --k) {
            const __m256i low = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(table)));
            const __m256i high =
                _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(table + kEntries)));
            const __m256i index0 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(index));
            const __m256i index1 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(index + 32));
            low0 = _mm256_add_epi8(low0, _mm256_shuffle_epi8(low, index0));
            low1 = _mm256_add_epi8(low1, _mm256_shuffle_epi8(low, index1));
            high0 = _mm256_add_epi8(high0, _mm256_shuffle_epi8(high, index0));
            high1 = _mm256_add_epi8(high1, _mm256_shuffle_epi8(high, index1));
            index += kRowTile;
            table += kTableBytes;
        }
        add_bytes(words[0], low0, high0);
        add_bytes(words[1], low1, high1);
    }
    flush(words[0], first, sums);
    flush(words[1], first, sums + 32);
}

/// Shifted sums of eight rows, 32 bits each.
inline __m256i narrow_sums(const ScaleBiasArguments& a, std::size_t row, const __m128i doublings[2],
                           const __m256i activation_sums[2], __m128i right, __m128i left) {
    __m256i even = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a.even_bias + row / 2));
    __m256i odd = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a.odd_bias + row / 2));
    for (int part = 0; part < 2; ++part) {
        const __m256i m = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a.parts[part] + row));
        const __m256i operands = _mm256_sub_epi32(_mm256_sll_epi32(m, doublings[part]), activation_sums[part]);
        const __m256i mantissas = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a.mantissas[part] + row));
        even = _mm256_add_epi64(even, _mm256_mul_epi32(operands, mantissas));
        odd =
            _mm256_add_epi64(odd, _mm256_mul_epi32(_mm256_srli_epi64(operands, 32), _mm256_srli_epi64(mantissas, 32)));
    }
    return _mm256_blend_epi32(_mm256_srl_epi64(even, right), _mm256_sll_epi64(odd, left), 0xAA);
}

void scale_bias_z(const ScaleBiasArguments& a, std::size_t begin, std::size_t end, std::int16_t* z) {
    if (!a.narrow) return scale_bias_wide_z(a, begin, end, z);
    __m128i doublings[2];
    __m256i activation_sums[2];
    for (int part = 0; part < 2; ++part) {
        doublings[part] = _mm_cvtsi32_si128(a.masked_sum[part] ? 1 : 0);
        activation_sums[part] = _mm256_set1_epi32(a.masked_sum[part] ? a.activation_sums[part] : 0);
    }
    const __m128i right = _mm_cvtsi32_si128(a.shift);
    const __m128i left = _mm_cvtsi32_si128(32 - a.shift);
    for (std::size_t row = begin; row < end; row += 16) {
        const __m256i first = narrow_sums(a, row, doublings, activation_sums, right, left);
        const __m256i second = narrow_sums(a, row + 8, doublings, activation_sums, right, left);
        const __m256i saturated = _mm256_packs_epi32(first, second);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(z + row), _mm256_permute4x64_epi64(saturated, 0xD8));
    }
}

} // namespace

const Kernels& avx2_kernels() {
    static const Kernels instance = [] {
        Kernels kernels = kernels_by_shuffles<build_table, block_sums>("avx2");
        kernels.scale_bias_z = scale_bias_z;
        return kernels;
    }();
    return instance;
}

} // namespace bru::simd
#endif
