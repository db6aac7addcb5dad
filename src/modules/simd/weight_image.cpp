#include "modules/simd/weight_image.hpp"

#include "machine/bit_fields.hpp"
#include "machine/descriptor.hpp"
#include "machine/memory_layout.hpp"
#include "machine/stream_format.hpp"

namespace bru {

WeightImage::WeightImage(const CoreShape& shape, const Descriptor& descriptor, const RowLayout& layout, int part,
                         const std::uint64_t* words)
    : planes_(descriptor.planes(part)), kernels_(&simd::kernels()), rows_(layout.rows()) {
    const std::uint32_t chunks = descriptor.words_per_plane(part);
    const std::size_t beats = beats_of(shape.weight_word_bits());
    columns_ = simd::cut_columns(*kernels_, chunks * shape.lane_width, shape.activation_bits);
    allocate(part == 0 && descriptor.one_hot());
    for (std::uint32_t group = 0; group < descriptor.groups; ++group)
        for (std::uint32_t plane = 0; plane < descriptor.planes(part); ++plane)
            for (std::uint32_t chunk = 0; chunk < chunks; ++chunk) {
                const std::size_t word = MemoryLayout::weight_word(descriptor, group, part, plane, chunk);
                decode_word(shape, layout, group, plane, chunk, words + word * beats);
            }
}

void WeightImage::allocate(bool one_hot) {
    if (one_hot) {
        one_hot_columns_.assign(columns_.columns * rows_, 0);
        return;
    }
    const std::size_t row_words = columns_.blocks * simd::words_per_block(*kernels_, columns_);
    planes_indices_.resize(planes_);
    for (auto& plane : planes_indices_) plane.resize(row_words * kernels_->word_bytes * rows_);
}

void WeightImage::decode_word(const CoreShape& shape, const RowLayout& layout, std::uint32_t group, int plane,
                              std::uint32_t chunk, const std::uint64_t* word) {
    const MemoryLayout memory(shape);
    for (int lane = 0; lane < shape.lanes; ++lane) {
        const std::size_t row = layout.row(shape, group, lane);
        for (int c = 0; c < shape.lane_width; ++c) {
            if (word_bits(word, memory.weight_bit(lane, c), 1) == 0) continue;
            const std::size_t column = std::size_t{chunk} * shape.lane_width + c;
            if (one_hot_columns_.empty())
                set_index(row, column, plane);
            else
                set_one_hot(row, column, plane);
        }
    }
}

void WeightImage::set_one_hot(std::size_t row, std::size_t column, int plane) {
    // The top plane of several weighs negative; a single plane is kept as its bit.
    const int magnitude = 1 << (planes_ - 1 - plane);
    std::int8_t& weight = one_hot_columns_[column * rows_ + row];
    weight = static_cast<std::int8_t>(weight + (plane == 0 && planes_ > 1 ? -magnitude : magnitude));
}

void WeightImage::set_index(std::size_t row, std::size_t column, int plane) {
    const std::size_t block_columns = columns_.block_columns;
    const std::size_t inputs = kernels_->inputs_per_index;
    const std::size_t block_words = simd::words_per_block(*kernels_, columns_);
    const std::size_t word_inputs = inputs * kernels_->indices_per_word;
    const std::size_t word = column / block_columns * block_words + column % block_columns / word_inputs;
    const std::size_t bit = column % block_columns % word_inputs; // indices follow each other without a gap
    const std::size_t row_words = columns_.blocks * block_words;
    const std::size_t position = (row / simd::kRowTile * row_words + word) * simd::kRowTile + row % simd::kRowTile;
    // Words of two bytes are little-endian.
    planes_indices_[plane].data()[position * kernels_->word_bytes + bit / 8] |= 1 << bit % 8;
}

} // namespace bru
