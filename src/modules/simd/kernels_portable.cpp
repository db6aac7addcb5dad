// Portable kernels: tables of 256 sums for eight inputs, in plain C++.
#include <cstring>

#include "modules/simd/kernels.hpp"

namespace bru::simd {
namespace {

#include "modules/simd/kernels_look_up.ipp"
#include "modules/simd/kernels_rows.ipp"

constexpr int kInputs = 8;
constexpr int kEntries = 1 << kInputs;

void build_tables(const std::int16_t* activations, int columns, int columns_per_block, void* tables) {
    auto* table = static_cast<std::int16_t*>(tables);
    for (int block = 0; block < columns; block += columns_per_block) {
        for (int column = 0; column < columns_per_block; column += kInputs, table += kEntries) {
            table[0] = 0;
            for (int input = 0; input < kInputs; ++input) {
                const int source = block + column + input;
                const std::int16_t activation = source < columns ? activations[source] : std::int16_t{0};
                for (int entry = 0; entry < 1 << input; ++entry)
                    table[(1 << input) + entry] = static_cast<std::int16_t>(table[entry] + activation);
            }
        }
    }
}

void masked_sums(const void* indices, const void* tables, int blocks, int indices_per_block, std::size_t row_begin,
                 std::size_t row_end, std::int32_t* sums) {
    const std::size_t tile_bytes = static_cast<std::size_t>(blocks * indices_per_block) * kRowTile;
    for (std::size_t row = row_begin; row < row_end; row += kRowTile) {
        const auto* index = static_cast<const std::uint8_t*>(indices) + row / kRowTile * tile_bytes;
        const auto* table = static_cast<const std::int16_t*>(tables);
        std::int32_t* result = sums + row;
        std::memset(result, 0, kRowTile * sizeof(std::int32_t));
        for (int group = 0; group < blocks * indices_per_block; ++group, index += kRowTile, table += kEntries)
            for (std::size_t r = 0; r < kRowTile; ++r) result[r] += table[index[r]];
    }
}

} // namespace

const Kernels& portable_kernels() {
    static const Kernels instance{"portable",   kInputs,     1,          kEntries * sizeof(std::int16_t),
                                  build_tables, masked_sums, scale_bias, look_up,
                                  next_cells,   cells_as_z,  next_hidden};
    return instance;
}

} // namespace bru::simd
