// What the board leaves in memory for the firmware: the image of the network, the steps, the vocabulary
// (firmware/board.h).
#pragma once

#include <vector>

#include "model/step.hpp"
#include "run/run.hpp"
#include "virtual_board/board_result.hpp"

namespace bru {

/// Throws InputError where the job does not fit the memory.
void write_job(std::vector<unsigned char>& ram, const Run& run, const std::vector<Step>& steps,
               const BoardOptions& options);

} // namespace bru
