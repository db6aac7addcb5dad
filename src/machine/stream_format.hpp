// What the beats of the input and output streams hold, as docs/interfaces.md lists it.
#pragma once

#include <cstdint>

#include "base/integers.hpp"

namespace bru {

inline constexpr int kBeatBits = 64;
inline constexpr int kBeatBytes = kBeatBits / 8;

// Header beat of an input step.
inline constexpr std::uint64_t kHeaderFirst = 1;
inline constexpr std::uint64_t kHeaderLast = 2;
inline constexpr std::uint64_t kHeaderEnd = 4;
inline constexpr int kHeaderStreamShift = 8;
inline constexpr std::uint64_t kHeaderStreamMask = 0xFF;
inline constexpr int kHeaderChunkShift = 16;
inline constexpr int kHeaderColumnShift = 32;

/// Beats of a word of `bits` bits: of a chunk in the input stream, or of a memory word in a load.
constexpr int beats_of(std::int64_t bits) { return narrow<int>(divide_up(bits, kBeatBits)); }

/// Beats of one chunk of `lane_width` activations in the input stream.
constexpr int beats_per_chunk(int lane_width, int activation_bits) {
    return beats_of(std::int64_t{lane_width} * activation_bits);
}

inline constexpr int kLogitsPerBeat = 2; ///< of the output stream

/// Bytes of a hidden element in the output stream.
constexpr int hidden_element_bytes(int activation_bits) { return activation_bits <= 8 ? 1 : 2; }

} // namespace bru
