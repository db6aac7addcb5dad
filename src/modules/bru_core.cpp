#include "modules/bru_core.hpp"

#include "machine/core_shape.hpp"

namespace bru {

BruCore::BruCore(const sc_core::sc_module_name& name, const CoreShape& shape, const CycleClock& clock)
    : Core(name), control_registers("control_registers", shape, clock),
      stream_input("stream_input", shape, control_registers.registers()),
      sequencer("sequencer", shape, control_registers.run_registers()), weight_bram("weight_bram", shape),
      dot_product_lanes("dot_product_lanes", shape), scale_bias("scale_bias", shape),
      activation_lut("activation_lut", shape), cell_update("cell_update", shape),
      state_registers("state_registers", shape),
      stream_output("stream_output", shape, control_registers.run_registers()), shape_(shape) {
    sequencer.set_hidden_latency(hidden_latency_cycles());
    control_registers.on_load_target = [this] { stream_input.begin_load(); };
    control_registers.sequencer(sequencer);
    stream_input.sequencer(sequencer);
    stream_input.events(control_registers);
    stream_output.sequencer(sequencer);
    stream_output.events(control_registers);
    sequencer.input(stream_input);
    sequencer.slice_fifo(stream_output);
    sequencer.events(control_registers);

    // Loads.
    stream_input.weight_load_socket.bind(weight_bram.load_socket);
    stream_input.scale_load_socket.bind(scale_bias.scale_load_socket);
    stream_input.bias_load_socket.bind(scale_bias.bias_load_socket);
    stream_input.table_load_socket.bind(activation_lut.load_socket);
    stream_input.state_load_socket.bind(state_registers.state_load_socket);
    stream_input.cell_load_socket.bind(state_registers.cell_load_socket);

    // The pipeline.
    sequencer.run_socket.bind(dot_product_lanes.run_socket);
    dot_product_lanes.weight_socket.bind(weight_bram.read_socket);
    dot_product_lanes.input_socket.bind(stream_input.read_socket);
    dot_product_lanes.state_socket.bind(state_registers.read_socket);
    dot_product_lanes.part_socket.bind(scale_bias.part_socket);
    scale_bias.z_socket.bind(activation_lut.z_socket);
    scale_bias.logit_socket.bind(stream_output.logit_socket);
    activation_lut.gate_socket.bind(cell_update.gate_socket);
    cell_update.tanh_socket.bind(activation_lut.cell_socket);
    cell_update.cell_socket.bind(state_registers.cell_socket);
    cell_update.hidden_socket.bind(state_registers.hidden_socket);
    cell_update.emit_socket.bind(stream_output.hidden_socket);
}

/// The way of a slice from the issue of its group's last chunk, where scale_bias is free, to the first issue that can
/// read it.
int BruCore::hidden_latency_cycles() const {
    return dot_product_lanes.latency_cycles() + scale_bias.latency_cycles() + activation_lut.latency_cycles() +
           cell_update.latency_cycles(activation_lut.latency_cycles()) + state_registers.latency_cycles();
}

/// The blocks between input and output have no state of their own: what they hold belongs to groups under way.
void BruCore::reset(Cycle until) {
    control_registers.reset(until);
    stream_input.reset();
    sequencer.reset(until);
    stream_output.reset();
}

bool BruCore::observe(Observer& observer) {
    control_registers.observe(observer);
    stream_input.observe(observer);
    sequencer.observe(observer);
    scale_bias.observe(observer);
    activation_lut.observe(observer);
    cell_update.observe(observer);
    state_registers.observe(observer);
    stream_output.observe(observer);
    return true;
}

bool BruCore::observe_vectors(VectorObserver& observer) {
    sequencer.observe_vectors(observer);
    return true;
}

void BruCore::finish_observation(Observer& observer, Cycle end) const {
    control_registers.finish_observation(observer, end);
    sequencer.finish_observation(observer, end);
}

std::optional<SaturatedValues> BruCore::saturated_values() const {
    if (!shape_.computes_values) return std::nullopt;
    return SaturatedValues{scale_bias.saturated_sums(), cell_update.saturated_cells(), scale_bias.saturated_logits()};
}

void BruCore::record_signals(SignalTrace& trace) {
    signal_observer_ = std::make_unique<SignalObserver>(shape_, trace);
    observe(*signal_observer_);
}

void BruCore::finish_signals(Cycle end) { finish_observation(*signal_observer_, end); }

} // namespace bru
