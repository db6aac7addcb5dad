// The addresses and bits of the core's registers, as docs/interfaces.md lists them.
#pragma once

#include <cstdint>

namespace bru {

namespace reg {
inline constexpr std::uint32_t kControl = 0x00;
inline constexpr std::uint32_t kStatus = 0x04;
inline constexpr std::uint32_t kInterruptEnable = 0x08;
inline constexpr std::uint32_t kInterruptStatus = 0x0C;
inline constexpr std::uint32_t kLoadTarget = 0x10;
inline constexpr std::uint32_t kLoadAddress = 0x14;
inline constexpr std::uint32_t kDescriptors = 0x18;
inline constexpr std::uint32_t kMode = 0x1C;
inline constexpr std::uint32_t kInput = 0x20;
inline constexpr std::uint32_t kInputSlots = 0x24;
inline constexpr std::uint32_t kPacketVectors = 0x28;
inline constexpr std::uint32_t kVersion = 0x2C;
inline constexpr std::uint32_t kShape = 0x30; ///< fourteen registers
inline constexpr std::uint32_t kShapeRegisters = 14;
inline constexpr std::uint32_t kCounter = 0x80; ///< ten of 64 bits
inline constexpr std::uint32_t kCounters = 10;
inline constexpr std::uint32_t kDescriptor = 0x1000;
inline constexpr std::uint32_t kDescriptorBytes = 0x80;
} // namespace reg

inline constexpr std::uint32_t kControlStart = 1;
inline constexpr std::uint32_t kControlCount = 2;
inline constexpr std::uint32_t kControlFreeze = 4;
inline constexpr std::uint32_t kStatusRunning = 1;
inline constexpr std::uint32_t kStatusDone = 2;
inline constexpr std::uint32_t kStatusError = 4;
inline constexpr std::uint32_t kVersionValue = 0x42525501;
inline constexpr std::uint32_t kInputOneHot = 1U << 31;
inline constexpr std::uint32_t kMostLoadAddress = (1U << 22) - 1; ///< what LOAD_ADDRESS holds

// Of an access, from the first cycle in which its address and its data are valid.
inline constexpr int kWriteEffectCycles = 1; ///< to the cycle in which a write is taken and takes effect
inline constexpr int kWriteCycles = 2;       ///< to the response
inline constexpr int kReadCycles = 1;

enum class LoadTarget : std::uint32_t { run, weights, scales, biases, tables, state, cell };
inline constexpr int kLoadTargets = 7;

enum Counter { kCounterSteps = 7, kCounterFirstInput = 8, kCounterLastOutput = 9 }; ///< 0 to 6: the cycle classes

} // namespace bru
