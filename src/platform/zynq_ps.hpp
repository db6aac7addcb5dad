// zynq_ps: the processing system: the host driver, which programs DMA and core through their
// registers and serves their interrupts as one thread of software on the Zynq would.
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "observe/observer.hpp"
#include "platform/host_inputs.hpp"
#include "platform/host_task.hpp"
#include "platform/memory.hpp"

namespace bru {

class ZynqPs : public sc_core::sc_module {
public:
    SC_HAS_PROCESS(ZynqPs);
    ZynqPs(const sc_core::sc_module_name& name, HostTask& task, Memory& memory);

    tlm_utils::simple_initiator_socket<ZynqPs> core_socket; ///< AXI4-Lite
    tlm_utils::simple_initiator_socket<ZynqPs> dma_socket;
    sc_core::sc_in<bool> core_interrupt;
    sc_core::sc_in<bool> mm2s_interrupt;
    sc_core::sc_in<bool> s2mm_interrupt;
    void observe(Observer& observer) { observers_.add(observer); }

private:
    using Socket = tlm_utils::simple_initiator_socket<ZynqPs>;
    void software();
    void run();
    void load_network();
    void load(const LoadRegion& region);
    void configure();
    void stream();
    void start();
    void serve_input();
    void serve_output();
    bool feed_due() const;
    void feed();
    void start_output_transfer();
    void wait_for_event();
    /// The value must fit the register, which has 32 bits.
    void write(Socket& socket, std::uint32_t offset, std::uint64_t value);
    std::uint32_t read(Socket& socket, std::uint32_t offset);
    void access(Socket& socket, tlm::tlm_command command, std::uint32_t offset, std::uint32_t& value);
    void serve_latency();
    void dma_transfer(std::uint32_t channel, std::uint64_t address, std::uint64_t bytes);
    static void wait_cycles(Cycle cycles);

    HostTask& task_;
    Memory& memory_;
    Cycle access_cycles_;    ///< of a register
    Cycle interrupt_cycles_; ///< from the line to the handler
    Observers observers_;
    HostInputs inputs_;
    bool mm2s_busy_ = false;
    std::uint64_t packet_vectors_ = 1;
    std::uint64_t input_buffer_ = 0; ///< of two
    std::vector<std::uint64_t> output_beats_;
};

} // namespace bru
