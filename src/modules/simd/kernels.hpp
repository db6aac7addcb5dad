// The arithmetic of whole vectors in SIMD, one implementation a level, chosen at run time. All levels give
// the same bits: the masked sums by tables of partial sums, everything after them by the same formulas
// (kernels_rows.ipp), compiled or written for each instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bru::simd {

inline constexpr std::size_t kRowTile = 128; ///< rows are padded to whole tiles
inline constexpr std::size_t kAlignment = 64;
inline constexpr std::size_t kLeastTableEntries = 64;

struct ScaleBiasArguments {
    int part_count = 0;
    const std::int32_t* parts[2] = {nullptr, nullptr};
    const std::int32_t* mantissas[2] = {nullptr, nullptr};
    bool masked_sum[2] = {false, false}; ///< operand = 2 part - activation_sum, else part
    std::int32_t activation_sums[2] = {0, 0};
    const std::int64_t* bias = nullptr;      ///< logits: with the rounding constant
    const std::int64_t* even_bias = nullptr; ///< z: the same of rows 0, 2, ...
    const std::int64_t* odd_bias = nullptr;  ///< z: of rows 1, 3, ...
    int shift = 0;                           ///< right; negative: left
    bool narrow = false;                     ///< 0 < shift <= 32, and every shifted sum fits 32 bits
};

/// How the columns of a part are cut: into blocks whose sums fit 16 bits, a block into indices.
struct ColumnBlocks {
    int columns = 0;
    int blocks = 0;
    int block_columns = 0; ///< of all blocks but the last, which may have fewer
    int block_indices = 0;
};

/// Masked sums: the 0/1 weights of inputs_per_index consecutive columns of a block make an index, the sums of all
/// subsets of those columns' activations per table; m of a row is the sum of one table entry per index.
/// Index image: [tile of kRowTile rows][block][word][row of the tile], a word holding the indices that follow each
/// other in the block, the first in its low bits.
struct Kernels {
    const char* name = "";
    int inputs_per_index = 0;
    int indices_per_word = 0;
    int word_bytes = 0;                ///< 1 or 2
    std::size_t table_bytes = 0;       ///< of one index
    std::size_t block_extra_bytes = 0; ///< of a block, behind its tables

    /// tables: [block][index], kAlignment-aligned. Activations have eight bits, signed or unsigned, or fewer.
    void (*build_tables)(const std::int16_t* activations, const ColumnBlocks& cut, void* tables) = nullptr;
    /// sums[r] for rows [row_begin, row_end), both multiples of kRowTile.
    void (*masked_sums)(const void* indices, const void* tables, const ColumnBlocks& cut, std::size_t row_begin,
                        std::size_t row_end, std::int32_t* sums) = nullptr;
    /// A one-hot part: weight << shift for each row.
    void (*one_hot)(const std::int8_t* weights, int shift, std::size_t row_begin, std::size_t row_end,
                    std::int32_t* sums) = nullptr;
    std::int32_t (*sum)(const std::int16_t* activations, std::size_t count) = nullptr;
    /// z of rows [row_begin, row_end), both multiples of kRowTile.
    void (*scale_bias_z)(const ScaleBiasArguments& arguments, std::size_t row_begin, std::size_t row_end,
                         std::int16_t* z) = nullptr;
    void (*scale_bias_logits)(const ScaleBiasArguments& arguments, std::size_t row_begin, std::size_t row_end,
                              std::int32_t* logits) = nullptr;
    /// table has 2^address_bits entries, in memory of at least kLeastTableEntries; values are Q3.12.
    void (*look_up)(const std::int16_t* values, const std::int16_t* table, int address_bits, std::size_t count,
                    std::int16_t* results) = nullptr;
    /// next may be c.
    void (*next_cells)(const std::int16_t* f, const std::int16_t* c, const std::int16_t* i, const std::int16_t* g,
                       std::size_t count, std::int16_t* next) = nullptr;
    void (*cells_as_z)(const std::int16_t* c, std::size_t count, std::int16_t* z) = nullptr;
    void (*next_hidden)(const std::int16_t* o, const std::int16_t* tanh_c, std::size_t count, int activation_bits,
                        std::int16_t* hidden) = nullptr;
    /// u of GRUs: the sums of x, and r times the sums of h.
    void (*candidate_sums)(const std::int16_t* x, const std::int16_t* r, const std::int16_t* h, std::size_t count,
                           std::int16_t* u) = nullptr;
    /// s' of GRUs; z is not negative. next may be s.
    void (*next_states)(const std::int16_t* n, const std::int16_t* z, const std::int16_t* s, std::size_t count,
                        std::int16_t* next) = nullptr;
    void (*states_as_hidden)(const std::int16_t* s, std::size_t count, int activation_bits,
                             std::int16_t* hidden) = nullptr;
};

/// The least number of equal blocks for `columns` activations of `activation_bits` (as build_tables gets them).
ColumnBlocks cut_columns(const Kernels& kernels, int columns, int activation_bits);
constexpr std::size_t words_per_block(const Kernels& kernels, const ColumnBlocks& cut) {
    return (cut.block_indices + kernels.indices_per_word - 1) / kernels.indices_per_word;
}
constexpr std::size_t all_table_bytes(const Kernels& kernels, const ColumnBlocks& cut) {
    return cut.blocks * (cut.block_indices * kernels.table_bytes + kernels.block_extra_bytes);
}

/// Those that this host can run, best last; "portable" is always there.
const std::vector<const Kernels*>& available_kernels();

/// The kernels in use: the best, or those named by the environment variable BRU_SIMD or by select_kernels().
const Kernels& kernels();
/// Throws InputError for a level that this host lacks.
void select_kernels(const std::string& name);

const Kernels& portable_kernels();
const Kernels& avx2_kernels();
const Kernels& avx512_kernels();
const Kernels& neon_kernels();

} // namespace bru::simd
