// A session: a stream of steps that a board takes for a time.
#pragma once

#include <cstdint>

#include "fleet/random.hpp"
#include "fleet/time.hpp"

namespace bru::fleet {

enum class StepKind : std::uint8_t { periodic, poisson };

/// Between a session's client and its board.
struct Network {
    Time delay = 0;  ///< of each way, always
    Time jitter = 0; ///< mean of what comes on top, exponential
    Time range = 0;  ///< or: uniform from 0 to this
    double loss = 0; ///< probability that a step or its answer is lost, each way
};

struct Session {
    Random random;
    Time period = 0;       ///< mean distance of its steps
    Time next_created = 0; ///< when its next step is made
    Time end = 0;          ///< no step is made from here on
    Time last_arrival = 0; ///< of a step at the board: none overtakes another
    std::uint64_t client = 0;
    StepKind kind = StepKind::periodic;
    bool is_counted = true; ///< it asked for a stream after the warm-up, or is permanent

    /// From one step to the next.
    Time draw_distance() { return kind == StepKind::periodic ? period : random.exponential(period); }
};

/// A step on its way.
struct Step {
    Time created = 0;
    Time way_back = 0;        ///< of its answer
    std::uint32_t stream = 0; ///< place on the board
    bool answer_lost = false;
};

} // namespace bru::fleet
