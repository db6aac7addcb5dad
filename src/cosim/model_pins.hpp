// The SystemC core seen at the pins of the RTL. The streams are those of its sockets: a beat is offered when it becomes
// valid, and TREADY is high in the cycle that the core answers with. AXI4-Lite is what docs/interfaces.md says of it: a
// write is taken in the first cycle in which address and data are there and no response waits, a read in the first in
// which no read data waits; the response comes a cycle later.
#pragma once

#include <cstdint>
#include <optional>

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include "modules/core.hpp"
#include "rtl_core/core_pins.hpp"
#include "schedule/beat_queue.hpp"

namespace bru {

class ModelPins : public sc_core::sc_module {
public:
    ModelPins(const sc_core::sc_module_name& name, Core& core);

    /// The outputs of the present cycle; called once in the middle of every cycle.
    CoreOutputs cycle(const CoreInputs& inputs);
    /// As CorePins: in the cycle after `count`.
    void preset_counters(const CounterPreset& preset) { preset_ = preset; }

private:
    void follow_reset(bool aresetn);
    void read(const CoreInputs& inputs, CoreOutputs& outputs);
    void write(const CoreInputs& inputs, CoreOutputs& outputs);
    void take_output(const CoreInputs& inputs, CoreOutputs& outputs);
    void give_input(const CoreInputs& inputs, CoreOutputs& outputs);
    std::uint32_t access(std::uint32_t address, tlm::tlm_command command, std::uint32_t value);
    std::uint32_t with_preset(std::uint32_t address, std::uint32_t value);

    Core& core_;
    tlm_utils::simple_initiator_socket<ModelPins> axi_lite_;
    StreamInitiatorSocket input_;
    StreamTargetSocket output_;
    sc_core::sc_signal<bool> interrupt_;
    bool in_reset_ = false;
    bool input_offered_ = false;
    std::optional<Cycle> input_transfer_;
    BeatQueue<StreamBeat> output_beats_;
    bool write_is_taken_ = false; ///< in this cycle
    bool write_response_ = false;
    bool read_response_ = false;
    std::uint32_t read_data_ = 0;
    CounterPreset preset_;
};

} // namespace bru
