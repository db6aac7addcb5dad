// What a run of the virtual board is given, and what it tells.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "driver/bru.h"
#include "virtual_board/processor.hpp"

namespace bru {

struct BoardOptions {
    std::string firmware; ///< an ELF file
    ProcessorTiming processor;
    double baud = 921600;
};

/// What the processor did in a phase of the firmware.
struct BoardPhase {
    double begin_ns = 0;
    double end_ns = 0;
    double busy_ns = 0;         ///< executed instructions
    double access_ns = 0;       ///< waited for registers of core and DMA
    double sleep_ns = 0;        ///< in WFI
    std::uint64_t accesses = 0; ///< of registers, those of the interrupt controller and the UART included
    std::uint64_t interrupts = 0;
    std::vector<std::uint64_t> instructions; ///< by Work
    std::uint64_t total_instructions() const;
};

/// Loading the network, running it, and what of the text left the UART only afterwards.
enum class PhaseKind { loading, running, printing };
inline constexpr int kPhases = 3;

struct BoardResult {
    std::string text;     ///< of the UART
    std::string expected; ///< what it must be, from the reference execution
    bru_result result = BRU_OK;
    std::array<BoardPhase, kPhases> phases;
    std::array<std::uint64_t, BRU_COUNTERS> counters{}; ///< of the core, in the run
    std::uint64_t steps = 0;
};

} // namespace bru
