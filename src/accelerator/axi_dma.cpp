#include "accelerator/axi_dma.hpp"

#include "base/integers.hpp"

namespace bru {

AxiDma::AxiDma(const sc_core::sc_module_name& name, const DmaTiming& timing, tlm::tlm_initiator_socket<64>& memory,
               const CycleClock& clock, MemoryTransport transport)
    : sc_module(name), memory_port(memory, 2 * narrow<std::size_t>(timing.outstanding_bursts), clock, transport),
      mm2s("mm2s", timing, clock, memory_port), s2mm("s2mm", timing, clock, memory_port), clock_(clock) {}

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

void AxiDma::reset(Cycle until) {
    reset_end_cycle_ = until;
    memory_port.reset();
    mm2s.reset();
    s2mm.reset();
}

void AxiDma::report_in(const CycleClock& clock) {
    mm2s.report_in(clock);
    s2mm.report_in(clock);
}

/// PG021: of both channels, whichever the bit is set in.
void AxiDma::soft_reset() {
    reset(clock_.current_cycle() + kDmaResetCycles);
    on_reset(reset_end_cycle_);
}

/// Until memory has answered the bursts from before: their answers must not be taken for later ones.
bool AxiDma::resetting() const {
    return clock_.current_cycle() < reset_end_cycle_ || mm2s.memory_has_forgotten_bursts() ||
           s2mm.memory_has_forgotten_bursts();
}

} // namespace bru
