// The register side of the accelerator: one TLM-2.0 target of the base protocol in front of the core's registers and
// the DMA's. It turns what a bus may ask into accesses of one 32-bit register each, one at a time, at clock edges.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "tlm/cycle_time.hpp"

namespace bru {

inline constexpr std::uint64_t kCoreRegistersEnd = 0x2000; ///< the core's registers begin at 0
inline constexpr std::uint64_t kDmaRegisters = 0x1'0000;

class ControlPort : public sc_core::sc_module {
public:
    ControlPort(const sc_core::sc_module_name& name, const CycleClock& clock);

    tlm_utils::simple_target_socket<ControlPort, 32> socket;
    tlm_utils::simple_initiator_socket<ControlPort, 32> core_socket; ///< b_transport of one register
    tlm_utils::simple_initiator_socket<ControlPort, 32> dma_socket;
    /// A register without time and without an effect, by its address here. nullopt: it cannot be read so.
    std::function<std::optional<std::uint32_t>(std::uint64_t address)> peek;

private:
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& payload);
    void take_turn(const sc_core::sc_time& delay);
    void access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

    CycleClock clock_;
    bool busy_ = false;
    Cycle free_cycle_ = 0; ///< of the next access
    sc_core::sc_event free_event_;
};

} // namespace bru
