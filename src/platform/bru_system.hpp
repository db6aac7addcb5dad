// The assembled system: accelerator and processing system on their AXI connections.
#pragma once

#include <memory>

#include <systemc>

#include "accelerator/accelerator.hpp"
#include "platform/simulation.hpp"
#include "platform/zynq_ps.hpp"

namespace bru {

class BruSystem : public sc_core::sc_module {
public:
    /// The configuration is resolved. `with_values` false: the core keeps its schedule and computes nothing.
    BruSystem(const sc_core::sc_module_name& name, const Configuration& configuration, bool with_values, CoreKind core,
              HostProgram program);

    Accelerator accelerator;
    std::unique_ptr<Memory> memory; ///< behind the DMA; shared with the host
    ZynqPs zynq_ps;

    using InterruptLine = sc_core::sc_signal<bool>;
    /// The interrupt lines, for observers.
    const InterruptLine& core_interrupt() const { return core_interrupt_; }
    const InterruptLine& mm2s_interrupt() const { return mm2s_interrupt_; }
    const InterruptLine& s2mm_interrupt() const { return s2mm_interrupt_; }

private:
    InterruptLine core_interrupt_;
    InterruptLine mm2s_interrupt_;
    InterruptLine s2mm_interrupt_;
    std::shared_ptr<void> control_tap_; ///< on the socket `control` (socket_taps.hpp)
    std::shared_ptr<void> memory_tap_;
};

} // namespace bru
