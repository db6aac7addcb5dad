// Pins of a Verilated bru_core driven from TLM sockets, a cycle at a time: registers by b_transport, beats of
// the input stream as they become valid, beats of the output stream offered one by one to the DMA. A cycle is
// evaluated in its middle, after everything that kernel events at its beginning can change.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "modules/core.hpp"
#include "rtl_core/core_pins.hpp"
#include "schedule/beat_queue.hpp"

namespace bru {

class RtlCore : public Core {
public:
    SC_HAS_PROCESS(RtlCore);
    RtlCore(const sc_core::sc_module_name& name, std::unique_ptr<CorePins> pins, int activation_bits,
            const CycleClock& clock = CycleClock());

    tlm::tlm_target_socket<32>& axi_lite() override { return axi_lite_socket_; }
    StreamTargetSocket& input_stream() override { return input_socket_; }
    StreamInitiatorSocket& output_stream() override { return output_socket_; }
    sc_core::sc_out<bool>& interrupt() override { return interrupt_; }
    void reset(Cycle until) override;
    void record_signals(SignalTrace& trace) override { trace_ = &trace; }
    void finish_signals(Cycle) override {}

private:
    enum class Access { none, address, taken };
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void cycle();
    void drive_input(Cycle now);
    void offer_output(Cycle now);
    void finish_access();
    void foretell_interrupt(bool next);
    void drive_interrupt();
    void record_pins(Cycle now);

    std::unique_ptr<CorePins> pins_;
    int activation_bits_;
    CycleClock clock_;
    SignalTrace* trace_ = nullptr;
    tlm_utils::simple_target_socket<RtlCore> axi_lite_socket_;
    StreamTargetSocket input_socket_;
    StreamInitiatorSocket output_socket_;
    sc_core::sc_out<bool> interrupt_;
    BeatQueue<StreamBeat> input_beats_;
    bool output_offered_ = false;
    std::optional<Cycle> output_transfer_;
    Cycle reset_until_ = 0;
    Access access_ = Access::none;
    bool access_is_write_ = false;
    bool access_failed_ = false; ///< a reset came before its end
    std::uint32_t access_value_ = 0;
    sc_core::sc_event access_done_;
    bool next_interrupt_ = false;
    sc_core::sc_event interrupt_event_;
};

} // namespace bru
