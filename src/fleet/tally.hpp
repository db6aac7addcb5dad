// What is counted while a fleet runs: steps that are made, and sessions that ask for a stream, between warm-up and end.
// Permanent sessions count, too.
#pragma once

#include <cstdint>

#include "fleet/histogram.hpp"
#include "fleet/time.hpp"

namespace bru::fleet {

struct StepCounts {
    std::uint64_t made = 0; ///< and arrived at the board, or lost on the way there
    std::uint64_t answered = 0;
    std::uint64_t within_deadline = 0;
    std::uint64_t lost_in_network = 0;
    std::uint64_t lost_in_failures = 0;

    std::uint64_t in_flight() const { return made - answered - lost_in_network - lost_in_failures; }
};

struct SessionCounts {
    std::uint64_t arrived = 0;
    std::uint64_t ended = 0;    ///< after all their time
    std::uint64_t rejected = 0; ///< no stream was free
    std::uint64_t dropped = 0;  ///< with a board that failed
    std::uint64_t moved = 0;    ///< times that one went to another board
    std::uint64_t alive = 0;    ///< on a board at the end
    std::uint64_t waiting = 0;  ///< for a stream at the end
};

struct Tally {
    Time warm_up = 0; ///< what begins earlier is not counted
    Time deadline = 0;
    StepCounts steps;
    SessionCounts sessions;
    Histogram responses; ///< of answered steps, network included
    Histogram waits;     ///< of sessions that were taken, 0 where a stream was free

    template <class Archive>
    void visit(Archive& archive) {
        archive(steps);
        archive(sessions);
        archive(responses);
        archive(waits);
    }
};

} // namespace bru::fleet
