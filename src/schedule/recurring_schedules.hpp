// Steady state, recognized: where no values are computed, a vector need not be scheduled chunk by chunk or slice by
// slice if an earlier one had the same schedule. Two vectors have the same schedule if they begin in the same state,
// each seen from its own beginning. Cycles before the beginning count as the beginning itself, since a block only ever
// waits until the later of two cycles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "machine/cycle.hpp"

namespace bru {

/// Cycles from `base` on; 0 for those before.
constexpr Cycle from_base(Cycle cycle, Cycle base) { return cycle > base ? cycle - base : 0; }

/// A state as it looks from a base cycle: equal keys mean equal states. States write themselves into a key
/// (describe()).
class StateKey {
public:
    /// Empties the key, and keeps its memory.
    void restart(Cycle base) {
        base_ = base;
        numbers_.clear();
    }
    Cycle base() const { return base_; }
    void cycle(Cycle cycle) { numbers_.push_back(from_base(cycle, base_)); }
    void number(std::uint64_t number) { numbers_.push_back(number); }

    bool operator==(const StateKey& other) const { return numbers_ == other.numbers_; }
    bool operator!=(const StateKey& other) const { return !(*this == other); }

private:
    Cycle base_ = 0;
    std::vector<std::uint64_t> numbers_;
};

/// The state as it looks from `base`.
template <typename State>
StateKey key_of(const State& state, Cycle base) {
    StateKey key;
    key.restart(base);
    state.describe(key);
    return key;
}

/// The latest few schedules of one kind of vector, by the state in which the vector began.
template <typename Schedule>
class RecurringSchedules {
public:
    /// nullptr: no vector is remembered that began in this state.
    const Schedule* find(const StateKey& state) const {
        for (const auto& [begin, schedule] : schedules_)
            if (begin == state) return &schedule;
        return nullptr;
    }
    void add(const StateKey& state, Schedule schedule) {
        if (schedules_.size() < kMost) {
            schedules_.emplace_back(state, std::move(schedule));
            return;
        }
        schedules_[next_] = {state, std::move(schedule)};
        next_ = (next_ + 1) % kMost;
    }
    void clear() { schedules_.clear(); }

private:
    static constexpr std::size_t kMost = 4;
    std::vector<std::pair<StateKey, Schedule>> schedules_;
    std::size_t next_ = 0;
};

} // namespace bru
