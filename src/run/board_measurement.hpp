// What a board takes for a step, measured in the cycle-accurate simulation: the figures of the fleet's board model.
#pragma once

#include "fleet/board_service.hpp"
#include "run/library.hpp"
#include "run/specification.hpp"

namespace bru {

/// Runs the machine a few times for its timing alone: steps far apart, steps back to back. Every step has an output.
/// Power only where the specification is on a device. Throws InputError where the network takes whole sequences, and
/// as Run does.
fleet::BoardService measure_board(Library& library, const RunSpecification& specification);

} // namespace bru
