#include "platform/shared_processor.hpp"

#include <algorithm>

namespace bru {

SharedProcessor::SharedProcessor(const sc_core::sc_module_name& name, std::size_t tasks, const CycleClock& clock)
    : sc_module(name), clock_(clock), tasks_(tasks), running_(tasks) {
    if (tasks == 1) return;
    SC_METHOD(take_turns);
    sensitive << asked_;
    dont_initialize();
}

void SharedProcessor::work(std::size_t number, Cycle cycles, Cycle ahead) {
    if (tasks_.size() == 1) { // nobody to wait for
        sc_core::wait(clock_.time_until(clock_.current_cycle() + cycles - ahead));
        return;
    }
    Task& task = tasks_[number];
    task.cycles = cycles;
    task.ahead = ahead;
    task.asks = true;
    asked_.notify(clock_.time_until_end());
    sc_core::wait(task.done);
}

/// At the end of a cycle: all that ask in it have asked.
void SharedProcessor::take_turns() {
    free_cycle_ = std::max(free_cycle_, clock_.current_cycle());
    for (Task& task : tasks_) {
        if (!task.asks) continue;
        task.asks = false;
        free_cycle_ += task.cycles;
        task.done.notify(clock_.time_until(free_cycle_ - task.ahead));
    }
}

void SharedProcessor::task_ended(bool failed) {
    if (--running_ == 0 || failed) sc_core::sc_stop();
}

} // namespace bru
