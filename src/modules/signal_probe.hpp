// What the blocks of the SystemC core record for a waveform: a run of row groups as the slices that pass a block
// of the RTL one after the other.
#pragma once

#include "modules/core_registers.hpp"
#include "modules/signal_trace.hpp"
#include "tlm/core_transactions.hpp"

namespace bru {

/// `run.latency_cycles` says in each of these where a group's first slice is, counted from its begin cycle.
class SignalProbe {
public:
    explicit SignalProbe(const CoreShape& shape) : shape_(shape) {}

    void attach(SignalTrace& trace) { trace_ = &trace; }
    explicit operator bool() const { return trace_ != nullptr; }

    /// scale_bias takes the slices of the groups' last parts.
    void slices_enter(const RowGroupRun& run);
    /// cell_update writes c' of the run's slices, `next` by unit of the vector.
    void cells_written(const RowGroupRun& run, int cycles_later, const std::int16_t* next);
    /// state_registers takes h'.
    void hidden_written(const RowGroupRun& run);
    /// stream_output takes logits.
    void logits_written(const RowGroupRun& run);

private:
    template <typename Visit>
    void each_slice(const RowGroupRun& run, int cycles_later, int rows_per_group, int rows_per_slice, Visit&& visit);
    void record(Signal signal, Cycle cycle, std::uint64_t value) { trace_->record(signal, cycle, cycle + 1, value); }
    void record_packed(Signal signal, Cycle cycle) {
        trace_->record(signal, cycle, cycle + 1, packed_.words(), packed_.size());
    }

    CoreShape shape_;
    SignalTrace* trace_ = nullptr;
    PackedNumbers packed_;
};

} // namespace bru
