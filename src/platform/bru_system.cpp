#include "platform/bru_system.hpp"

#include "modules/bru_core.hpp"
#include "rtl_core/rtl_core.hpp"

namespace bru {

namespace {

std::unique_ptr<Core> make_core(CoreKind kind, const CoreShape& shape) {
    if (kind == CoreKind::rtl) return make_rtl_core("bru_core", shape);
    return std::make_unique<BruCore>("bru_core", shape);
}

} // namespace

BruSystem::BruSystem(const sc_core::sc_module_name& name, HostTask& task, CoreKind core)
    : sc_module(name), bru_core(make_core(core, CoreShape(task.configuration.shape, task.image.has_values))),
      axi_dma("axi_dma", task.configuration.dma), zynq_ps("zynq_ps", task), core_interrupt_("core_interrupt"),
      mm2s_interrupt_("mm2s_interrupt"), s2mm_interrupt_("s2mm_interrupt") {
    zynq_ps.core_socket.bind(bru_core->axi_lite());
    zynq_ps.dma_socket.bind(axi_dma.axi_lite_socket);
    axi_dma.mm2s.memory_socket.bind(zynq_ps.ddr_memory.read_socket);
    axi_dma.s2mm.memory_socket.bind(zynq_ps.ddr_memory.write_socket);
    axi_dma.mm2s.stream_socket.bind(bru_core->input_stream());
    bru_core->output_stream().bind(axi_dma.s2mm.stream_socket);
    bru_core->interrupt()(core_interrupt_);
    axi_dma.mm2s.interrupt(mm2s_interrupt_);
    axi_dma.s2mm.interrupt(s2mm_interrupt_);
    zynq_ps.core_interrupt(core_interrupt_);
    zynq_ps.mm2s_interrupt(mm2s_interrupt_);
    zynq_ps.s2mm_interrupt(s2mm_interrupt_);
}

} // namespace bru
