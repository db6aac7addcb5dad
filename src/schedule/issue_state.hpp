// Everything that decides in which cycles the chunks of a vector are issued (docs/architecture.md, "Timing"), and how
// far the vector is. issue_scheduler reads what a vector waits for from here and from nowhere else, and the recognition
// of steady state compares this struct: a condition is either in both or in neither.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/cycle.hpp"
#include "schedule/recurring_schedules.hpp"

namespace bru {

struct IssueState {
    Cycle next_cycle = 0; ///< the first cycle not yet classified; a chunk is issued no earlier
    /// Condition 1: the first chunk of the vector can be issued; once it is, of the next vector.
    Cycle first_chunk_ready = 0;
    std::vector<Cycle> x_ready;   ///< conditions 1 (from the input, as far as known) and 2 (from state): per chunk of x
    std::vector<Cycle> h_ready;   ///< condition 2: per chunk of h
    Cycle part_register_free = 0; ///< condition 3: one of the two part registers can take another part
    Cycle scale_bias_free = 0;    ///< scale_bias can begin with another part (in issue cycles)
    std::uint32_t group = 0;      ///< place in the vector: row group,
    std::uint32_t part = 0;       ///< part (0: x, 1: h),
    std::uint32_t issued = 0;     ///< and issued chunks of the part
    bool emits = false; ///< condition 4 applies: reservations depend on the slice FIFO, which has its own state

    void describe(StateKey& key) const {
        // Names every member: one that is added to the struct and not here does not compile.
        const auto& [next, first_chunk, x, h, part_register, scale_bias, group_now, part_now, chunk_now, leaves] =
            *this;
        key.cycle(next);
        key.cycle(first_chunk);
        for (const Cycle ready : x) key.cycle(ready);
        for (const Cycle ready : h) key.cycle(ready);
        key.cycle(part_register);
        key.cycle(scale_bias);
        key.number(group_now);
        key.number(part_now);
        key.number(chunk_now);
        key.number(leaves ? 1 : 0);
    }
};

} // namespace bru
