// AVX2 kernels: tables of 16 sums for four inputs, looked up by byte shuffles, low and high bytes apart.
// This file alone is compiled for AVX2; kernels_dispatch.cpp calls it only where the host has it.
#include "modules/simd/kernels.hpp"

#if defined(__AVX2__)
#include <immintrin.h>

namespace bru::simd {
namespace {

#include "modules/simd/kernels_look_up.ipp"
#include "modules/simd/kernels_rows.ipp"

constexpr int kInputs = 4;
constexpr int kEntries = 1 << kInputs;
constexpr std::size_t kTableBytes = 2 * kEntries; ///< 16 low bytes, 16 high bytes

void build_tables(const std::int16_t* activations, int columns, int columns_per_block, void* tables) {
    auto* table = static_cast<std::uint8_t*>(tables);
    for (int block = 0; block < columns; block += columns_per_block) {
        for (int column = 0; column < columns_per_block; column += kInputs, table += kTableBytes) {
            std::int16_t sums[kEntries] = {};
            for (int input = 0; input < kInputs; ++input) {
                const int source = block + column + input;
                const std::int16_t activation = source < columns ? activations[source] : std::int16_t{0};
                for (int entry = 0; entry < 1 << input; ++entry)
                    sums[(1 << input) + entry] = static_cast<std::int16_t>(sums[entry] + activation);
            }
            for (int entry = 0; entry < kEntries; ++entry) {
                table[entry] = static_cast<std::uint8_t>(sums[entry] & 0xFF);
                table[kEntries + entry] = static_cast<std::uint8_t>((sums[entry] >> 8) & 0xFF);
            }
        }
    }
}

/// Adds 32 sums of 16 bits, in the order in which byte unpacking leaves them, to 32 sums of 32 bits.
inline void flush(__m256i rows_0_7_16_23, __m256i rows_8_15_24_31, std::int32_t* sums) {
    const __m128i quarters[4] = {_mm256_castsi256_si128(rows_0_7_16_23), _mm256_castsi256_si128(rows_8_15_24_31),
                                 _mm256_extracti128_si256(rows_0_7_16_23, 1),
                                 _mm256_extracti128_si256(rows_8_15_24_31, 1)};
    for (int quarter = 0; quarter < 4; ++quarter) {
        auto* target = reinterpret_cast<__m256i*>(sums + 8 * quarter);
        _mm256_storeu_si256(target,
                            _mm256_add_epi32(_mm256_loadu_si256(target), _mm256_cvtepi16_epi32(quarters[quarter])));
    }
}

void masked_sums(const void* indices, const void* tables, int blocks, int indices_per_block, std::size_t row_begin,
                 std::size_t row_end, std::int32_t* sums) {
    const std::size_t tile_bytes = static_cast<std::size_t>(blocks * indices_per_block) * kRowTile;
    for (std::size_t row = row_begin; row < row_end; row += kRowTile) {
        const auto* index = static_cast<const std::uint8_t*>(indices) + row / kRowTile * tile_bytes;
        const auto* table = static_cast<const std::uint8_t*>(tables);
        for (std::size_t r = 0; r < kRowTile; r += 8)
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + row + r), _mm256_setzero_si256());
        for (int block = 0; block < blocks; ++block) {
            __m256i accumulators[8];
            for (auto& accumulator : accumulators) accumulator = _mm256_setzero_si256();
            for (int group = 0; group < indices_per_block; ++group, index += kRowTile, table += kTableBytes) {
                const __m256i low =
                    _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(table)));
                const __m256i high =
                    _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(table + kEntries)));
                for (int part = 0; part < 4; ++part) {
                    const __m256i row_indices = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(index + 32 * part));
                    const __m256i low_bytes = _mm256_shuffle_epi8(low, row_indices);
                    const __m256i high_bytes = _mm256_shuffle_epi8(high, row_indices);
                    accumulators[2 * part] =
                        _mm256_add_epi16(accumulators[2 * part], _mm256_unpacklo_epi8(low_bytes, high_bytes));
                    accumulators[2 * part + 1] =
                        _mm256_add_epi16(accumulators[2 * part + 1], _mm256_unpackhi_epi8(low_bytes, high_bytes));
                }
            }
            for (int part = 0; part < 4; ++part)
                flush(accumulators[2 * part], accumulators[2 * part + 1],
                      sums + row + 32 * static_cast<std::size_t>(part));
        }
    }
}

} // namespace

const Kernels& avx2_kernels() {
    static const Kernels instance{"avx2",     kInputs, 1,          kTableBytes, build_tables, masked_sums,
                                  scale_bias, look_up, next_cells, cells_as_z,  next_hidden};
    return instance;
}

} // namespace bru::simd
#endif
