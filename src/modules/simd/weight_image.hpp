// The weights of one part of a descriptor, decoded from the words of weight_bram into the form that the SIMD
// kernels read. Made once a load; the words stay what the machine has.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "modules/simd/row_layout.hpp"

namespace bru {

class WeightImage {
public:
    WeightImage() = default;
    /// `words`: from the descriptor's WEIGHT_BASE on. part: 0 x, 1 h.
    WeightImage(const CoreShape& shape, const Descriptor& descriptor, const RowLayout& layout, int part,
                const std::uint64_t* words);

    int planes() const { return planes_; }
    /// Of all chunks, paddings included.
    const simd::ColumnBlocks& columns() const { return columns_; }
    std::size_t rows() const { return rows_; }
    /// Vector parts: the index image of a plane, top plane first (simd/kernels.hpp).
    const std::uint8_t* indices(int plane) const { return planes_indices_[plane].data(); }
    /// One-hot parts: the integer weights of a column, a row each (one plane: the bit).
    const std::int8_t* one_hot_column(std::uint32_t column) const { return one_hot_columns_.data() + column * rows_; }

private:
    void allocate(bool one_hot);
    void decode_word(const CoreShape& shape, const RowLayout& layout, std::uint32_t group, int plane,
                     std::uint32_t chunk, const std::uint64_t* word);
    void set_one_hot(std::size_t row, std::size_t column, int plane);
    void set_index(std::size_t row, std::size_t column, int plane);

    int planes_ = 0;
    simd::ColumnBlocks columns_;
    const simd::Kernels* kernels_ = nullptr; ///< those that the image is for
    std::size_t rows_ = 0;
    std::vector<AlignedBuffer<std::uint8_t>> planes_indices_;
    std::vector<std::int8_t> one_hot_columns_;
};

} // namespace bru
