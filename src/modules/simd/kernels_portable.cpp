// Portable kernels: tables of 256 sums for eight inputs, in plain C++.
#include <cstring>

#include "modules/simd/kernels.hpp"

namespace bru::simd {
namespace {

#include "modules/simd/kernels_rows.ipp"

constexpr int kInputs = 8;
constexpr int kEntries = 1 << kInputs;

void build_tables(const std::int16_t* activations, const ColumnBlocks& cut, void* tables) {
    auto* table = static_cast<std::int16_t*>(tables);
    for (int block = 0; block < cut.blocks; ++block) {
        const int begin = block * cut.block_columns;
        const int end = begin + cut.block_columns < cut.columns ? begin + cut.block_columns : cut.columns;
        for (int index = 0; index < cut.block_indices; ++index, table += kEntries) {
            table[0] = 0;
            for (int input = 0; input < kInputs; ++input) {
                const int column = begin + index * kInputs + input;
                const std::int16_t activation = column < end ? activations[column] : std::int16_t{0};
                for (int entry = 0; entry < 1 << input; ++entry)
                    table[(1 << input) + entry] = table[entry] + activation;
            }
        }
    }
}

void masked_sums(const void* indices, const void* tables, const ColumnBlocks& cut, std::size_t row_begin,
                 std::size_t row_end, std::int32_t* sums) {
    const int all_indices = cut.blocks * cut.block_indices;
    for (std::size_t row = row_begin; row < row_end; row += kRowTile) {
        const auto* index = static_cast<const std::uint8_t*>(indices) + row * static_cast<std::size_t>(all_indices);
        const auto* table = static_cast<const std::int16_t*>(tables);
        std::int32_t* result = sums + row;
        std::memset(result, 0, kRowTile * sizeof(std::int32_t));
        for (int group = 0; group < all_indices; ++group, index += kRowTile, table += kEntries)
            for (std::size_t r = 0; r < kRowTile; ++r) result[r] += table[index[r]];
    }
}

} // namespace

const Kernels& portable_kernels() {
    static const Kernels instance = [] {
        Kernels kernels = kernels_with_shared_functions("portable");
        kernels.inputs_per_index = kInputs;
        kernels.indices_per_word = 1;
        kernels.word_bytes = 1;
        kernels.table_bytes = kEntries * sizeof(std::int16_t);
        kernels.build_tables = build_tables;
        kernels.masked_sums = masked_sums;
        return kernels;
    }();
    return instance;
}

} // namespace bru::simd
