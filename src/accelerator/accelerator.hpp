// bru::Accelerator: what stands beside a processor, as a TLM-2.0 component: the core and its DMA. It fits every
// platform of the base protocol; kernel time is real time (docs/component.md).
#pragma once

#include <functional>
#include <memory>

#include <systemc>
#include <tlm>

#include "accelerator/axi_dma.hpp"
#include "accelerator/control_port.hpp"
#include "accelerator/memory_transport.hpp"
#include "machine/core_shape.hpp"
#include "machine/dma_timing.hpp"
#include "modules/core.hpp"

namespace bru {

/// The SystemC model of the core.
std::unique_ptr<Core> make_systemc_core(const char* name, const CoreShape& shape,
                                        const CycleClock& clock = CycleClock());

struct AcceleratorParameters {
    Shape shape; ///< every depth is given, none is auto
    DmaTiming dma = {};
    sc_core::sc_time clock_period = sc_core::sc_time(5, sc_core::SC_NS);
    MemoryTransport memory_transport = MemoryTransport::blocking;
    bool computes_values = true; ///< false: timing alone, all outputs are zeros
    /// Makes the core, a child of the accelerator: the SystemC model, or the RTL behind the same sockets.
    std::function<std::unique_ptr<Core>(const char* name, const CoreShape& shape, const CycleClock& clock)> make_core =
        make_systemc_core;
};

class Accelerator : public sc_core::sc_module {
public:
    Accelerator(const sc_core::sc_module_name& name, const AcceleratorParameters& parameters);

    /// Registers of 32 bits: the core's from 0x0000 on, the DMA's from 0x10000 on.
    tlm::tlm_target_socket<32> control;
    /// Reads and writes of bursts.
    tlm::tlm_initiator_socket<64> memory;
    sc_core::sc_out<bool> core_interrupt;
    sc_core::sc_out<bool> mm2s_interrupt;
    sc_core::sc_out<bool> s2mm_interrupt;

    // For observers.
    Core& core() { return *core_; }
    AxiDma& dma() { return dma_; }

private:
    CycleClock clock_;
    std::unique_ptr<Core> core_;
    AxiDma dma_;
    tlm::tlm_initiator_socket<32> core_registers_;
    ControlPort control_port_;
};

} // namespace bru
