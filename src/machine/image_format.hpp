// The files that `bru image` writes for software (docs/driver.md, "Image files"): words of 32 bits, little-endian.
#pragma once

#include <cstdint>

namespace bru {

/// Index of each word in the header of a network image.
namespace image_word {
inline constexpr std::uint32_t kMagic = 0;
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::uint32_t kBytes = 2;    ///< of the whole file
inline constexpr std::uint32_t kChecksum = 3; ///< CRC-32 of everything behind this word
inline constexpr std::uint32_t kShape = 4;    ///< twelve, as the SHAPE registers
inline constexpr std::uint32_t kMode = 16;
inline constexpr std::uint32_t kInput = 17;
inline constexpr std::uint32_t kInputSlots = 18;
inline constexpr std::uint32_t kStepBeats = 19;
inline constexpr std::uint32_t kStepValues = 20;
inline constexpr std::uint32_t kVectorBeats = 21;
inline constexpr std::uint32_t kVectorValues = 22;
inline constexpr std::uint32_t kVectors = 23;
inline constexpr std::uint32_t kInputExponent = 24;
inline constexpr std::uint32_t kDescriptorCount = 25;
inline constexpr std::uint32_t kDescriptors = 26; ///< offset in bytes
inline constexpr std::uint32_t kRegions = 28; ///< six of four words: target, beats of a word, words, offset in bytes
inline constexpr std::uint32_t kHeaderWords = 52;
} // namespace image_word

/// Index of each word in the header of a file of steps.
namespace steps_word {
inline constexpr std::uint32_t kMagic = 0;
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::uint32_t kBytes = 2;    ///< of the whole file
inline constexpr std::uint32_t kChecksum = 3; ///< CRC-32 of the beats, which follow the header
inline constexpr std::uint32_t kSteps = 4;
inline constexpr std::uint32_t kStepBeats = 5;
inline constexpr std::uint32_t kHeaderWords = 6;
} // namespace steps_word

inline constexpr std::uint32_t kImageMagic = 0x49555242; ///< "BRUI"
inline constexpr std::uint32_t kStepsMagic = 0x53555242; ///< "BRUS"
inline constexpr std::uint32_t kImageVersion = 1;
inline constexpr std::uint32_t kImageRegions = 6;

} // namespace bru
