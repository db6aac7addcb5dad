#include "modules/axi_dma.hpp"

#include <cstring>

namespace bru {

DmaChannel::DmaChannel(const sc_core::sc_module_name& name, const DmaTiming& timing)
    : sc_module(name), memory_socket("memory_socket"), interrupt("interrupt"), timing_(timing) {
    memory_socket.register_nb_transport_bw(this, &DmaChannel::nb_transport_bw);
    SC_METHOD(raise_interrupt);
    sensitive << complete_event_;
    dont_initialize();
}

void DmaChannel::write(std::uint32_t offset, std::uint32_t value) {
    switch (offset) {
    case dma_reg::kControl: control_ = value; break;
    case dma_reg::kStatus: interrupt_status_ &= ~(value & dma_reg::kInterruptOnComplete); break;
    case dma_reg::kAddress: address_ = (address_ & ~std::uint64_t{0xFFFFFFFF}) | value; break;
    case dma_reg::kAddressMsb: address_ = (address_ & 0xFFFFFFFF) | std::uint64_t{value} << 32; break;
    case dma_reg::kLength:
        if (value == 0 || active_ || (control_ & dma_reg::kRun) == 0) break; // PG021: no effect
        length_ = value & dma_reg::kMaxLength;
        active_ = true;
        begin(current_cycle());
        break;
    default: break;
    }
    update_interrupt();
}

std::uint32_t DmaChannel::read(std::uint32_t offset) const {
    switch (offset) {
    case dma_reg::kControl: return control_;
    case dma_reg::kStatus:
        return ((control_ & dma_reg::kRun) == 0 ? dma_reg::kHalted : 0) | (active_ ? 0 : dma_reg::kIdle) |
               interrupt_status_;
    case dma_reg::kAddress: return static_cast<std::uint32_t>(address_);
    case dma_reg::kAddressMsb: return static_cast<std::uint32_t>(address_ >> 32);
    case dma_reg::kLength: return length_;
    default: return 0;
    }
}

DmaBurst& DmaChannel::take_burst(tlm::tlm_command command, std::uint64_t address, std::size_t beats) {
    if (free_bursts_.empty()) {
        bursts_.push_back(std::make_unique<DmaBurst>());
        free_bursts_.push_back(bursts_.back().get());
    }
    DmaBurst& burst = *free_bursts_.back();
    free_bursts_.pop_back();
    burst.data.resize(beats);
    burst.last = false;
    burst.payload.set_command(command);
    burst.payload.set_address(address);
    burst.payload.set_data_ptr(reinterpret_cast<unsigned char*>(burst.data.data()));
    burst.payload.set_data_length(static_cast<unsigned>(beats * kBeatBytes));
    burst.payload.set_streaming_width(burst.payload.get_data_length());
    burst.payload.set_byte_enable_ptr(nullptr);
    burst.payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    return burst;
}

void DmaChannel::request(DmaBurst& burst, Cycle cycle) {
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = time_until(cycle);
    memory_socket->nb_transport_fw(burst.payload, phase, delay);
}

tlm::tlm_sync_enum DmaChannel::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                               sc_core::sc_time&) {
    if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
    AxiBurst* timing = nullptr;
    payload.get_extension(timing);
    for (auto& burst : bursts_) {
        if (&burst->timing != timing) continue;
        respond(*burst);
        break;
    }
    return tlm::TLM_COMPLETED;
}

void DmaChannel::complete(Cycle cycle, std::uint32_t bytes) {
    length_ = bytes;
    complete_event_.notify(time_until(cycle));
}

void DmaChannel::raise_interrupt() {
    active_ = false;
    interrupt_status_ |= dma_reg::kInterruptOnComplete;
    update_interrupt();
}

void DmaChannel::update_interrupt() {
    interrupt.write((interrupt_status_ & control_ & dma_reg::kInterruptOnComplete) != 0);
}

AxiDma::AxiDma(const sc_core::sc_module_name& name, const DmaTiming& timing)
    : sc_module(name), axi_lite_socket("axi_lite_socket"), mm2s("mm2s", timing), s2mm("s2mm", timing) {
    axi_lite_socket.register_b_transport(this, &AxiDma::b_transport);
}

void AxiDma::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const auto offset = static_cast<std::uint32_t>(payload.get_address());
    DmaChannel& channel = offset < dma_reg::kS2mm ? static_cast<DmaChannel&>(mm2s) : s2mm;
    const std::uint32_t channel_offset = offset % dma_reg::kS2mm;
    std::uint32_t value = 0;
    if (payload.is_write()) {
        std::memcpy(&value, payload.get_data_ptr(), sizeof value);
        channel.write(channel_offset, value);
    } else {
        value = channel.read(channel_offset);
        std::memcpy(payload.get_data_ptr(), &value, sizeof value);
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    delay += cycles_to_time(1);
}

} // namespace bru
