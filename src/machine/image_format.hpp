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
inline constexpr std::uint32_t kShape = 4;    ///< fourteen, as the SHAPE registers
inline constexpr std::uint32_t kMode = 18;
inline constexpr std::uint32_t kInput = 19;
inline constexpr std::uint32_t kInputSlots = 20;
inline constexpr std::uint32_t kStepBeats = 21;
inline constexpr std::uint32_t kStepValues = 22;
inline constexpr std::uint32_t kVectorBeats = 23;
inline constexpr std::uint32_t kVectorValues = 24;
inline constexpr std::uint32_t kVectors = 25;
inline constexpr std::uint32_t kInputExponent = 26;
inline constexpr std::uint32_t kDescriptorCount = 27;
inline constexpr std::uint32_t kDescriptors = 28; ///< offset in bytes
inline constexpr std::uint32_t kRegions = 30; ///< six of four words: target, beats of a word, words, offset in bytes
inline constexpr std::uint32_t kHeaderWords = 54;
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
inline constexpr std::uint32_t kImageVersion = 2;
inline constexpr std::uint32_t kImageRegions = 6;

} // namespace bru
