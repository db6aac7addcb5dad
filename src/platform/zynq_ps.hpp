// zynq_ps: the processing system as a port of the driver (driver/bru.h) for the task that drives one core: every
// register access and every wait of the task passes through it and takes the time of the processor that [host] says.
// One tick of the port is one cycle of the core. A core may say in the middle of a cycle that its line rises (the RTL
// does), so who looks at the line sees it from the next cycle on; who waits for it wakes in the cycle.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "config/configuration.hpp"
#include "driver/bru.h"
#include "observe/observer.hpp"
#include "platform/memory.hpp"
#include "platform/shared_processor.hpp"

namespace bru {

/// A task of the processor: one thread, which drives one core. The addresses are those of the register blocks.
using HostProgram = std::function<void(const bru_port& port, const bru_addresses& addresses)>;

class ZynqPs : public sc_core::sc_module {
public:
    SC_HAS_PROCESS(ZynqPs);
    /// `task`: its number on the processor.
    ZynqPs(const sc_core::sc_module_name& name, const Configuration& configuration, Memory& memory,
           SharedProcessor& processor, std::size_t task, HostProgram program);

    tlm_utils::simple_initiator_socket<ZynqPs> control_socket; ///< AXI4-Lite
    sc_core::sc_in<bool> core_interrupt;
    sc_core::sc_in<bool> mm2s_interrupt;
    sc_core::sc_in<bool> s2mm_interrupt;
    void observe(Observer& observer) { observers_.add(observer); }
    std::exception_ptr failure() const { return failure_; } ///< what the program threw

private:
    void software();
    bru_port make_port();
    std::uint32_t read(std::uintptr_t address);
    void write(std::uintptr_t address, std::uint32_t value);
    void access(std::uintptr_t address, tlm::tlm_command command, std::uint32_t& value);
    std::uint32_t pending() const;
    bool any_line() const { return s2mm_interrupt.read() || mm2s_interrupt.read() || core_interrupt.read(); }
    void note_core_interrupt() { core_line_seen_from_ = clock_.current_cycle() + 1; }
    std::uint32_t wait_for_lines(std::uint64_t deadline);
    void serve_latency();

    HostProgram program_;
    Memory& memory_;
    SharedProcessor& processor_;
    std::size_t task_;
    CycleClock clock_; ///< of the core
    std::uint64_t ticks_per_s_;
    unsigned length_bits_;          ///< of the DMA's LENGTH registers
    Cycle access_cycles_;           ///< of a register
    Cycle interrupt_cycles_;        ///< from the line to the handler
    Cycle core_line_seen_from_ = 0; ///< by who looks at it
    Observers observers_;
    std::exception_ptr failure_ = nullptr;
};

} // namespace bru
