// A SystemC kernel of its own for each simulation, so that a process can elaborate one machine after the other.
#pragma once

#include <cstring>
#include <memory>

#include <systemc>

namespace bru {

/// Contract: modules are made and destroyed inside the scope's life.
class KernelScope {
public:
    KernelScope()
        : outer_(sc_core::sc_curr_simcontext), outer_default_(sc_core::sc_default_global_context),
          inner_(std::make_unique<sc_core::sc_simcontext>()) {
        sc_core::sc_curr_simcontext = inner_.get();
        sc_core::sc_default_global_context = inner_.get();
        // sc_stop() is how the host driver ends a run; nobody needs to read about it.
        sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    }
    ~KernelScope() {
        if (has_unfinished_thread()) (void)inner_.release();
        sc_core::sc_curr_simcontext = outer_;
        sc_core::sc_default_global_context = outer_default_;
    }
    KernelScope(const KernelScope&) = delete;
    KernelScope& operator=(const KernelScope&) = delete;

private:
    /// Whether a thread is left that did not return. SystemC 3 destroys the stacks of such threads after the package of
    /// coroutines that they belong to, and crashes; then the kernel is not destroyed. Threads return at the end of
    /// every run but one that was stopped in its middle.
    bool has_unfinished_thread() const {
        for (const sc_core::sc_object* object : inner_->get_child_objects()) {
            if (std::strcmp(object->kind(), "sc_thread_process") == 0) return SC_VERSION_MAJOR >= 3;
        }
        return false;
    }

    sc_core::sc_simcontext* outer_;
    sc_core::sc_simcontext* outer_default_;
    std::unique_ptr<sc_core::sc_simcontext> inner_;
};

} // namespace bru
