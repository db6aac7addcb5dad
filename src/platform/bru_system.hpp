// The assembled system: accelerators and processing system on their AXI connections. Every core has an accelerator of
// its own and a task of the processor; memory and processor are there once.
#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <vector>

#include <systemc>

#include "accelerator/accelerator.hpp"
#include "platform/memory.hpp"
#include "platform/shared_processor.hpp"
#include "platform/simulation.hpp"
#include "platform/zynq_ps.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

/// One core with its DMA, and the task that drives it.
class CoreSystem {
public:
    CoreSystem(std::size_t number, const Configuration& configuration, const AcceleratorParameters& parameters,
               Memory& memory, SharedProcessor& processor, HostProgram program);
    CoreSystem(const CoreSystem&) = delete;
    CoreSystem& operator=(const CoreSystem&) = delete;

    Accelerator accelerator;
    ZynqPs zynq_ps;
    const CycleClock& clock() const { return clock_; } ///< of the core

    using InterruptLine = sc_core::sc_signal<bool>;
    /// The interrupt lines, for observers.
    const InterruptLine& core_interrupt() const { return core_interrupt_; }
    const InterruptLine& mm2s_interrupt() const { return mm2s_interrupt_; }
    const InterruptLine& s2mm_interrupt() const { return s2mm_interrupt_; }

private:
    CycleClock clock_;
    InterruptLine core_interrupt_;
    InterruptLine mm2s_interrupt_;
    InterruptLine s2mm_interrupt_;
    std::shared_ptr<void> control_tap_; ///< on the socket `control` (socket_taps.hpp)
    std::shared_ptr<void> memory_tap_;
};

class BruSystem : public sc_core::sc_module {
public:
    /// One core per program. The configuration is resolved. `with_values` false: the cores keep their schedule and
    /// compute nothing.
    BruSystem(const sc_core::sc_module_name& name, const Configuration& configuration, bool with_values, CoreKind core,
              std::vector<HostProgram> programs);

    const CycleClock clock;         ///< of the cores
    std::unique_ptr<Memory> memory; ///< behind the DMAs; shared with the host
    SharedProcessor processor;
    std::vector<std::unique_ptr<CoreSystem>> cores;

    std::exception_ptr failure() const; ///< what the first of the programs that failed threw
};

} // namespace bru
