// The processor that the tasks of all cores share. Contract: it works for one task at a time, in the order in which
// they ask; tasks that ask in the same cycle take their turns in the order of their numbers, whatever the order in
// which the kernel runs them. The simulation ends with the last task, or with one that fails.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include <systemc>

#include "tlm/cycle_time.hpp"

namespace bru {

class SharedProcessor : public sc_core::sc_module {
public:
    SC_HAS_PROCESS(SharedProcessor);
    /// Works in cycles of that clock.
    SharedProcessor(const sc_core::sc_module_name& name, std::size_t tasks, const CycleClock& clock);

    /// Called by the thread of a task: returns when the processor has worked `cycles` for it, 1 or more, or `ahead`
    /// cycles earlier.
    void work(std::size_t task, Cycle cycles, Cycle ahead);
    void task_ended(bool failed);

private:
    void take_turns();

    struct Task {
        Cycle cycles = 0; ///< that it asks for
        Cycle ahead = 0;  ///< so many cycles before they are over, it goes on
        bool asks = false;
        sc_core::sc_event done;
    };
    CycleClock clock_;
    std::deque<Task> tasks_;
    std::size_t running_;
    Cycle free_cycle_ = 0; ///< from which on the processor has nothing to do
    sc_core::sc_event asked_;
};

} // namespace bru
