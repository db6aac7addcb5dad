// zynq_ps: the processing system: the host driver, which programs DMA and core through their
// registers and serves their interrupts as one thread of software on the Zynq would.
#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "machine/registers.hpp"
#include "observe/observer.hpp"
#include "platform/memory.hpp"
#include "platform/network_image.hpp"
#include "platform/output_assembler.hpp"
#include "platform/simulation.hpp"
#include "platform/step_encoder.hpp"

namespace bru {

/// What the driver runs, and where it leaves what it learned.
struct HostTask {
    const Configuration& configuration; ///< resolved
    const NetworkImage& image;
    const SimulationOptions& options;
    StepSource& steps;
    StepEncoder& encoder;
    OutputAssembler& outputs;
    std::function<void(Cycle)> on_start = {}; ///< inputs begin

    std::array<std::uint64_t, reg::kCounters> counters{};
    std::uint64_t total_cycles = 0;
    Cycle count_end = 0; ///< the cycle after the last counted one
    std::uint64_t input_steps = 0;
    std::exception_ptr failure = nullptr;
    bool finished = false;
};

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
    bool fetch_step();
    void start_output_transfer();
    void wait_for_event();
    void check_sequence_length();
    void write(Socket& socket, std::uint32_t offset, std::uint32_t value);
    std::uint32_t read(Socket& socket, std::uint32_t offset);
    void access(Socket& socket, tlm::tlm_command command, std::uint32_t offset, std::uint32_t& value);
    void serve_latency();
    void dma_transfer(std::uint32_t channel, std::uint64_t address, std::uint64_t bytes);
    Cycle arrival_cycle(const Step& step) const;
    static void wait_cycles(Cycle cycles);

    HostTask& task_;
    Memory& memory_;
    Cycle access_cycles_;    ///< of a register
    Cycle interrupt_cycles_; ///< from the line to the handler
    Observers observers_;
    Step next_step_; ///< fetched, not yet fed
    Step step_;      ///< being fed
    bool have_step_ = false;
    bool all_fed_ = false;
    std::uint64_t sequence_length_ = 0;
    bool mm2s_busy_ = false;
    Cycle start_cycle_ = 0;
    std::uint64_t packet_vectors_ = 1;
    std::uint64_t input_buffer_ = 0; ///< of two
    std::vector<std::uint64_t> input_beats_;
    std::vector<std::uint64_t> output_beats_;
};

} // namespace bru
