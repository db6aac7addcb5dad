#include "rtl_core/pin_adapter.hpp"

#include <cstring>

#include "base/integers.hpp"

namespace bru {

namespace {

constexpr int kResetCycles = 8;

} // namespace

RtlCore::RtlCore(const sc_core::sc_module_name& name, std::unique_ptr<CorePins> pins, int activation_bits,
                 const CycleClock& clock)
    : Core(name), pins_(std::move(pins)), activation_bits_(activation_bits), clock_(clock),
      axi_lite_socket_("axi_lite_socket"), input_socket_("input_socket"), output_socket_("output_socket"),
      interrupt_("interrupt") {
    // Reset is over before cycle 0.
    for (int k = 0; k < kResetCycles; ++k) {
        pins_->evaluate();
        pins_->edge();
    }
    pins_->aresetn = true;
    axi_lite_socket_.register_b_transport(this, &RtlCore::b_transport);
    input_socket_.on_nb_transport_fw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
        input_beats_.append(transfer.beats, transfer.count);
        return tlm::TLM_ACCEPTED;
    };
    output_socket_.on_nb_transport_bw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
        output_transfer_ = transfer.transfer_cycles[0];
        return tlm::TLM_ACCEPTED;
    };
    SC_METHOD(cycle);
    SC_METHOD(drive_interrupt);
    sensitive << interrupt_event_;
    dont_initialize();
}

/// Called by the host's thread at the beginning of a cycle: the handshake is in that cycle, the response in the next,
/// as of the SystemC core. It is known in the middle of the first.
void RtlCore::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    access_is_write_ = payload.is_write();
    if (access_is_write_) {
        std::memcpy(&pins_->wdata, payload.get_data_ptr(), sizeof pins_->wdata);
        pins_->awaddr = narrow<std::uint32_t>(payload.get_address());
    } else {
        pins_->araddr = narrow<std::uint32_t>(payload.get_address());
    }
    access_ = Access::address;
    access_failed_ = false;
    sc_core::wait(access_done_);
    if (!access_is_write_) std::memcpy(payload.get_data_ptr(), &access_value_, sizeof access_value_);
    payload.set_response_status(access_failed_ ? tlm::TLM_GENERIC_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE);
    delay = clock_.time_until(clock_.current_cycle() + 1);
}

void RtlCore::reset(Cycle until) {
    reset_until_ = until;
    input_beats_ = {};
    output_offered_ = false;
    output_transfer_.reset();
    if (access_ == Access::none) return;
    access_ = Access::none;
    access_failed_ = true;
    access_done_.notify();
}

/// One clock cycle, in its middle.
void RtlCore::cycle() {
    const std::uint64_t half = clock_.ticks_per_cycle() / 2;
    if (sc_core::sc_time_stamp().value() % clock_.ticks_per_cycle() != half) { // once, at the start
        next_trigger(sc_core::sc_time::from_value(half));
        return;
    }
    const Cycle now = clock_.current_cycle();
    pins_->aresetn = now >= reset_until_;
    drive_input(now);
    pins_->awvalid = access_ == Access::address && access_is_write_;
    pins_->wvalid = pins_->awvalid;
    pins_->arvalid = access_ == Access::address && !access_is_write_;
    pins_->m_axis_tready = false;
    pins_->evaluate();
    if (pins_->aresetn) offer_output(now);
    const bool input_moves = pins_->aresetn && pins_->s_axis_tvalid && pins_->s_axis_tready;
    if (access_ == Access::address && (access_is_write_ ? pins_->awready : pins_->arready)) access_ = Access::taken;
    if (trace_ != nullptr && trace_->wants(now, now + 1)) record_pins(now);
    pins_->edge();
    finish_access();
    foretell_interrupt(pins_->irq && now + 1 >= reset_until_);
    if (input_moves) {
        input_beats_.pop();
        answer_beats(input_socket_, &now, 1);
    }
    next_trigger(sc_core::sc_time::from_value(clock_.ticks_per_cycle()));
}

void RtlCore::drive_input(Cycle now) {
    pins_->s_axis_tvalid = !input_beats_.empty() && input_beats_.front().valid_cycle <= now;
    if (!pins_->s_axis_tvalid) return;
    pins_->s_axis_tdata = input_beats_.front().data;
    pins_->s_axis_tlast = input_beats_.front().last;
}

/// A new beat goes to the DMA, which says when it takes it; TREADY is high in that cycle.
void RtlCore::offer_output(Cycle now) {
    if (!pins_->m_axis_tvalid) return;
    if (!output_offered_) {
        output_offered_ = true;
        output_transfer_.reset();
        const StreamBeat beat{pins_->m_axis_tdata, now, pins_->m_axis_tlast};
        offer_beats(output_socket_, &beat, 1);
    }
    if (!output_transfer_ || *output_transfer_ != now) return;
    output_offered_ = false;
    pins_->m_axis_tready = true;
    pins_->evaluate();
}

void RtlCore::record_pins(Cycle now) {
    const auto record = [&](Signal signal, std::uint64_t value) { trace_->record(signal, now, now + 1, value); };
    if (pins_->s_axis_tvalid) {
        record(Signal::s_axis_tvalid, 1);
        record(Signal::s_axis_tready, pins_->s_axis_tready);
        record(Signal::s_axis_tdata, pins_->s_axis_tdata);
    }
    if (pins_->m_axis_tvalid) {
        record(Signal::m_axis_tvalid, 1);
        record(Signal::m_axis_tready, pins_->m_axis_tready);
        record(Signal::m_axis_tlast, pins_->m_axis_tlast);
        record(Signal::m_axis_tdata, pins_->m_axis_tdata);
    }
    if (pins_->irq) record(Signal::irq, 1);
    pins_->sample(*trace_, now, activation_bits_);
}

/// Behind the edge: the pins are those of the next cycle.
void RtlCore::finish_access() {
    if (access_ != Access::taken || !(access_is_write_ ? pins_->bvalid : pins_->rvalid)) return;
    access_value_ = pins_->rdata;
    access_ = Access::none;
    access_done_.notify();
}

/// The line rises at the beginning of the next cycle. It falls now, so that who has cleared it does not see it high.
void RtlCore::foretell_interrupt(bool next) {
    if (next == next_interrupt_) return;
    next_interrupt_ = next;
    interrupt_event_.cancel();
    interrupt_event_.notify(next ? clock_.time_until(clock_.current_cycle() + 1) : sc_core::SC_ZERO_TIME);
}

/// The only process that writes the interrupt.
void RtlCore::drive_interrupt() { interrupt_.write(next_interrupt_); }

} // namespace bru
