#include "cosim/model_pins.hpp"

#include <limits>

#include "machine/registers.hpp"
#include "tlm/cycle_time.hpp"
#include "tlm/register_access.hpp"

namespace bru {

namespace {

constexpr Cycle kNever = std::numeric_limits<Cycle>::max() / 2;
constexpr int kCounterBits = 48; ///< of the RTL; only a preset makes a counter reach them

} // namespace

ModelPins::ModelPins(const sc_core::sc_module_name& name, Core& core)
    : sc_module(name), core_(core), axi_lite_("axi_lite"), input_("input"), output_("output"), interrupt_("interrupt") {
    axi_lite_.bind(core.axi_lite());
    input_.bind(core.input_stream());
    core.output_stream().bind(output_);
    core.interrupt()(interrupt_);
    input_.on_nb_transport_bw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
        input_transfer_ = transfer.transfer_cycles[0];
        return tlm::TLM_ACCEPTED;
    };
    output_.on_nb_transport_fw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
        output_beats_.append(transfer.beats, transfer.count);
        return tlm::TLM_ACCEPTED;
    };
}

/// What is visible in a cycle comes before what it changes.
CoreOutputs ModelPins::cycle(const CoreInputs& inputs) {
    CoreOutputs outputs;
    follow_reset(inputs.aresetn);
    if (in_reset_) return outputs;
    outputs.irq = interrupt_.read();
    read(inputs, outputs);
    take_output(inputs, outputs);
    give_input(inputs, outputs);
    write(inputs, outputs);
    return outputs;
}

void ModelPins::follow_reset(bool aresetn) {
    if (aresetn != in_reset_) return;
    in_reset_ = !aresetn;
    core_.reset(in_reset_ ? kNever : current_cycle());
    input_offered_ = false;
    input_transfer_.reset();
    output_beats_ = {};
    write_is_taken_ = false;
    write_response_ = false;
    read_response_ = false;
    preset_ = {};
}

// ---------------------------------------------------------------- streams

void ModelPins::take_output(const CoreInputs& inputs, CoreOutputs& outputs) {
    if (output_beats_.empty() || output_beats_.front().valid_cycle > current_cycle()) return;
    const StreamBeat beat = output_beats_.front();
    outputs.m_axis_tvalid = true;
    outputs.m_axis_tdata = beat.data;
    outputs.m_axis_tlast = beat.last;
    if (!inputs.m_axis_tready) return;
    output_beats_.pop();
    const Cycle now = current_cycle();
    answer_beats(output_, &now, 1);
}

void ModelPins::give_input(const CoreInputs& inputs, CoreOutputs& outputs) {
    if (!inputs.s_axis_tvalid) return;
    if (!input_offered_) {
        input_offered_ = true;
        input_transfer_.reset();
        const StreamBeat beat{inputs.s_axis_tdata, current_cycle(), inputs.s_axis_tlast};
        offer_beats(input_, &beat, 1);
    }
    outputs.s_axis_tready = input_transfer_ && *input_transfer_ == current_cycle();
    if (outputs.s_axis_tready) input_offered_ = false;
}

// ---------------------------------------------------------------- AXI4-Lite

void ModelPins::read(const CoreInputs& inputs, CoreOutputs& outputs) {
    outputs.arready = !read_response_;
    outputs.rvalid = read_response_;
    outputs.rdata = read_data_;
    if (read_response_ && inputs.rready) read_response_ = false;
    if (!inputs.arvalid || !outputs.arready) return;
    read_data_ = with_preset(inputs.araddr, access(inputs.araddr, tlm::TLM_READ_COMMAND, 0));
    read_response_ = true;
}

void ModelPins::write(const CoreInputs& inputs, CoreOutputs& outputs) {
    outputs.awready = outputs.wready = write_is_taken_;
    outputs.bvalid = write_response_;
    if (write_is_taken_ && inputs.awaddr == reg::kControl && (inputs.wdata & kControlCount) != 0) preset_ = {};
    const bool begins = inputs.awvalid && inputs.wvalid && (!write_response_ || inputs.bready) && !write_is_taken_;
    write_response_ = write_is_taken_ || (write_response_ && !inputs.bready);
    write_is_taken_ = begins; // in the next cycle
    if (begins) access(inputs.awaddr, tlm::TLM_WRITE_COMMAND, inputs.wdata);
}

std::uint32_t ModelPins::access(std::uint32_t address, tlm::tlm_command command, std::uint32_t value) {
    tlm::tlm_generic_payload payload;
    set_register_access(payload, command, address, value);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    axi_lite_->b_transport(payload, delay);
    return value;
}

/// Both halves of the counter are needed, since the preset may carry into the upper one.
std::uint32_t ModelPins::with_preset(std::uint32_t address, std::uint32_t value) {
    if (address < reg::kCounter || address >= reg::kCounter + 8 * reg::kCounters) return value;
    const std::uint32_t counter = (address - reg::kCounter) / 8;
    const std::uint32_t low_address = reg::kCounter + 8 * counter;
    const std::uint64_t low = access(low_address, tlm::TLM_READ_COMMAND, 0);
    const std::uint64_t counted = low | std::uint64_t{access(low_address + 4, tlm::TLM_READ_COMMAND, 0)} << 32;
    const bool is_class = counter < preset_.classes.size();
    const std::uint64_t first = is_class ? preset_.classes[counter] : counter == kCounterSteps ? preset_.steps : 0;
    const bool is_cycle = counter > kCounterSteps && counted != 0; // 0: there was no such event
    const std::uint64_t sum = (counted + (is_cycle ? preset_.cycle : first)) % (std::uint64_t{1} << kCounterBits);
    return static_cast<std::uint32_t>(address % 8 == 0 ? sum : sum >> 32);
}

} // namespace bru
