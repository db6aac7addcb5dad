#include "platform/bru_system.hpp"

#include <utility>

#include "platform/ddr_memory.hpp"
#include "platform/socket_taps.hpp"
#include "rtl_core/rtl_core.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

namespace {

AcceleratorParameters parameters_of(const Configuration& configuration, bool with_values, CoreKind core) {
    AcceleratorParameters parameters;
    parameters.shape = configuration.shape;
    parameters.dma = configuration.dma;
    parameters.clock_period = run_clock().duration(1);
    parameters.memory_transport = MemoryTransport::sent_ahead;
    parameters.computes_values = with_values;
    if (core == CoreKind::rtl) parameters.core = make_rtl_core;
    return parameters;
}

std::unique_ptr<Memory> make_memory(const Configuration& configuration) {
    return std::make_unique<DdrMemory>("ddr_memory", configuration.ddr, configuration.clock_mhz);
}

} // namespace

BruSystem::BruSystem(const sc_core::sc_module_name& name, const Configuration& configuration, bool with_values,
                     CoreKind core, HostProgram program)
    : sc_module(name), accelerator("accelerator", parameters_of(configuration, with_values, core)),
      memory(make_memory(configuration)), zynq_ps("zynq_ps", configuration, *memory, std::move(program)),
      core_interrupt_("core_interrupt"), mm2s_interrupt_("mm2s_interrupt"), s2mm_interrupt_("s2mm_interrupt") {
    control_tap_ = join_sockets<32>(zynq_ps.control_socket, accelerator.control, socket_taps().control);
    memory_tap_ = join_sockets<64>(accelerator.memory, memory->port(), socket_taps().memory);
    accelerator.core_interrupt(core_interrupt_);
    accelerator.mm2s_interrupt(mm2s_interrupt_);
    accelerator.s2mm_interrupt(s2mm_interrupt_);
    zynq_ps.core_interrupt(core_interrupt_);
    zynq_ps.mm2s_interrupt(mm2s_interrupt_);
    zynq_ps.s2mm_interrupt(s2mm_interrupt_);
}

} // namespace bru
