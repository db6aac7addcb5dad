// sequencer: decides in which cycle every chunk is issued - layers, directions, steps, row groups, parts,
// planes, chunks - and to which class every other cycle belongs. It works as far ahead of kernel time as it knows the
// outside, and hands whole row groups to the lanes. The decisions are made by two plain state machines:
// schedule/work_order.hpp (which vector comes next) and schedule/issue_scheduler.hpp (when its chunks are issued).
#pragma once

#include <array>
#include <cstdint>

#include <systemc>

#include "machine/core_registers.hpp"
#include "machine/core_shape.hpp"
#include "modules/core_ports.hpp"
#include "observe/observer.hpp"
#include "schedule/issue_scheduler.hpp"
#include "schedule/work_order.hpp"
#include "tlm/core_transactions.hpp"

namespace bru {

class Sequencer : public sc_core::sc_module, public SequencerControl {
public:
    Sequencer(const sc_core::sc_module_name& name, const CoreShape& shape, const CoreRegisters& registers);

    RunInitiatorSocket run_socket; ///< to dot_product_lanes
    sc_core::sc_port<InputSteps> input;
    sc_core::sc_port<SliceFifo> slice_fifo;
    sc_core::sc_port<CoreEvents> events;

    /// Before the simulation starts: cycles from the issue of a group's last chunk, where scale_bias is free, to the
    /// first issue that can read the group's first slice of h.
    void set_hidden_latency(int cycles) { scheduler_.set_hidden_latency(cycles); }
    void observe(Observer& observer);
    void observe_vectors(VectorObserver& observer) { scheduler_.observe_vectors(observer); }
    /// After the simulation: reports what is known to last until `end`.
    void finish_observation(Observer& observer, Cycle end) const;

    /// Cycles before `until` are not counted.
    void reset(Cycle until);
    void advance() override;
    void start(Cycle write_cycle) override;
    void count_from(Cycle write_cycle) override;
    std::array<std::uint64_t, kCycleClasses> class_cycles(Cycle cycle) const override;
    bool running(Cycle cycle) const override { return running_ || cycle < stopped_from_; }

private:
    bool work();
    bool begin_vector();
    bool issue_vector();
    bool dispatch();
    void end_vector();
    void finish_run();
    CycleClass class_of_now() const;

    const CoreRegisters& registers_;
    WorkOrder order_;
    IssueScheduler scheduler_;
    Observers observers_;

    bool busy_ = false;
    bool again_ = false;
    bool running_ = false;
    bool ever_started_ = false;
    Cycle running_from_ = 0;
    Cycle stopped_from_ = 0; ///< first cycle after the last run's last chunk; may lie ahead of kernel time
    bool vector_open_ = false;
    bool releases_input_ = false; ///< the vector under way has yet to give input slots back
    VectorPlan plan_;             ///< of the vector under way
};

} // namespace bru
