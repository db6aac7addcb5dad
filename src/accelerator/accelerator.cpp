#include "accelerator/accelerator.hpp"

#include <algorithm>
#include <optional>

#include <systemc>

#include <sysc/kernel/sc_dynamic_processes.h> // sc_spawn, which <systemc> leaves out

#include "accelerator/axi_dma.hpp"
#include "accelerator/check_parameters.hpp"
#include "accelerator/control_port.hpp"
#include "machine/core_shape.hpp"
#include "modules/bru_core.hpp"

namespace bru {

namespace {

constexpr Cycle kResetCycles = 8; ///< the shortest reset of the core

} // namespace

std::shared_ptr<Core> make_systemc_core(const char* name, const CoreShape& shape, const CycleClock& clock) {
    return std::make_shared<BruCore>(name, shape, clock);
}

struct Accelerator::Parts {
    Parts(const AcceleratorParameters& parameters, Accelerator& outside)
        : clock(parameters.clock_period),
          core(parameters.core("bru_core", CoreShape(parameters.shape, parameters.computes_values), clock)),
          dma("axi_dma", parameters.dma, outside.memory, clock, parameters.memory_transport),
          core_registers("core_registers"), control_port(outside.control, core_registers, clock) {}

    void hold_in_reset(Cycle until) {
        core->reset(until);
        dma.reset(until);
        control_port.hold_all(until);
    }

    CycleClock clock;
    std::shared_ptr<Core> core;
    AxiDma dma;
    tlm::tlm_initiator_socket<32> core_registers;
    ControlPort control_port;
    Cycle reset_begin = 0;
    std::optional<sc_core::sc_signal<bool>> no_reset; ///< where nothing is bound to `reset`
};

Accelerator::Accelerator(const sc_core::sc_module_name& name, const AcceleratorParameters& parameters)
    : sc_module(name), control("control"), memory("memory"), core_interrupt("core_interrupt"),
      mm2s_interrupt("mm2s_interrupt"), s2mm_interrupt("s2mm_interrupt"), reset("reset") {
    check_parameters(parameters);
    parts_ = std::make_unique<Parts>(parameters, *this);
    Core& core = *parts_->core;
    AxiDma& dma = parts_->dma;
    ControlPort& port = parts_->control_port;
    parts_->core_registers.bind(core.axi_lite());
    port.peek_core = [&core](std::uint32_t offset) { return core.peek(offset); };
    port.read_dma = [&dma](std::uint32_t offset) { return dma.read(offset); };
    port.write_dma = [&dma](std::uint32_t offset, std::uint32_t value) { dma.write(offset, value); };
    dma.on_reset = [&core, &port](Cycle until) {
        core.reset(until);
        port.hold_core(until);
    };
    dma.mm2s.stream_socket.bind(core.input_stream());
    core.output_stream().bind(dma.s2mm.stream_socket);
    core.interrupt()(core_interrupt);
    dma.mm2s.interrupt(mm2s_interrupt);
    dma.s2mm.interrupt(s2mm_interrupt);
}

Accelerator::~Accelerator() = default;

Core& Accelerator::core() { return *parts_->core; }
AxiDma& Accelerator::dma() { return parts_->dma; }

/// Every platform has bound its ports by now, or never will.
void Accelerator::before_end_of_elaboration() {
    if (reset.bind_count() == 0) {
        parts_->no_reset.emplace("no_reset");
        reset(*parts_->no_reset);
        return;
    }
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.set_sensitivity(&reset);
    sc_core::sc_spawn([this] { follow_reset(); }, "follow_reset", &options);
}

/// Also called at the start of the simulation.
void Accelerator::follow_reset() {
    const Cycle now = parts_->clock.cycle_after(sc_core::SC_ZERO_TIME);
    if (reset.read()) {
        parts_->reset_begin = now;
        parts_->hold_in_reset(ControlPort::kNever);
    } else if (now > 0) {
        parts_->hold_in_reset(std::max(now, parts_->reset_begin + kResetCycles));
    }
}

} // namespace bru
