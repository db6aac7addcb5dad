// The ranges of addresses that hold registers of the board.
#pragma once

#include <cstdint>

#include "firmware/board.h"

namespace bru {

struct RegisterWindow {
    std::uint32_t address;
    std::uint32_t bytes; ///< whole pages of 4 KiB
};

inline constexpr std::uint32_t kWindowBytes = 0x1000;
inline constexpr RegisterWindow kRegisterWindows[] = {{BOARD_DMA, kWindowBytes},  {BOARD_CORE, 2 * kWindowBytes},
                                                      {BOARD_UART, kWindowBytes}, {0xF8000000, kWindowBytes},
                                                      {0xF8F00000, kWindowBytes}, {BOARD_DISTRIBUTOR, kWindowBytes}};

} // namespace bru
