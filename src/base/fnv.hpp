// FNV-1a, 64 bits: a fast digest that tells files and texts apart. It is no protection against intent.
// Constants: http://www.isthe.com/chongo/tech/comp/fnv/
#pragma once

#include <cstdint>
#include <string_view>

namespace bru {

inline constexpr std::uint64_t kFnvStart = 0xcbf29ce484222325u;
inline constexpr std::uint64_t kFnvPrime = 0x100000001b3u;

/// One more value, a byte or a word, in a digest that begins with kFnvStart.
constexpr std::uint64_t fnv1a(std::uint64_t digest, std::uint64_t value) { return (digest ^ value) * kFnvPrime; }

constexpr std::uint64_t fnv1a(std::uint64_t digest, std::string_view bytes) {
    for (const char byte : bytes) digest = fnv1a(digest, std::uint64_t{static_cast<unsigned char>(byte)});
    return digest;
}

} // namespace bru
