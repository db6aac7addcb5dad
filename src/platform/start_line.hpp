// The tasks of several cores start together: each waits behind its start until all have started, so that arrival times
// count from the same cycle in all cores.
#pragma once

#include <cstddef>

#include <systemc>

namespace bru {

/// Lives in the kernel of the simulation.
class StartLine {
public:
    explicit StartLine(std::size_t tasks) : missing_(tasks) {}

    /// Called by the thread of each task, once.
    void pass() {
        if (--missing_ == 0)
            all_there_.notify(sc_core::SC_ZERO_TIME);
        else
            sc_core::wait(all_there_);
    }

private:
    std::size_t missing_;
    sc_core::sc_event all_there_;
};

} // namespace bru
