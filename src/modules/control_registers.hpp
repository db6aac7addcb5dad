// control_registers: the core's AXI4-Lite slave: control, status, descriptors, counters, the done interrupt
// (docs/interfaces.md). Timing: the call is in the first cycle in which address and data are valid. A write is taken
// and effective in the next cycle, and what it sets is visible in the one behind that; a read is of the cycle of its
// call. What an access takes is added to the delay: kWriteCycles or kReadCycles.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <queue>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "machine/core_registers.hpp"
#include "machine/core_shape.hpp"
#include "machine/registers.hpp"
#include "modules/core_ports.hpp"
#include "observe/observer.hpp"

namespace bru {

class ControlRegisters : public sc_core::sc_module, public CoreEvents {
public:
    SC_HAS_PROCESS(ControlRegisters);
    ControlRegisters(const sc_core::sc_module_name& name, const CoreShape& shape,
                     const CycleClock& clock = CycleClock());

    tlm_utils::simple_target_socket<ControlRegisters> axi_lite_socket;
    sc_core::sc_out<bool> interrupt;
    sc_core::sc_port<SequencerControl> sequencer;
    std::function<void()> on_load_target; ///< LOAD_TARGET was written

    const CoreRegisters& registers() const { return registers_; }
    /// As they were at the start of the run: nothing that software writes later can make its order of work impossible.
    const CoreRegisters& run_registers() const { return run_registers_; }

    void observe(Observer& observer) { observers_.add(observer); }
    /// After the simulation: reports what lasts until `end`.
    void finish_observation(Observer& observer, Cycle end) const;

    void reset(Cycle until);
    void header_accepted(Cycle cycle) override;
    void output_transferred(Cycle cycle, bool last_of_run) override;
    void work_finished(Cycle cycle) override;
    void mistake(Cycle visible_from) override { error_from_ = std::min(error_from_, visible_from); }

    /// A register as software reads it; without time and without an effect.
    std::uint32_t read(std::uint32_t offset) const;

private:
    struct Write {
        std::uint32_t offset = 0;
        std::uint32_t value = 0;
    };
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void take_writes();
    void write(std::uint32_t offset, std::uint32_t value);
    void write_control(std::uint32_t value);
    void start(Cycle now);
    bool has_mistake() const;
    void schedule_done();
    void serve_events();
    bool interrupt_due() const { return (interrupt_status_ & interrupt_enable_) != 0; }
    void note_interrupt(Cycle visible_from);

    CoreShape shape_;
    CycleClock clock_;
    CoreRegisters registers_;
    CoreRegisters run_registers_;
    std::queue<Write> writes_; ///< to be taken
    sc_core::sc_event write_event_;
    std::uint32_t interrupt_enable_ = 0;
    std::uint32_t interrupt_status_ = 0;
    static constexpr Cycle kNever = std::numeric_limits<Cycle>::max();
    bool done_ = false;
    bool started_ = false;                      ///< since the reset
    std::array<bool, kMaxDescriptors> marks_{}; ///< descriptors with a field out of range
    bool count_is_wrong_ = true;
    Cycle error_from_ = kNever;        ///< the error bit is high from then on
    std::queue<Cycle> last_transfers_; ///< of runs; known, perhaps ahead of kernel time
    std::queue<Cycle> finish_cycles_;  ///< of runs: last chunk issued
    std::queue<Cycle> done_cycles_;
    sc_core::sc_event service_event_; ///< the run at the front is done, or the interrupt may change
    bool counting_ = false;           ///< from `count` to `freeze`
    Cycle count_start_ = 0;
    std::array<std::uint64_t, reg::kCounters> counters_{};
    Observers observers_;
    Cycle interrupt_from_ = 0;
    bool interrupt_high_ = false;
};

} // namespace bru
