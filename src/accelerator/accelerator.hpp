// accelerator: what is installed beside a processor: the core and its DMA, joined by their two streams. Its outside is
// two register sockets, two memory sockets and three interrupt lines; it has no timing of its own.
#pragma once

#include <functional>
#include <memory>

#include <systemc>
#include <tlm>

#include "accelerator/axi_dma.hpp"
#include "machine/core_shape.hpp"
#include "machine/dma_timing.hpp"
#include "modules/core.hpp"

namespace bru {

/// The SystemC model of the core.
std::unique_ptr<Core> make_systemc_core(const char* name, const CoreShape& shape);

struct AcceleratorParameters {
    CoreShape shape;
    DmaTiming dma = {};
    /// Makes the core, a child of the accelerator: the SystemC model, or the RTL behind the same sockets.
    std::function<std::unique_ptr<Core>(const char* name, const CoreShape& shape)> core = make_systemc_core;
};

class Accelerator : public sc_core::sc_module {
public:
    Accelerator(const sc_core::sc_module_name& name, const AcceleratorParameters& parameters);

    tlm::tlm_target_socket<32>& core_registers() { return core->axi_lite(); }
    auto& dma_registers() { return axi_dma.axi_lite_socket; }
    auto& memory_read() { return axi_dma.mm2s.memory_socket; }
    auto& memory_write() { return axi_dma.s2mm.memory_socket; }
    sc_core::sc_out<bool>& core_interrupt() { return core->interrupt(); }
    sc_core::sc_out<bool>& mm2s_interrupt() { return axi_dma.mm2s.interrupt; }
    sc_core::sc_out<bool>& s2mm_interrupt() { return axi_dma.s2mm.interrupt; }

    std::unique_ptr<Core> core;
    AxiDma axi_dma;
};

} // namespace bru
