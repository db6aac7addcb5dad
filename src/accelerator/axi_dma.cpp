#include "accelerator/axi_dma.hpp"

#include <cstring>

#include "base/integers.hpp"

namespace bru {

AxiDma::AxiDma(const sc_core::sc_module_name& name, const DmaTiming& timing, const CycleClock& clock,
               MemoryTransport transport)
    : sc_module(name), axi_lite_socket("axi_lite_socket"), memory_port("memory_port", timing, clock, transport),
      mm2s("mm2s", timing, clock, memory_port), s2mm("s2mm", timing, clock, memory_port), clock_(clock) {
    axi_lite_socket.register_b_transport(this, &AxiDma::b_transport);
    SC_METHOD(end_soft_reset);
    sensitive << reset_end_event_;
    dont_initialize();
}

void AxiDma::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const auto offset = narrow<std::uint32_t>(payload.get_address());
    std::uint32_t value = 0;
    if (payload.is_write()) {
        std::memcpy(&value, payload.get_data_ptr(), sizeof value);
        write(offset, value);
    } else {
        value = read(offset);
        std::memcpy(payload.get_data_ptr(), &value, sizeof value);
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    delay += clock_.duration(1);
}

std::uint32_t AxiDma::read(std::uint32_t offset) const {
    const std::uint32_t channel_offset = offset % dma_reg::kS2mm;
    const DmaChannel& channel = offset < dma_reg::kS2mm ? static_cast<const DmaChannel&>(mm2s) : s2mm;
    const bool shows_reset = channel_offset == dma_reg::kControl && resetting();
    return channel.read(channel_offset) | (shows_reset ? dma_reg::kReset : 0);
}

void AxiDma::write(std::uint32_t offset, std::uint32_t value) {
    if (resetting()) return;
    const std::uint32_t channel_offset = offset % dma_reg::kS2mm;
    if (channel_offset == dma_reg::kControl && (value & dma_reg::kReset) != 0) {
        soft_reset();
        return;
    }
    DmaChannel& channel = offset < dma_reg::kS2mm ? static_cast<DmaChannel&>(mm2s) : s2mm;
    channel.write(channel_offset, value);
}

void AxiDma::reset() {
    memory_port.reset();
    mm2s.reset();
    s2mm.reset();
}

/// PG021: of both channels, whichever the bit is set in.
void AxiDma::soft_reset() {
    reset();
    reset_end_cycle_ = clock_.current_cycle() + kDmaResetCycles;
    stream_in_reset_ = true;
    on_reset(true);
    reset_end_event_.notify(clock_.time_until(reset_end_cycle_));
}

void AxiDma::end_soft_reset() {
    stream_in_reset_ = false;
    on_reset(false);
}

/// Until memory has answered the bursts from before: their answers must not be taken for later ones.
bool AxiDma::resetting() const { return stream_in_reset_ || mm2s.memory_has_bursts() || s2mm.memory_has_bursts(); }

} // namespace bru
