// The registers of the AXI DMA in direct register mode.
#pragma once

#include <cstdint>

namespace bru {

/// Registers of PG021 v7.1; S2MM's are those of MM2S + kS2mm.
namespace dma_reg {
inline constexpr std::uint32_t kControl = 0x00;
inline constexpr std::uint32_t kStatus = 0x04;
inline constexpr std::uint32_t kAddress = 0x18; ///< SA, DA
inline constexpr std::uint32_t kAddressMsb = 0x1C;
inline constexpr std::uint32_t kLength = 0x28; ///< bytes; S2MM: reads back those received
inline constexpr std::uint32_t kS2mm = 0x30;
inline constexpr std::uint32_t kEnd = 0x60; ///< of the registers of both channels

// Control.
inline constexpr std::uint32_t kRun = 1;
inline constexpr std::uint32_t kReset = 1U << 2; ///< soft reset of both channels; reads 1 until it is done

// Status. The interrupt bits are cleared by writing 1, the error bits by a reset alone.
inline constexpr std::uint32_t kHalted = 1;
inline constexpr std::uint32_t kIdle = 2;
inline constexpr std::uint32_t kInternalError = 1U << 4; ///< a packet longer than LENGTH, an address not aligned
inline constexpr std::uint32_t kSlaveError = 1U << 5;    ///< memory answered with an error
inline constexpr std::uint32_t kDecodeError = 1U << 6;   ///< nothing has the address
inline constexpr std::uint32_t kErrors = kInternalError | kSlaveError | kDecodeError;

// Control: enables the interrupt. Status: its cause.
inline constexpr std::uint32_t kInterruptOnComplete = 1U << 12;
inline constexpr std::uint32_t kInterruptOnError = 1U << 14;
inline constexpr std::uint32_t kInterrupts = kInterruptOnComplete | kInterruptOnError;

inline constexpr std::uint32_t kControlConstant = 0x0001'0002; ///< interrupt threshold 1; bit 1 reads 1
} // namespace dma_reg

} // namespace bru
