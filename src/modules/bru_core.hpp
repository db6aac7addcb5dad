// bru_core: the blocks of the core, wired: everything between the AXI4-Stream and AXI4-Lite ports. The RTL's
// top module has the same name and ports.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <systemc>

#include "machine/core_shape.hpp"
#include "modules/activation_lut.hpp"
#include "modules/cell_update.hpp"
#include "modules/control_registers.hpp"
#include "modules/core.hpp"
#include "modules/dot_product_lanes.hpp"
#include "modules/scale_bias.hpp"
#include "modules/sequencer.hpp"
#include "modules/state_registers.hpp"
#include "modules/stream_input.hpp"
#include "modules/stream_output.hpp"
#include "modules/weight_bram.hpp"
#include "observe/signal_observer.hpp"

namespace bru {

class BruCore : public Core {
public:
    BruCore(const sc_core::sc_module_name& name, const CoreShape& shape, const CycleClock& clock = CycleClock());

    tlm::tlm_target_socket<32>& axi_lite() override { return control_registers.axi_lite_socket; }
    StreamTargetSocket& input_stream() override { return stream_input.stream_socket; }
    StreamInitiatorSocket& output_stream() override { return stream_output.stream_socket; }
    sc_core::sc_out<bool>& interrupt() override { return control_registers.interrupt; }
    std::optional<std::uint32_t> peek(std::uint32_t offset) const override { return control_registers.read(offset); }
    void reset(Cycle until) override;
    bool observe(Observer& observer) override;
    bool observe_vectors(VectorObserver& observer) override;
    void finish_observation(Observer& observer, Cycle end) const override;
    std::optional<SaturatedValues> saturated_values() const override;
    void record_signals(SignalTrace& trace) override;
    void finish_signals(Cycle end) override;

    ControlRegisters control_registers;
    StreamInput stream_input;
    Sequencer sequencer;
    WeightBram weight_bram;
    DotProductLanes dot_product_lanes;
    ScaleBias scale_bias;
    ActivationLut activation_lut;
    CellUpdate cell_update;
    StateRegisters state_registers;
    StreamOutput stream_output;

private:
    int hidden_latency_cycles() const;

    CoreShape shape_;
    std::unique_ptr<SignalObserver> signal_observer_; ///< nullptr: no waveform is wanted
};

} // namespace bru
