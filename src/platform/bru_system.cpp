#include "platform/bru_system.hpp"

#include <utility>

#include <fmt/format.h>

#include "platform/platform_clocks.hpp"
#include "platform/shared_ddr_memory.hpp"
#include "platform/socket_taps.hpp"
#include "rtl_core/rtl_core.hpp"

namespace bru {

namespace {

/// Is there anything at the memory but one core and DDR?
bool shares_memory(const Configuration& configuration, std::size_t cores) {
    return cores > 1 || configuration.platform.hp_port_mb_per_s != kAuto;
}

AcceleratorParameters parameters_of(const Configuration& configuration, bool with_values, CoreKind core,
                                    std::size_t cores) {
    AcceleratorParameters parameters;
    parameters.shape = configuration.shape;
    parameters.dma = configuration.dma;
    const PlatformClocks clocks = platform_clocks(configuration);
    parameters.clock_period = clocks.core.duration(1);
    parameters.dma_clock_period = clocks.dma.duration(1);
    parameters.crossing = configuration.crossing;
    parameters.memory_transport =
        shares_memory(configuration, cores) ? MemoryTransport::non_blocking : MemoryTransport::sent_ahead;
    parameters.computes_values = with_values;
    if (core == CoreKind::rtl) parameters.core = make_rtl_core;
    return parameters;
}

std::unique_ptr<Memory> make_memory(const Configuration& configuration, std::size_t cores) {
    if (shares_memory(configuration, cores))
        return std::make_unique<SharedDdrMemory>("ddr_memory", configuration, cores);
    return std::make_unique<DdrMemory>("ddr_memory", configuration.ddr, configuration.dma_clock_mhz,
                                       platform_clocks(configuration).dma);
}

/// Core 0 has the plain name, as the only core has.
std::string name_of(const char* part, std::size_t core) { return core == 0 ? part : fmt::format("{}_{}", part, core); }

} // namespace

CoreSystem::CoreSystem(std::size_t number, const Configuration& configuration, const AcceleratorParameters& parameters,
                       Memory& memory, SharedProcessor& processor, HostProgram program)
    : accelerator(name_of("accelerator", number).c_str(), parameters),
      zynq_ps(name_of("zynq_ps", number).c_str(), configuration, memory, processor, number, std::move(program)),
      clock_(parameters.clock_period), core_interrupt_(name_of("core_interrupt", number).c_str()),
      mm2s_interrupt_(name_of("mm2s_interrupt", number).c_str()),
      s2mm_interrupt_(name_of("s2mm_interrupt", number).c_str()) {
    control_tap_ = join_sockets<32>(zynq_ps.control_socket, accelerator.control, socket_taps().control);
    memory_tap_ = join_sockets<64>(accelerator.memory, memory.port(number), socket_taps().memory);
    accelerator.core_interrupt(core_interrupt_);
    accelerator.mm2s_interrupt(mm2s_interrupt_);
    accelerator.s2mm_interrupt(s2mm_interrupt_);
    zynq_ps.core_interrupt(core_interrupt_);
    zynq_ps.mm2s_interrupt(mm2s_interrupt_);
    zynq_ps.s2mm_interrupt(s2mm_interrupt_);
}

BruSystem::BruSystem(const sc_core::sc_module_name& name, const Configuration& configuration, bool with_values,
                     CoreKind core, std::vector<HostProgram> programs)
    : sc_module(name), clock(platform_clocks(configuration).core), memory(make_memory(configuration, programs.size())),
      processor("processor", programs.size(), clock) {
    const AcceleratorParameters parameters = parameters_of(configuration, with_values, core, programs.size());
    for (std::size_t number = 0; number < programs.size(); ++number)
        cores.push_back(std::make_unique<CoreSystem>(number, configuration, parameters, *memory, processor,
                                                     std::move(programs[number])));
}

std::exception_ptr BruSystem::failure() const {
    for (const auto& core : cores)
        if (core->zynq_ps.failure()) return core->zynq_ps.failure();
    return nullptr;
}

} // namespace bru
