#include "modules/weight_image.hpp"

#include "modules/weight_bram.hpp"

namespace bru {

WeightImage::WeightImage(const CoreShape& shape, const Descriptor& descriptor, const RowLayout& layout, int part,
                         const std::uint64_t* words)
    : planes_(static_cast<int>(part == 0 ? descriptor.x_planes : descriptor.h_planes)), rows_(layout.rows()) {
    const std::uint32_t chunks = part == 0 ? descriptor.x_words : descriptor.h_chunks;
    const std::uint32_t part_offset = part == 0 ? 0 : descriptor.x_words * descriptor.x_planes;
    const auto beats = static_cast<std::size_t>(CoreShape::beats(shape.weight_word_bits()));
    columns_ = static_cast<int>(chunks) * shape.lane_width;
    allocate(part == 0 && descriptor.one_hot(), shape.activation_bits);
    for (std::uint32_t group = 0; group < descriptor.groups; ++group)
        for (int plane = 0; plane < planes_; ++plane)
            for (std::uint32_t chunk = 0; chunk < chunks; ++chunk) {
                const std::size_t address = std::size_t{group} * descriptor.words_per_group() + part_offset +
                                            static_cast<std::size_t>(plane) * chunks + chunk;
                decode_word(shape, layout, group, plane, chunk, words + address * beats);
            }
}

void WeightImage::allocate(bool one_hot, int activation_bits) {
    if (one_hot) {
        one_hot_columns_.assign(static_cast<std::size_t>(columns_) * rows_, 0);
        return;
    }
    const simd::Kernels& kernels = simd::kernels();
    block_columns_ = simd::block_columns(activation_bits);
    blocks_ = (columns_ + block_columns_ - 1) / block_columns_;
    indices_per_block_ = simd::indices_per_block(kernels, block_columns_);
    inputs_per_index_ = kernels.inputs_per_index;
    index_bytes_ = kernels.index_bytes;
    planes_indices_.resize(static_cast<std::size_t>(planes_));
    for (auto& plane : planes_indices_)
        plane.resize(static_cast<std::size_t>(blocks_ * indices_per_block_ * index_bytes_) * rows_);
}

void WeightImage::decode_word(const CoreShape& shape, const RowLayout& layout, std::uint32_t group, int plane,
                              std::uint32_t chunk, const std::uint64_t* word) {
    for (int lane = 0; lane < shape.lanes; ++lane) {
        const std::size_t row = layout.row(shape, group, lane);
        for (int c = 0; c < shape.lane_width; ++c) {
            if (word_bits(word, std::int64_t{lane} * shape.lane_width + c, 1) == 0) continue;
            const std::size_t column =
                std::size_t{chunk} * static_cast<std::size_t>(shape.lane_width) + static_cast<std::size_t>(c);
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
    const auto block_columns = static_cast<std::size_t>(block_columns_);
    const auto inputs = static_cast<std::size_t>(inputs_per_index_);
    const std::size_t index =
        column / block_columns * static_cast<std::size_t>(indices_per_block_) + column % block_columns / inputs;
    const auto bit = static_cast<int>(column % block_columns % inputs);
    const std::size_t tile_indices = static_cast<std::size_t>(blocks_ * indices_per_block_);
    const std::size_t position = (row / simd::kRowTile * tile_indices + index) * simd::kRowTile + row % simd::kRowTile;
    // Indices of two bytes are little-endian and fit the first.
    planes_indices_[static_cast<std::size_t>(plane)].data()[position * static_cast<std::size_t>(index_bytes_)] |=
        static_cast<std::uint8_t>(1 << bit);
}

} // namespace bru
