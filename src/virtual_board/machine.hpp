// The platform of the board: accelerator, memory and, as its host, the processor with its peripherals.
#pragma once

#include <vector>

#include "config/configuration.hpp"
#include "platform/simulation.hpp"
#include "virtual_board/board_result.hpp"
#include "virtual_board/elf_file.hpp"

namespace bru {

/// Executes the firmware, which lies in `ram` with its job, until it resets the board; fills in the text and the
/// phases.
void run_machine(const Configuration& configuration, CoreKind core, const ElfFile& firmware,
                 std::vector<unsigned char>& ram, const BoardOptions& options, BoardResult& result);

} // namespace bru
