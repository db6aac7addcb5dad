// The registers of the AXI DMA in direct register mode.
#pragma once

#include <cstdint>

namespace bru {

/// Registers of PG021 v7.1; S2MM's are those of MM2S + kS2mm.
namespace dma_reg {
inline constexpr std::uint32_t kControl = 0x00; ///< bit 0 run/stop, bit 12 interrupt on complete
inline constexpr std::uint32_t kStatus = 0x04;  ///< bit 0 halted, bit 1 idle, bit 12 interrupt (W1C)
inline constexpr std::uint32_t kAddress = 0x18; ///< SA, DA
inline constexpr std::uint32_t kAddressMsb = 0x1C;
inline constexpr std::uint32_t kLength = 0x28; ///< bytes; S2MM: reads back those received
inline constexpr std::uint32_t kS2mm = 0x30;
inline constexpr std::uint32_t kRun = 1;
inline constexpr std::uint32_t kInterruptOnComplete = 1U << 12;
inline constexpr std::uint32_t kHalted = 1;
inline constexpr std::uint32_t kIdle = 2;
inline constexpr std::uint32_t kLengthBits = 23; ///< the default width of the length register
inline constexpr std::uint32_t kMaxLength = (1U << kLengthBits) - 1;
} // namespace dma_reg

} // namespace bru
