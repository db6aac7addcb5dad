// A SystemC kernel of its own for each test, so that one program can elaborate many machines one after the other.
#pragma once

#include <systemc>

#include "platform/kernel_scope.hpp"
#include "tlm/cycle_time.hpp"

namespace bru::test {

/// Contract: modules are made and destroyed inside the scope's life.
class TestKernel : public KernelScope {
public:
    TestKernel() {
        sc_core::sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_THROW);
        // sc_start() to a cycle in which nothing happens is what a test of a single block does.
        sc_core::sc_report_handler::set_actions(sc_core::SC_ID_NO_SC_START_ACTIVITY_, sc_core::SC_WARNING,
                                                sc_core::SC_DO_NOTHING);
    }
};

/// Ends elaboration: from here on sockets can be called.
inline void elaborate() { sc_core::sc_start(sc_core::SC_ZERO_TIME); }

/// Runs the kernel until everything of `cycle` has happened.
inline void run_to(Cycle cycle) {
    sc_core::sc_start(cycles_to_time(cycle) + sc_core::sc_time(0.5, sc_core::SC_NS) - sc_core::sc_time_stamp());
}

} // namespace bru::test
