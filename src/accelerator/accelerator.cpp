#include "accelerator/accelerator.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <systemc>

#include <sysc/kernel/sc_dynamic_processes.h> // sc_spawn, which <systemc> leaves out

#include "accelerator/axi_dma.hpp"
#include "accelerator/check_parameters.hpp"
#include "accelerator/control_port.hpp"
#include "accelerator/stream_crossing.hpp"
#include "machine/core_shape.hpp"
#include "modules/bru_core.hpp"

namespace bru {

namespace {

constexpr Cycle kResetCycles = 8; ///< the shortest reset, of core and DMA in their own cycles

CycleClock dma_clock_of(const AcceleratorParameters& parameters) {
    const bool own = parameters.dma_clock_period != sc_core::SC_ZERO_TIME;
    return CycleClock(own ? parameters.dma_clock_period : parameters.clock_period);
}

std::optional<RegisterCrossing> register_crossing(const CycleClock& dma, const CycleClock& core,
                                                  const CrossingTiming& timing) {
    if (dma.ticks_per_cycle() == core.ticks_per_cycle()) return std::nullopt;
    return RegisterCrossing(dma, core, timing);
}

} // namespace

std::shared_ptr<Core> make_systemc_core(const char* name, const CoreShape& shape, const CycleClock& clock) {
    return std::make_shared<BruCore>(name, shape, clock);
}

struct Accelerator::Parts {
    /// The FIFOs of the streams, where core and DMA have different clocks.
    struct Crossings {
        Crossings(const CycleClock& core, const CycleClock& dma, const CrossingTiming& timing)
            : input("input_crossing", dma, core, timing), output("output_crossing", core, dma, timing) {}

        void reset(bool held) {
            input.reset(held);
            output.reset(held);
        }
        StreamCrossing input;
        StreamCrossing output;
    };

    Parts(const AcceleratorParameters& parameters, Accelerator& outside)
        : clock(parameters.clock_period), dma_clock(dma_clock_of(parameters)),
          core(parameters.core("bru_core", CoreShape(parameters.shape, parameters.computes_values), clock)),
          dma("axi_dma", parameters.dma, outside.memory, dma_clock, parameters.memory_transport),
          core_registers("core_registers"), control_port(outside.control, core_registers, dma_clock,
                                                         register_crossing(dma_clock, clock, parameters.crossing)) {
        if (dma_clock.ticks_per_cycle() != clock.ticks_per_cycle())
            crossings = std::make_unique<Crossings>(clock, dma_clock, parameters.crossing);
        dma.report_in(clock);
    }

    void hold_in_reset(Cycle core_until, Cycle dma_until) {
        core->reset(core_until);
        dma.reset(dma_until);
        if (crossings) crossings->reset(false);
        core_reset_event.cancel();
        control_port.hold_core(core_until);
        control_port.hold_all(dma_until);
    }

    CycleClock clock; ///< of the core
    CycleClock dma_clock;
    std::shared_ptr<Core> core;
    AxiDma dma;
    tlm::tlm_initiator_socket<32> core_registers;
    ControlPort control_port;
    std::unique_ptr<Crossings> crossings;
    Cycle reset_begin = 0;
    Cycle dma_reset_begin = 0;
    Cycle core_reset_end = 0; ///< of the soft reset that crosses to the core
    sc_core::sc_event core_reset_event;
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
    dma.on_reset = [this](Cycle until) { soft_reset(until); };
    join_streams();
    core.interrupt()(core_interrupt);
    dma.mm2s.interrupt(mm2s_interrupt);
    dma.s2mm.interrupt(s2mm_interrupt);
}

Accelerator::~Accelerator() = default;

Core& Accelerator::core() { return *parts_->core; }
AxiDma& Accelerator::dma() { return parts_->dma; }
Cycle Accelerator::last_core_access() const { return parts_->control_port.last_core_access(); }

void Accelerator::join_streams() {
    Core& core = *parts_->core;
    AxiDma& dma = parts_->dma;
    if (!parts_->crossings) {
        dma.mm2s.stream_socket.bind(core.input_stream());
        core.output_stream().bind(dma.s2mm.stream_socket);
        return;
    }
    Parts::Crossings& crossings = *parts_->crossings;
    dma.mm2s.stream_socket.bind(crossings.input.input_socket);
    crossings.input.output_socket.bind(core.input_stream());
    core.output_stream().bind(crossings.output.input_socket);
    crossings.output.output_socket.bind(dma.s2mm.stream_socket);
}

void Accelerator::observe_inputs(TransferObserver observer) {
    (parts_->crossings ? parts_->crossings->input.on_read : parts_->dma.mm2s.on_transfer) = std::move(observer);
}

void Accelerator::observe_outputs(TransferObserver at_core, const TransferObserver& at_dma) {
    if (!parts_->crossings) {
        parts_->dma.s2mm.on_transfer = [at_core, at_dma](const Cycle* cycles, std::size_t count) {
            if (at_core) at_core(cycles, count);
            at_dma(cycles, count);
        };
        return;
    }
    parts_->crossings->output.on_write = std::move(at_core);
    parts_->dma.s2mm.on_transfer = [this, at_dma, of_core = std::vector<Cycle>()](const Cycle* cycles,
                                                                                  std::size_t count) mutable {
        of_core.assign(cycles, cycles + count);
        for (Cycle& cycle : of_core) cycle = parts_->clock.cycle_of(cycle, parts_->dma_clock);
        at_dma(of_core.data(), count);
    };
}

/// Every platform has bound its ports by now, or never will.
void Accelerator::before_end_of_elaboration() {
    if (parts_->crossings) {
        sc_core::sc_spawn_options options;
        options.spawn_method();
        options.dont_initialize();
        options.set_sensitivity(&parts_->core_reset_event);
        sc_core::sc_spawn([this] { reset_core(); }, "reset_core", &options);
    }
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

/// Also called at the start of the simulation. The reset of each clock ends at an edge of that clock.
void Accelerator::follow_reset() {
    const Cycle now = parts_->clock.cycle_after(sc_core::SC_ZERO_TIME);
    const Cycle dma_now = parts_->dma_clock.cycle_after(sc_core::SC_ZERO_TIME);
    if (reset.read()) {
        parts_->reset_begin = now;
        parts_->dma_reset_begin = dma_now;
        parts_->hold_in_reset(ControlPort::kNever, ControlPort::kNever);
    } else if (now > 0) {
        parts_->hold_in_reset(std::max(now, parts_->reset_begin + kResetCycles),
                              std::max(dma_now, parts_->dma_reset_begin + kResetCycles));
    }
}

/// The DMA resets what is on its streams, until a cycle of its clock. The reset reaches the core at an edge of the
/// core's clock. Until then the FIFOs forget what they are given. Registers wait until the resets of both clocks are
/// over.
void Accelerator::soft_reset(Cycle until) {
    Parts& parts = *parts_;
    if (!parts.crossings) {
        parts.core->reset(until);
        parts.control_port.hold_core(until);
        return;
    }
    const Cycle begin = parts.clock.cycle_after(sc_core::SC_ZERO_TIME);
    parts.core_reset_end = std::max(begin + kResetCycles, parts.clock.first_cycle_after(until, parts.dma_clock));
    parts.control_port.hold_core(parts.core_reset_end);
    parts.control_port.hold_all(parts.dma_clock.first_cycle_after(parts.core_reset_end, parts.clock));
    parts.crossings->reset(true);
    parts.core_reset_event.notify(parts.clock.time_until(begin));
}

void Accelerator::reset_core() {
    parts_->core->reset(parts_->core_reset_end);
    parts_->crossings->reset(false);
}

} // namespace bru
