// What a run of the virtual board tells: where the time of the processor and of the accelerator went.
#pragma once

#include <string>

#include "run/run.hpp"
#include "virtual_board/board.hpp"

namespace bru {

std::string board_report(const Run& run, const BoardResult& result, const BoardOptions& options);

} // namespace bru
