#include "accelerator/accelerator.hpp"

#include "modules/bru_core.hpp"

namespace bru {

std::unique_ptr<Core> make_systemc_core(const char* name, const CoreShape& shape, const CycleClock& clock) {
    return std::make_unique<BruCore>(name, shape, clock);
}

Accelerator::Accelerator(const sc_core::sc_module_name& name, const AcceleratorParameters& parameters)
    : sc_module(name), control("control"), memory("memory"), core_interrupt("core_interrupt"),
      mm2s_interrupt("mm2s_interrupt"), s2mm_interrupt("s2mm_interrupt"), clock_(parameters.clock_period),
      core_(parameters.make_core("bru_core", CoreShape(parameters.shape, parameters.computes_values), clock_)),
      dma_("axi_dma", parameters.dma, memory, clock_, parameters.memory_transport), core_registers_("core_registers"),
      control_port_(control, core_registers_, clock_) {
    core_registers_.bind(core_->axi_lite());
    control_port_.peek_core = [this](std::uint32_t offset) { return core_->peek(offset); };
    control_port_.read_dma = [this](std::uint32_t offset) { return dma_.read(offset); };
    control_port_.write_dma = [this](std::uint32_t offset, std::uint32_t value) { dma_.write(offset, value); };
    dma_.mm2s.stream_socket.bind(core_->input_stream());
    core_->output_stream().bind(dma_.s2mm.stream_socket);
    core_->interrupt()(core_interrupt);
    dma_.mm2s.interrupt(mm2s_interrupt);
    dma_.s2mm.interrupt(s2mm_interrupt);
}

} // namespace bru
