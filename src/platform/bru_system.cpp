#include "platform/bru_system.hpp"

#include "machine/core_shape.hpp"
#include "modules/bru_core.hpp"
#include "platform/ddr_memory.hpp"
#include "rtl_core/rtl_core.hpp"

namespace bru {

namespace {

std::unique_ptr<Core> make_core(CoreKind kind, const CoreShape& shape) {
    if (kind == CoreKind::rtl) return make_rtl_core("bru_core", shape);
    return std::make_unique<BruCore>("bru_core", shape);
}

std::unique_ptr<Memory> make_memory(const Configuration& configuration) {
    return std::make_unique<DdrMemory>("ddr_memory", configuration.ddr, configuration.clock_mhz);
}

} // namespace

BruSystem::BruSystem(const sc_core::sc_module_name& name, HostTask& task, CoreKind core)
    : sc_module(name), bru_core(make_core(core, CoreShape(task.configuration.shape, task.image.has_values))),
      axi_dma("axi_dma", task.configuration.dma), memory(make_memory(task.configuration)),
      zynq_ps("zynq_ps", task, *memory), core_interrupt_("core_interrupt"), mm2s_interrupt_("mm2s_interrupt"),
      s2mm_interrupt_("s2mm_interrupt") {
    zynq_ps.core_socket.bind(bru_core->axi_lite());
    zynq_ps.dma_socket.bind(axi_dma.axi_lite_socket);
    axi_dma.mm2s.memory_socket.bind(memory->read_port());
    axi_dma.s2mm.memory_socket.bind(memory->write_port());
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
