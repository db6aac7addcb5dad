// bru::Accelerator: what stands beside a processor, as a TLM-2.0 component: the core and its DMA. It fits every
// platform of the base protocol; kernel time is real time (docs/component.md).
#pragma once

#include <functional>
#include <memory>

#include <systemc>
#include <tlm>

#include "accelerator/memory_transport.hpp"
#include "machine/crossing_timing.hpp"
#include "machine/cycle.hpp"
#include "machine/dma_timing.hpp"
#include "machine/shape.hpp"

namespace bru {

class AxiDma;
class Core;
class CycleClock;
struct CoreShape;

/// Makes the core, a child of the accelerator.
using CoreFactory =
    std::function<std::shared_ptr<Core>(const char* name, const CoreShape& shape, const CycleClock& clock)>;

/// The SystemC model of the core.
std::shared_ptr<Core> make_systemc_core(const char* name, const CoreShape& shape, const CycleClock& clock);

struct AcceleratorParameters {
    Shape shape; ///< every depth is given, none is auto
    DmaTiming dma = {};
    sc_core::sc_time clock_period = sc_core::sc_time(5, sc_core::SC_NS); ///< of the core
    /// Of the DMA, its registers and its port to memory. Zero, or the same as the core's: one clock, and no crossing.
    sc_core::sc_time dma_clock_period = sc_core::SC_ZERO_TIME;
    CrossingTiming crossing = {}; ///< where the two clocks differ
    MemoryTransport memory_transport = MemoryTransport::blocking;
    bool computes_values = true; ///< false: timing alone, all outputs are zeros
    /// The SystemC model, or the RTL behind the same sockets (make_rtl_core of accelerator_rtl.hpp).
    CoreFactory core = make_systemc_core;
};

class Accelerator : public sc_core::sc_module {
public:
    /// Throws std::invalid_argument where a parameter is outside its range.
    Accelerator(const sc_core::sc_module_name& name, const AcceleratorParameters& parameters);
    ~Accelerator() override;

    /// Registers of 32 bits: the core's from 0x0000 on, the DMA's from 0x10000 on.
    tlm::tlm_target_socket<32> control;
    /// Reads and writes of bursts.
    tlm::tlm_initiator_socket<64> memory;
    sc_core::sc_out<bool> core_interrupt;
    sc_core::sc_out<bool> mm2s_interrupt;
    sc_core::sc_out<bool> s2mm_interrupt;
    /// High: core and DMA are in reset. May be left unbound.
    sc_core::sc_in<bool> reset;

    // For observers. All cycles are those of the core's clock, except where something says the DMA's.
    Core& core();
    AxiDma& dma();
    /// Transfers of beats on the streams of the core, in order. `at_dma`: those into the DMA, behind the crossing; with
    /// one clock they are the same.
    using TransferObserver = std::function<void(const Cycle*, std::size_t)>;
    void observe_inputs(TransferObserver observer);
    void observe_outputs(TransferObserver at_core, const TransferObserver& at_dma);
    /// In which the last access of a register of the core took effect.
    Cycle last_core_access() const;

private:
    void before_end_of_elaboration() override;
    void follow_reset();
    void join_streams();
    void soft_reset(Cycle until);
    void reset_core();

    struct Parts; ///< what is inside
    std::unique_ptr<Parts> parts_;
};

} // namespace bru
