#include "platform/bru_system.hpp"

namespace bru {

BruSystem::BruSystem(const sc_core::sc_module_name& name, HostTask& task)
    : sc_module(name), bru_core("bru_core", CoreShape(task.configuration.shape)),
      axi_dma("axi_dma", task.configuration.dma), zynq_ps("zynq_ps", task), core_interrupt_("core_interrupt"),
      mm2s_interrupt_("mm2s_interrupt"), s2mm_interrupt_("s2mm_interrupt") {
    zynq_ps.core_socket.bind(bru_core.control_registers.axi_lite_socket);
    zynq_ps.dma_socket.bind(axi_dma.axi_lite_socket);
    axi_dma.mm2s.memory_socket.bind(zynq_ps.ddr_memory.read_socket);
    axi_dma.s2mm.memory_socket.bind(zynq_ps.ddr_memory.write_socket);
    axi_dma.mm2s.stream_socket.bind(bru_core.stream_input.stream_socket);
    bru_core.stream_output.stream_socket.bind(axi_dma.s2mm.stream_socket);
    bru_core.control_registers.interrupt(core_interrupt_);
    axi_dma.mm2s.interrupt(mm2s_interrupt_);
    axi_dma.s2mm.interrupt(s2mm_interrupt_);
    zynq_ps.core_interrupt(core_interrupt_);
    zynq_ps.mm2s_interrupt(mm2s_interrupt_);
    zynq_ps.s2mm_interrupt(s2mm_interrupt_);
}

} // namespace bru
