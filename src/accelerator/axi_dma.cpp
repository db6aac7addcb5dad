#include "accelerator/axi_dma.hpp"

#include <algorithm>
#include <cstring>

#include "base/integers.hpp"
#include "machine/stream_format.hpp"

namespace bru {

namespace {

constexpr std::uint64_t kBurstBorderBytes = 4096; ///< AXI: a slave's smallest range of addresses

} // namespace

DmaChannel::DmaChannel(const sc_core::sc_module_name& name, const DmaTiming& timing, DmaDirection direction)
    : sc_module(name), memory_socket("memory_socket"), interrupt("interrupt"), timing_(timing),
      burst_(timing.burst_beats), burst_end_cycles_(timing.outstanding_bursts), direction_(direction) {
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

std::uint64_t DmaChannel::most_beats(std::uint64_t address) const {
    const std::uint64_t to_border = kBurstBorderBytes - address % kBurstBorderBytes;
    return std::min<std::uint64_t>(burst_.data.size(), divide_up(to_border, std::uint64_t{kBeatBytes}));
}

Cycle DmaChannel::request_cycle(Cycle cycle) const {
    cycle = std::max(cycle, next_request_cycle_);
    const std::uint64_t outstanding = burst_end_cycles_.capacity();
    if (bursts_requested_ < outstanding) return cycle;
    return std::max(cycle, burst_end_cycles_[bursts_requested_ - outstanding] + 1);
}

const AxiBurst& DmaChannel::request(tlm::tlm_command command, std::uint64_t address, std::size_t beats, Cycle cycle) {
    tlm::tlm_generic_payload& payload = burst_.payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(burst_.data.data()));
    payload.set_data_length(narrow<unsigned>(beats * kBeatBytes));
    payload.set_streaming_width(payload.get_data_length());
    payload.set_byte_enable_ptr(nullptr);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    burst_.timing.request_cycle = cycle;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    memory_socket->nb_transport_fw(payload, phase, delay);
    next_request_cycle_ = cycle + 1;
    if (observers_) report_burst();
    burst_end_cycles_[bursts_requested_++] = burst_.timing.last_beat_cycle;
    return burst_.timing;
}

void DmaChannel::report_burst() const {
    RequestedBurst burst;
    burst.direction = direction_;
    burst.slot = narrow<std::uint32_t>(bursts_requested_ % burst_end_cycles_.capacity());
    burst.request = burst_.timing.request_cycle;
    burst.first_beat = burst_.timing.first_beat_cycle;
    burst.last_beat = burst_.timing.last_beat_cycle;
    burst.address = burst_.payload.get_address();
    burst.bytes = burst_.payload.get_data_length();
    observers_.tell(&Observer::burst_requested, burst);
}

void DmaChannel::complete(Cycle cycle, std::uint32_t bytes) {
    completed_bytes_ = bytes;
    complete_event_.notify(time_until(cycle));
}

void DmaChannel::raise_interrupt() {
    active_ = false;
    length_ = completed_bytes_;
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
    const auto offset = narrow<std::uint32_t>(payload.get_address());
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
