// The virtual board: the platform of `bru run` with a processor that executes a firmware in place of the simulator's
// host.
#pragma once

#include <vector>

#include "model/step.hpp"
#include "run/run.hpp"
#include "virtual_board/board_result.hpp"

namespace bru {

/// Runs the firmware over all steps. Throws InputError where they do not fit the memory of the board, or where the
/// network gives its outputs in another order than that of the steps; std::runtime_error where the firmware does what
/// the board cannot.
BoardResult run_board(const Run& run, const std::vector<Step>& steps, const BoardOptions& options);

} // namespace bru
