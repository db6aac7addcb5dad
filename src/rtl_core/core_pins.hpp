// The pins of bru_core, whatever stands behind them: the Verilated RTL or, in the co-simulation, the SystemC core seen
// through its sockets. Names are those of the RTL, without the prefix s_axi_.
#pragma once

#include <array>
#include <cstdint>

#include "machine/cycle.hpp"
#include "machine/cycle_class.hpp"
#include "observe/signal_trace.hpp"

namespace bru {

/// What the outside drives in a cycle.
struct CoreInputs {
    bool aresetn = false;
    std::uint64_t s_axis_tdata = 0;
    bool s_axis_tvalid = false;
    bool s_axis_tlast = false;
    bool m_axis_tready = false;
    std::uint32_t awaddr = 0;
    bool awvalid = false;
    std::uint32_t wdata = 0;
    bool wvalid = false;
    bool bready = true;
    std::uint32_t araddr = 0;
    bool arvalid = false;
    bool rready = true;
};

/// What the core drives in the same cycle.
struct CoreOutputs {
    bool s_axis_tready = false;
    std::uint64_t m_axis_tdata = 0;
    bool m_axis_tvalid = false;
    bool m_axis_tlast = false;
    bool awready = false;
    bool wready = false;
    bool bvalid = false;
    std::uint32_t bresp = 0;
    bool arready = false;
    std::uint32_t rdata = 0;
    bool rvalid = false;
    std::uint32_t rresp = 0;
    bool irq = false;
};

/// Values that counters begin with in place of 0: a backdoor of the simulation, so that a case can meet the carries of
/// a counter that would take hours to get there.
struct CounterPreset {
    std::array<std::uint64_t, kCycleClasses> classes{};
    std::uint64_t steps = 0;
    std::uint64_t cycle = 0;  ///< of `first input` and `last output`
    std::uint32_t slices = 0; ///< of h, which the scoreboard counts modulo 2^24; what it tells does not depend on them
};

/// The pins of one model, whichever shape; evaluate() settles them, edge() is the rising clock. Behind edge(), bvalid,
/// rvalid, rdata and irq of a Verilated model are those of the next cycle: they are registers.
struct CorePins : CoreInputs, CoreOutputs {
    virtual ~CorePins() = default;
    virtual void evaluate() = 0;
    virtual void edge() = 0;
    /// Nothing but the pins: the next two cannot be called. The netlist of a synthesis is so.
    virtual bool opaque() const { return false; }
    /// Before evaluate() of the cycle after `count` was written, while no run is under way.
    virtual void preset_counters(const CounterPreset& preset) = 0;
    /// Records the inside of the core as it is in the cycle `now`, before its edge.
    virtual void sample(SignalTrace& trace, Cycle now, int activation_bits) = 0;
};

} // namespace bru
