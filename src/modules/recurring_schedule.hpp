// What a block that computes no values remembers of vectors: in steady state one vector goes like another, a number of
// cycles later, and need not be scheduled chunk by chunk or slice by slice again. A vector goes like an earlier one
// where everything that it can have to wait for lies as far from its beginning as then; what lies before the beginning
// counts as nothing, since a block only ever waits until the later of two cycles.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "modules/cycle_class.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

/// Cycles from `base` on; 0 for those before.
constexpr Cycle from_base(Cycle cycle, Cycle base) { return cycle > base ? cycle - base : 0; }

/// The latest few schedules of one kind of vector, by what they waited for. `Schedule` has a member `waits`.
template <typename Schedule>
class RecurringSchedules {
public:
    const Schedule* find(const std::vector<Cycle>& waits) const {
        for (const Schedule& schedule : schedules_)
            if (schedule.waits == waits) return &schedule;
        return nullptr;
    }
    void add(Schedule schedule) {
        if (schedules_.size() < kMost) {
            schedules_.push_back(std::move(schedule));
            return;
        }
        schedules_[next_] = std::move(schedule);
        next_ = (next_ + 1) % kMost;
    }
    void clear() { schedules_.clear(); }

private:
    static constexpr std::size_t kMost = 4;
    std::vector<Schedule> schedules_;
    std::size_t next_ = 0;
};

/// How sequencer issued a vector: cycles from the first that it had not classified when the vector began.
struct IssueSchedule {
    std::vector<Cycle> waits;
    std::vector<Cycle> group_begins;
    std::array<std::uint64_t, kCycleClasses> classes{};
    Cycle end = 0; ///< first cycle not classified any more
    Cycle vector_free = 0;
    Cycle scale_bias_free = 0;
    Cycle part_register_free = 0;
    Cycle last_x = 0; ///< its last x chunk
    std::uint64_t slices = 0;
};

/// How stream_output serialized a vector: cycles from the first slice's being ready.
struct SerialSchedule {
    std::vector<Cycle> waits;
    std::vector<Cycle> beats_valid;
    std::vector<Cycle> slice_ends; ///< the latest, as many as the slice FIFO holds
    std::uint64_t slices = 0;
    Cycle serializer = 0; ///< last cycle worked in
};

} // namespace bru
