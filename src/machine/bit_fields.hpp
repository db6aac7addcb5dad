// Fields of some bits in the words of memories and streams: bit p of a word is bit p % 64 of its beat p / 64.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/integers.hpp"
#include "machine/stream_format.hpp"

namespace bru {

/// `width` bits (1 to 63) at bit `position` of a word, unsigned.
inline std::uint64_t word_bits(const std::uint64_t* word, std::int64_t position, int width) {
    const std::size_t beat = position / kBeatBits;
    const int offset = narrow<int>(position % kBeatBits);
    std::uint64_t value = word[beat] >> offset;
    if (offset + width > kBeatBits) value |= word[beat + 1] << (kBeatBits - offset);
    return value & ((std::uint64_t{1} << width) - 1);
}

/// ORs the low `width` bits (1 to 63) of a value into a word whose field is clear.
inline void put_word_bits(std::uint64_t* word, std::int64_t position, int width, std::uint64_t value) {
    const std::uint64_t field = value & ((std::uint64_t{1} << width) - 1);
    const std::size_t beat = position / kBeatBits;
    const int offset = narrow<int>(position % kBeatBits);
    word[beat] |= field << offset;
    if (offset + width > kBeatBits) word[beat + 1] |= field >> (kBeatBits - offset);
}

/// The low `width` bits of a value as two's complement.
constexpr std::int64_t sign_extended(std::uint64_t value, int width) {
    const int unused = 64 - width;
    return static_cast<std::int64_t>(value << unused) >> unused;
}

} // namespace bru
