// AVX-512 kernels: tables of 32 sums for five inputs, each one register, looked up by word permutation, which takes
// the low five bits of a word: a word holds three indices, so that the weights stay in the first cache.
// This file alone is compiled for AVX-512; kernels_dispatch.cpp calls it only where the host has it.
#include <cstring>

#include "modules/simd/kernels.hpp"

#if defined(__AVX512BW__)
#include <immintrin.h>

namespace bru::simd {
namespace {

#include "modules/simd/kernels_rows.ipp"

constexpr int kInputs = 5;
constexpr int kIndicesPerWord = 3;
constexpr std::size_t kTableBytes = 32 * sizeof(std::int16_t);

/// Bit e of the mask of input k: entry e of a table holds that input.
constexpr __mmask32 kEntriesWithInput[kInputs] = {0xAAAAAAAA, 0xCCCCCCCC, 0xF0F0F0F0, 0xFF00FF00, 0xFFFF0000};

inline __m512i build_table(const std::int16_t* activations, int inputs) {
    __m512i sums = _mm512_setzero_si512();
    for (int input = 0; input < inputs; ++input)
        sums = _mm512_mask_add_epi16(sums, kEntriesWithInput[input], sums, _mm512_set1_epi16(activations[input]));
    return sums;
}

void build_tables(const std::int16_t* activations, const ColumnBlocks& cut, void* tables) {
    auto* table = static_cast<std::uint8_t*>(tables);
    for (int block = 0; block < cut.blocks; ++block) {
        const int begin = block * cut.block_columns;
        const int end = begin + cut.block_columns < cut.columns ? begin + cut.block_columns : cut.columns;
        for (int index = 0; index < cut.block_indices; ++index, table += kTableBytes) {
            const int column = begin + index * kInputs;
            if (end - column >= kInputs)
                _mm512_store_si512(table, build_table(activations + column, kInputs)); // the compiler unrolls this one
            else
                _mm512_store_si512(table, build_table(activations + column, end > column ? end - column : 0));
        }
    }
}

/// 16-bit sums of a tile.
struct TileSums {
    __m512i rows[4];
};

/// Looks up the lowest index of each word.
inline void add_entries(TileSums& sums, const TileSums& words, const std::uint8_t* table) {
    const __m512i entries = _mm512_load_si512(table);
    for (int k = 0; k < 4; ++k)
        sums.rows[k] = _mm512_add_epi16(sums.rows[k], _mm512_permutexvar_epi16(words.rows[k], entries));
}

/// The words' upper indices, from the n-th on. The high half of a product is a shift that leaves the ports of the
/// permutations free.
inline TileSums index_of(const TileSums& words, int n) {
    TileSums shifted;
    const __m512i factor = _mm512_set1_epi16(static_cast<std::int16_t>(1 << (16 - n * kInputs)));
    for (int k = 0; k < 4; ++k) shifted.rows[k] = _mm512_mulhi_epu16(words.rows[k], factor);
    return shifted;
}

/// sums[0..127] (32 bits) = or += the tile's.
inline void flush(const TileSums& tile, bool first, std::int32_t* sums) {
    for (int k = 0; k < 4; ++k, sums += 32) {
        __m512i low = _mm512_cvtepi16_epi32(_mm512_castsi512_si256(tile.rows[k]));
        __m512i high = _mm512_cvtepi16_epi32(_mm512_extracti64x4_epi64(tile.rows[k], 1));
        if (!first) {
            low = _mm512_add_epi32(low, _mm512_loadu_si512(sums));
            high = _mm512_add_epi32(high, _mm512_loadu_si512(sums + 16));
        }
        _mm512_storeu_si512(sums, low);
        _mm512_storeu_si512(sums + 16, high);
    }
}

void masked_sums(const void* indices, const void* tables, const ColumnBlocks& cut, std::size_t row_begin,
                 std::size_t row_end, std::int32_t* sums) {
    const int full_words = cut.block_indices / kIndicesPerWord;
    const int more_indices = cut.block_indices % kIndicesPerWord;
    const int words_per_block = full_words + (more_indices > 0 ? 1 : 0);
    const auto words_per_row = static_cast<std::size_t>(std::int64_t{cut.blocks} * words_per_block);
    const auto* word = static_cast<const std::uint16_t*>(indices) + row_begin * words_per_row;
    for (std::size_t row = row_begin; row < row_end; row += kRowTile) {
        const auto* table = static_cast<const std::uint8_t*>(tables);
        for (int block = 0; block < cut.blocks; ++block) {
            TileSums tile;
            for (auto& sum : tile.rows) sum = _mm512_setzero_si512();
            const auto take_words = [&] {
                TileSums words;
                for (std::size_t k = 0; k < 4; ++k) words.rows[k] = _mm512_loadu_si512(word + 32 * k);
                word += kRowTile;
                return words;
            };
            for (int k = 0; k < full_words; ++k, table += kIndicesPerWord * kTableBytes) {
                const TileSums words = take_words();
                add_entries(tile, words, table);
                add_entries(tile, index_of(words, 1), table + kTableBytes);
                add_entries(tile, index_of(words, 2), table + 2 * kTableBytes);
            }
            if (more_indices > 0) {
                const TileSums words = take_words();
                add_entries(tile, words, table);
                if (more_indices > 1) add_entries(tile, index_of(words, 1), table + kTableBytes);
                table += static_cast<std::size_t>(more_indices) * kTableBytes;
            }
            flush(tile, block == 0, sums + row);
        }
    }
}

/// The parts of 16 rows times their mantissas are added to the sums of even and odd rows.
struct RowSums {
    __m512i even;
    __m512i odd;
};

inline RowSums add_part(RowSums sums, __m512i operands, const std::int32_t* mantissas) {
    const __m512i factors = _mm512_loadu_si512(mantissas);
    sums.even = _mm512_add_epi64(sums.even, _mm512_mul_epi32(operands, factors));
    sums.odd =
        _mm512_add_epi64(sums.odd, _mm512_mul_epi32(_mm512_srli_epi64(operands, 32), _mm512_srli_epi64(factors, 32)));
    return sums;
}

void scale_bias_z(const ScaleBiasArguments& a, std::size_t begin, std::size_t end, std::int16_t* z) {
    if (!a.narrow) return scale_bias_wide_z(a, begin, end, z);
    __m128i doublings[2];
    __m512i activation_sums[2];
    for (int part = 0; part < 2; ++part) {
        doublings[part] = _mm_cvtsi32_si128(a.masked_sum[part] ? 1 : 0);
        activation_sums[part] = _mm512_set1_epi32(a.masked_sum[part] ? a.activation_sums[part] : 0);
    }
    const __m128i right = _mm_cvtsi32_si128(a.shift);
    const __m128i left = _mm_cvtsi32_si128(32 - a.shift);
    for (std::size_t row = begin; row < end; row += 16) {
        RowSums sums{_mm512_loadu_si512(a.even_bias + row / 2), _mm512_loadu_si512(a.odd_bias + row / 2)};
        for (int part = 0; part < 2; ++part) {
            const __m512i m = _mm512_loadu_si512(a.parts[part] + row);
            sums = add_part(sums, _mm512_sub_epi32(_mm512_sll_epi32(m, doublings[part]), activation_sums[part]),
                            a.mantissas[part] + row);
        }
        const __m512i shifted = _mm512_mask_blend_epi32(__mmask16{0xAAAA}, _mm512_srl_epi64(sums.even, right),
                                                        _mm512_sll_epi64(sums.odd, left));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(z + row), _mm512_cvtsepi32_epi16(shifted));
    }
}

constexpr int kRegisterEntries = 32;
constexpr int kMostPermutedBits = 10; ///< of an address: a longer table is faster in memory

/// kVectors * 32 entries out of a table in registers, 64 entries at a time: an element takes its own when its address'
/// upper bits say so, until then it is the address.
template <int kVectors>
inline void permute_table(__m512i* elements, const std::int16_t* table, int address_bits) {
    __m512i upper[kVectors];
    for (int v = 0; v < kVectors; ++v) upper[v] = _mm512_srli_epi16(elements[v], 6);
    for (int part = 0; part < 1 << (address_bits - 6 > 0 ? address_bits - 6 : 0); ++part) {
        const __m512i low = _mm512_loadu_si512(table + std::ptrdiff_t{2} * part * kRegisterEntries);
        const __m512i high = _mm512_loadu_si512(table + (std::ptrdiff_t{2} * part + 1) * kRegisterEntries);
        const __m512i number = _mm512_set1_epi16(static_cast<std::int16_t>(part));
        for (int v = 0; v < kVectors; ++v)
            elements[v] =
                _mm512_mask2_permutex2var_epi16(low, elements[v], _mm512_cmpeq_epi16_mask(upper[v], number), high);
    }
}

/// kVectors * 32 values; the last `last` mask says which of the last vector there are.
template <int kVectors>
inline void look_up_vectors(const std::int16_t* values, const std::int16_t* table, int address_bits, __mmask32 last,
                            std::int16_t* results) {
    const __m512i half = _mm512_set1_epi16(static_cast<std::int16_t>(1 << (15 - address_bits)));
    const __m128i shift = _mm_cvtsi32_si128(16 - address_bits);
    __m512i elements[kVectors];
    for (int v = 0; v < kVectors; ++v) {
        const __mmask32 lanes = v + 1 == kVectors ? last : ~__mmask32{0};
        const __m512i value = _mm512_maskz_loadu_epi16(lanes, values + std::ptrdiff_t{32} * v);
        elements[v] = _mm512_srl_epi16(_mm512_adds_epi16(value, half), shift); // saturates, then the upper bits
    }
    permute_table<kVectors>(elements, table, address_bits);
    for (int v = 0; v < kVectors; ++v)
        _mm512_mask_storeu_epi16(results + std::ptrdiff_t{32} * v, v + 1 == kVectors ? last : ~__mmask32{0},
                                 elements[v]);
}

void look_up(const std::int16_t* values, const std::int16_t* table, int address_bits, std::size_t count,
             std::int16_t* results) {
    if (address_bits > kMostPermutedBits) return look_up_in_memory(values, table, address_bits, count, results);
    std::size_t k = 0;
    for (; k + 256 <= count; k += 256) look_up_vectors<8>(values + k, table, address_bits, ~__mmask32{0}, results + k);
    for (; k + 128 <= count; k += 128) look_up_vectors<4>(values + k, table, address_bits, ~__mmask32{0}, results + k);
    for (; k < count; k += 32) {
        const __mmask32 lanes = count - k >= 32 ? ~__mmask32{0} : (__mmask32{1} << (count - k)) - 1;
        look_up_vectors<1>(values + k, table, address_bits, lanes, results + k);
    }
}

} // namespace

const Kernels& avx512_kernels() {
    static const Kernels instance = [] {
        Kernels kernels = kernels_with_shared_functions("avx512");
        kernels.inputs_per_index = kInputs;
        kernels.indices_per_word = kIndicesPerWord;
        kernels.word_bytes = 2;
        kernels.table_bytes = kTableBytes;
        kernels.build_tables = build_tables;
        kernels.masked_sums = masked_sums;
        kernels.scale_bias_z = scale_bias_z;
        kernels.look_up = look_up;
        return kernels;
    }();
    return instance;
}

} // namespace bru::simd
#endif
