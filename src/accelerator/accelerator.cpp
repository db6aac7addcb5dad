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
      dma_("axi_dma", parameters.dma, clock_, parameters.memory_transport), control_port_("control_port", clock_) {
    control.bind(control_port_.socket);
    dma_.memory_port.socket.bind(memory);
    control_port_.core_socket.bind(core_->axi_lite());
    control_port_.dma_socket.bind(dma_.axi_lite_socket);
    control_port_.peek = [this](std::uint64_t address) -> std::optional<std::uint32_t> {
        if (address < kCoreRegistersEnd) return core_->peek(static_cast<std::uint32_t>(address));
        return dma_.read(static_cast<std::uint32_t>(address - kDmaRegisters));
    };
    dma_.mm2s.stream_socket.bind(core_->input_stream());
    core_->output_stream().bind(dma_.s2mm.stream_socket);
    core_->interrupt()(core_interrupt);
    dma_.mm2s.interrupt(mm2s_interrupt);
    dma_.s2mm.interrupt(s2mm_interrupt);
}

} // namespace bru
