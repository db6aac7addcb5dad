// IDX files of bytes, as MNIST has them: images (00 00 08 03) and labels (00 00 08 01). Numbers are big-endian.
#pragma once

#include <cstdint>
#include <vector>

#include "trace/data_set.hpp"

namespace bru {

inline constexpr std::size_t kIdxImageHeaderBytes = 16; ///< pixels begin behind it

struct IdxImageSize {
    std::uint64_t count = 0;
    std::uint64_t rows = 0;
    std::uint64_t columns = 0;

    std::uint64_t pixels() const { return rows * columns; } ///< of an image
};

/// What the header says. Throws InputError where the file is of another kind, or has not as many bytes as its header
/// promises.
IdxImageSize read_idx_image_size(const BinaryFile& file);

bool is_idx_of_labels(const BinaryFile& file);

/// Throws InputError where the file has not as many labels as its header promises.
std::vector<std::uint32_t> read_idx_labels(const BinaryFile& file);

} // namespace bru
