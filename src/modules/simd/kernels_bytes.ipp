// Masked sums by byte shuffles, without what depends on the instruction set. An index has four inputs. Their table has
// 16 sums, counted from the smallest, so they are 0 to 1,020 with eight bits. A sum is kept as five low and five high
// bits, so that eight of each can be added in bytes before they are put together. Include inside an anonymous
// namespace, behind modules/simd/kernels_rows.ipp.

constexpr int kInputs = 4;
constexpr std::size_t kEntries = 16;
constexpr std::size_t kTableBytes = 2 * kEntries;    ///< low bits, high bits
constexpr std::size_t kBlockExtraBytes = kAlignment; ///< what the tables of a block have too much, 16 bits
constexpr int kLowBits = 5;
constexpr int kIndicesInBytes = 8;     ///< 8 * 31 fits a byte
constexpr std::size_t kBlockRows = 64; ///< of one call of BlockSums

/// Gives the first entry: the sum of no activation, which is what was added to all entries.
using BuildTable = int(const std::int16_t* activations, std::uint8_t* table);
/// sums[0..kBlockRows-1] = or += the sums of one block.
using BlockSums = void(const std::uint8_t* index, const std::uint8_t* table, int count, bool first, std::int32_t* sums);

template <BuildTable* build_table>
void build_tables(const std::int16_t* activations, const ColumnBlocks& cut, void* tables) {
    auto* table = static_cast<std::uint8_t*>(tables);
    for (int block = 0; block < cut.blocks; ++block) {
        const int begin = block * cut.block_columns;
        const int end = begin + cut.block_columns < cut.columns ? begin + cut.block_columns : cut.columns;
        int too_much = 0;
        for (int index = 0; index < cut.block_indices; ++index, table += kTableBytes) {
            const int column = begin + index * kInputs;
            std::int16_t padded[kInputs] = {};
            const bool whole = end - column >= kInputs;
            for (int input = 0; !whole && input < end - column; ++input) padded[input] = activations[column + input];
            too_much += build_table(whole ? activations + column : padded, table);
        }
        *reinterpret_cast<std::uint16_t*>(table) = static_cast<std::uint16_t>(too_much); // modulo 2^16
        table += kBlockExtraBytes;
    }
}

template <BlockSums* block_sums>
void masked_sums(const void* indices, const void* tables, const ColumnBlocks& cut, std::size_t row_begin,
                 std::size_t row_end, std::int32_t* sums) {
    const auto block_indices = static_cast<std::size_t>(cut.block_indices);
    const auto* index =
        static_cast<const std::uint8_t*>(indices) + row_begin * static_cast<std::size_t>(cut.blocks) * block_indices;
    for (std::size_t row = row_begin; row < row_end; row += kRowTile) {
        const auto* table = static_cast<const std::uint8_t*>(tables);
        for (int block = 0; block < cut.blocks; ++block) {
            for (std::size_t part = 0; part < kRowTile; part += kBlockRows)
                block_sums(index + part, table, cut.block_indices, block == 0, sums + row + part);
            index += block_indices * kRowTile;
            table += block_indices * kTableBytes + kBlockExtraBytes;
        }
    }
}

/// All but scale_bias_z, which depends on the instruction set, too.
template <BuildTable* build_table, BlockSums* block_sums>
Kernels kernels_by_shuffles(const char* name) {
    Kernels kernels = kernels_with_shared_functions(name);
    kernels.inputs_per_index = kInputs;
    kernels.indices_per_word = 1;
    kernels.word_bytes = 1;
    kernels.table_bytes = kTableBytes;
    kernels.block_extra_bytes = kBlockExtraBytes;
    kernels.build_tables = build_tables<build_table>;
    kernels.masked_sums = masked_sums<block_sums>;
    return kernels;
}
