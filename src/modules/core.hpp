// What a core is to the platform: four connections and its signals. BruCore is the SystemC model, RtlCore
// (src/rtl_core) the Verilated RTL; everything around them is the same.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <systemc>
#include <tlm>

#include "observe/observer.hpp"
#include "observe/signal_trace.hpp"
#include "tlm/axi_stream.hpp"

namespace bru {

/// Values that reached the limit of their format.
struct SaturatedValues {
    std::uint64_t sums = 0; ///< z
    std::uint64_t cells = 0;
    std::uint64_t logits = 0;
};

class Core : public sc_core::sc_module {
public:
    using sc_module::sc_module;

    virtual tlm::tlm_target_socket<32>& axi_lite() = 0; ///< registers, b_transport
    virtual StreamTargetSocket& input_stream() = 0;     ///< from MM2S
    virtual StreamInitiatorSocket& output_stream() = 0; ///< to S2MM
    virtual sc_core::sc_out<bool>& interrupt() = 0;
    /// A register as software reads it, without time and without an effect. nullopt: this core cannot.
    virtual std::optional<std::uint32_t> peek(std::uint32_t /*offset*/) const { return std::nullopt; }

    /// The core is in reset from now on to `until`; then it is as before its first access. Its memories and descriptors
    /// keep what they hold, except where a run was writing. Nothing reaches the core before `until`.
    virtual void reset(Cycle until) = 0;

    /// Before the simulation starts: the blocks report to the observer. False: this core does not know what its blocks
    /// do when.
    virtual bool observe(Observer&) { return false; }
    /// Before the simulation starts: the observer hears of every vector. False: as above.
    virtual bool observe_vectors(VectorObserver&) { return false; }
    /// After the simulation: the observer hears what is known to last until `end` and was not reported yet.
    virtual void finish_observation(Observer&, Cycle /*end*/) const {}
    /// After the simulation; nothing where the core computes no values, or does not tell.
    virtual std::optional<SaturatedValues> saturated_values() const { return std::nullopt; }
    /// Before the simulation starts: its signals are wanted. The trace must outlive the simulation.
    virtual void record_signals(SignalTrace& trace) = 0;
    /// After the simulation: what is known to last until `end` and was not recorded yet.
    virtual void finish_signals(Cycle end) = 0;
};

} // namespace bru
