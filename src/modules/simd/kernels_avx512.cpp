// AVX-512 kernels: tables of 32 sums for five inputs, each one register, looked up by word permutation.
// This file alone is compiled for AVX-512; kernels_dispatch.cpp calls it only where the host has it.
#include "modules/simd/kernels.hpp"

#if defined(__AVX512BW__)
#include <immintrin.h>

namespace bru::simd {
namespace {

#include "modules/simd/kernels_rows.ipp"

constexpr int kInputs = 5;
constexpr int kEntries = 1 << kInputs;
constexpr std::size_t kTableBytes = kEntries * sizeof(std::int16_t);

/// Bit e of the mask of input k: entry e of a table holds that input.
constexpr __mmask32 kEntriesWithInput[kInputs] = {0xAAAAAAAA, 0xCCCCCCCC, 0xF0F0F0F0, 0xFF00FF00, 0xFFFF0000};

void build_tables(const std::int16_t* activations, int columns, int columns_per_block, void* tables) {
    auto* table = static_cast<std::uint8_t*>(tables);
    for (int block = 0; block < columns; block += columns_per_block) {
        for (int column = 0; column < columns_per_block; column += kInputs, table += kTableBytes) {
            const int block_end = block + columns_per_block < columns ? block + columns_per_block : columns;
            const int inputs = block_end - block - column < kInputs ? block_end - block - column : kInputs;
            __m512i sums = _mm512_setzero_si512();
            for (int input = 0; input < inputs; ++input)
                sums = _mm512_mask_add_epi16(sums, kEntriesWithInput[input], sums,
                                             _mm512_set1_epi16(activations[block + column + input]));
            _mm512_store_si512(table, sums);
        }
    }
}

/// sums[0..31] (32 bits) = or += 32 sums of 16 bits.
inline void flush(__m512i accumulator, bool first, std::int32_t* sums) {
    __m512i low = _mm512_cvtepi16_epi32(_mm512_castsi512_si256(accumulator));
    __m512i high = _mm512_cvtepi16_epi32(_mm512_extracti64x4_epi64(accumulator, 1));
    if (!first) {
        low = _mm512_add_epi32(low, _mm512_loadu_si512(sums));
        high = _mm512_add_epi32(high, _mm512_loadu_si512(sums + 16));
    }
    _mm512_storeu_si512(sums, low);
    _mm512_storeu_si512(sums + 16, high);
}

void masked_sums(const void* indices, const void* tables, int blocks, int indices_per_block, std::size_t row_begin,
                 std::size_t row_end, std::int32_t* sums) {
    const std::size_t tile_words = static_cast<std::size_t>(blocks * indices_per_block) * kRowTile;
    for (std::size_t row = row_begin; row < row_end; row += kRowTile) {
        const auto* index = static_cast<const std::uint16_t*>(indices) + row / kRowTile * tile_words;
        const auto* table = static_cast<const std::uint8_t*>(tables);
        for (int block = 0; block < blocks; ++block) {
            __m512i sum0 = _mm512_setzero_si512();
            __m512i sum1 = sum0;
            __m512i sum2 = sum0;
            __m512i sum3 = sum0;
            for (int group = 0; group < indices_per_block; ++group, index += kRowTile, table += kTableBytes) {
                const __m512i entries = _mm512_load_si512(table);
                sum0 = _mm512_add_epi16(sum0, _mm512_permutexvar_epi16(_mm512_loadu_si512(index), entries));
                sum1 = _mm512_add_epi16(sum1, _mm512_permutexvar_epi16(_mm512_loadu_si512(index + 32), entries));
                sum2 = _mm512_add_epi16(sum2, _mm512_permutexvar_epi16(_mm512_loadu_si512(index + 64), entries));
                sum3 = _mm512_add_epi16(sum3, _mm512_permutexvar_epi16(_mm512_loadu_si512(index + 96), entries));
            }
            flush(sum0, block == 0, sums + row);
            flush(sum1, block == 0, sums + row + 32);
            flush(sum2, block == 0, sums + row + 64);
            flush(sum3, block == 0, sums + row + 96);
        }
    }
}

void look_up(const std::int32_t* values, const std::int32_t* table, int address_bits, std::size_t count,
             std::int32_t* results) {
    const int shift = 16 - address_bits;
    const __m512i half = _mm512_set1_epi32(1 << (shift - 1));
    const __m512i high = _mm512_set1_epi32((1 << (address_bits - 1)) - 1);
    const __m512i index_mask = _mm512_set1_epi32((1 << address_bits) - 1);
    const __m128i shift_count = _mm_cvtsi32_si128(shift);
    for (std::size_t k = 0; k < count; k += 16) {
        const __mmask16 lanes = count - k >= 16 ? __mmask16{0xFFFF} : static_cast<__mmask16>((1U << (count - k)) - 1);
        __m512i address = _mm512_add_epi32(_mm512_maskz_loadu_epi32(lanes, values + k), half);
        address = _mm512_min_epi32(_mm512_sra_epi32(address, shift_count), high);
        address = _mm512_and_si512(address, index_mask);
        _mm512_mask_storeu_epi32(results + k, lanes, _mm512_i32gather_epi32(address, table, 4));
    }
}

} // namespace

const Kernels& avx512_kernels() {
    static const Kernels instance{"avx512",   kInputs, 2,          kTableBytes, build_tables, masked_sums,
                                  scale_bias, look_up, next_cells, cells_as_z,  next_hidden};
    return instance;
}

} // namespace bru::simd
#endif
