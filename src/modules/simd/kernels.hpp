// The arithmetic of whole vectors in SIMD, one implementation a level, chosen at run time. All levels give
// the same bits: the masked sums by tables of partial sums, everything after them by the same source
// compiled for each instruction set (kernels_rows.ipp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bru::simd {

inline constexpr std::size_t kRowTile = 128; ///< rows are padded to whole tiles
inline constexpr std::size_t kAlignment = 64;

struct ScaleBiasArguments {
    int part_count = 0;
    const std::int32_t* parts[2] = {nullptr, nullptr};
    const std::int32_t* mantissas[2] = {nullptr, nullptr};
    bool masked_sum[2] = {false, false}; ///< operand = 2 part - activation_sum, else part
    std::int32_t activation_sums[2] = {0, 0};
    const std::int64_t* bias = nullptr; ///< with the rounding constant
    int shift = 0;                      ///< right; negative: left
    int bits = 0;                       ///< of the saturated result
    std::int32_t* result = nullptr;
};

/// Masked sums: the 0/1 weights of inputs_per_index consecutive columns make an index, the sums of all
/// subsets of those columns' activations a table; m of a row is the sum of one table entry an index.
/// Sums of one block of columns must fit 16 bits (see block_columns()).
/// Index image: [tile of kRowTile rows][block][index of the block][row of the tile].
struct Kernels {
    const char* name = "";
    int inputs_per_index = 0;
    int index_bytes = 0;         ///< 1 or 2
    std::size_t table_bytes = 0; ///< of one index

    /// tables: [block][index], kAlignment-aligned, for `columns` activations.
    void (*build_tables)(const std::int16_t* activations, int columns, int block_columns, void* tables) = nullptr;
    /// sums[r] for rows [row_begin, row_end), both multiples of kRowTile.
    void (*masked_sums)(const void* indices, const void* tables, int blocks, int indices_per_block,
                        std::size_t row_begin, std::size_t row_end, std::int32_t* sums) = nullptr;
    void (*scale_bias)(const ScaleBiasArguments& arguments, std::size_t row_begin, std::size_t row_end) = nullptr;
    /// table has 2^address_bits entries; values are Q3.12.
    void (*look_up)(const std::int32_t* values, const std::int32_t* table, int address_bits, std::size_t count,
                    std::int32_t* results) = nullptr;
    void (*next_cells)(const std::int32_t* f, const std::int32_t* c, const std::int32_t* i, const std::int32_t* g,
                       std::size_t count, std::int32_t* next) = nullptr;
    void (*cells_as_z)(const std::int32_t* c, std::size_t count, std::int32_t* z) = nullptr;
    void (*next_hidden)(const std::int32_t* o, const std::int32_t* tanh_c, std::size_t count, int activation_bits,
                        std::int16_t* hidden) = nullptr;
};

/// Columns whose sums of A-bit activations fit 16 bits.
constexpr int block_columns(int activation_bits) { return activation_bits == 16 ? 128 : 256; }
constexpr int indices_per_block(const Kernels& kernels, int columns_per_block) {
    return (columns_per_block + kernels.inputs_per_index - 1) / kernels.inputs_per_index;
}

/// Those that this host can run, best last; "portable" is always there.
const std::vector<const Kernels*>& available_kernels();

/// The kernels in use: the best, or those named by the environment variable BRU_SIMD or by select_kernels().
const Kernels& kernels();
/// Throws InputError for a name that is not available.
void select_kernels(const std::string& name);

const Kernels& portable_kernels();
const Kernels& avx2_kernels();
const Kernels& avx512_kernels();

} // namespace bru::simd
