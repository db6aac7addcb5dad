// Activations in a word: A bits of two's complement each; A = 1: a set bit is +1, a clear one -1.
#pragma once

#include <cstdint>

#include "machine/bit_fields.hpp"

namespace bru {

inline std::int16_t decode_activation(const std::uint64_t* word, int element, int activation_bits) {
    const std::uint64_t field = word_bits(word, std::int64_t{element} * activation_bits, activation_bits);
    if (activation_bits == 1) return field != 0 ? std::int16_t{1} : std::int16_t{-1};
    return static_cast<std::int16_t>(sign_extended(field, activation_bits));
}

/// The first `count` activations of a word.
inline void decode_activations(const std::uint64_t* word, int count, int activation_bits, std::int16_t* activations) {
    if (activation_bits == 8) { // two's complement bytes, low first
        for (int element = 0; element < count; ++element)
            activations[element] = static_cast<std::int8_t>(word[element / 8] >> element % 8 * 8 & 0xFF);
        return;
    }
    for (int element = 0; element < count; ++element)
        activations[element] = decode_activation(word, element, activation_bits);
}

inline std::uint64_t activation_field(std::int32_t value, int activation_bits) {
    if (activation_bits == 1) return value > 0 ? 1 : 0;
    return value & ((1ULL << activation_bits) - 1);
}

/// ORs an activation into a cleared word.
inline void encode_activation(std::uint64_t* word, int element, int activation_bits, std::int32_t value) {
    put_word_bits(word, std::int64_t{element} * activation_bits, activation_bits,
                  activation_field(value, activation_bits));
}

} // namespace bru
