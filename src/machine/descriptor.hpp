// The descriptor of one layer direction or of the dense layer, as docs/interfaces.md lists its registers.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "model/cell.hpp"

namespace bru {

inline constexpr int kMaxDescriptors = 32;
inline constexpr int kDescriptorFields = 22;

/// One layer direction or the dense layer; the fields in the order of their registers.
struct Descriptor {
    std::uint32_t flags = 0;
    std::uint32_t groups = 0;
    std::uint32_t size = 0;
    std::uint32_t x_chunks = 0;
    std::uint32_t x_planes = 0;
    std::uint32_t x_words = 0;
    std::uint32_t h_chunks = 0;
    std::uint32_t h_planes = 0;
    std::uint32_t weight_base = 0;
    std::uint32_t scale_base = 0;
    std::uint32_t bias_base = 0;
    std::uint32_t x_base = 0;
    std::uint32_t x_stride = 0;
    std::uint32_t h_base = 0;
    std::uint32_t h_stride = 0;
    std::uint32_t h_initial = 0;
    std::uint32_t cell_base = 0;
    std::uint32_t cell_initial = 0;
    std::uint32_t shift = 0; ///< two's complement
    std::uint32_t source = 0;
    std::uint32_t source_chunks = 0;
    std::uint32_t source_size = 0;

    enum Flag : std::uint32_t { kDense = 1, kReverse = 2, kXFromInput = 4, kOneHot = 8, kEmit = 16, kGru = 32 };
    bool dense() const { return (flags & kDense) != 0; }
    bool reverse() const { return (flags & kReverse) != 0; }
    bool x_from_input() const { return (flags & kXFromInput) != 0; }
    bool one_hot() const { return (flags & kOneHot) != 0; }
    bool emit() const { return (flags & kEmit) != 0; }
    CellKind cell() const { return (flags & kGru) != 0 ? CellKind::gru : CellKind::lstm; }
    int part_count() const { return dense() ? 1 : 2; }
    /// Planes of a part: 0 is x, 1 is h.
    std::uint32_t planes(int part) const { return part == 0 ? x_planes : h_planes; }
    /// Weight words of one plane of a part in one row group. One-hot: x_words, although one chunk is read.
    std::uint32_t words_per_plane(int part) const { return part == 0 ? x_words : h_chunks; }
    /// Weight words of one row group.
    std::uint32_t words_per_group() const { return x_words * x_planes + h_chunks * h_planes; }
};
static_assert(sizeof(Descriptor) == kDescriptorFields * sizeof(std::uint32_t), "fields are registers");

inline bool operator==(const Descriptor& a, const Descriptor& b) { return std::memcmp(&a, &b, sizeof a) == 0; }
inline bool operator!=(const Descriptor& a, const Descriptor& b) { return !(a == b); }
static_assert(std::has_unique_object_representations_v<Descriptor>, "equal fields are equal bytes");

} // namespace bru
