// The register side of the accelerator: one TLM-2.0 target of the base protocol in front of the core's registers and
// the DMA's. It turns what a bus may ask into accesses of one 32-bit register each, one at a time, at edges of the
// DMA's clock. Where the core has another clock, an access of its registers crosses to it, and the response crosses
// back.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>

#include <systemc>
#include <tlm>

#include "schedule/clock_crossing.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

/// Between the port and a core with a clock of its own: AXI Clock Converter (PG059), whose channels are FIFOs.
struct RegisterCrossing {
    RegisterCrossing(const CycleClock& port, const CycleClock& core, const CrossingTiming& timing);
    CycleClock core_clock;
    ClockCrossing to_core;
    ClockCrossing to_port;
};

inline constexpr std::uint64_t kCoreRegistersEnd = 0x2000; ///< the core's registers begin at 0
inline constexpr std::uint64_t kDmaRegisters = 0x1'0000;

class ControlPort : private tlm::tlm_fw_transport_if<>, private tlm::tlm_bw_transport_if<> {
public:
    /// Binds both sockets, which it does not own. The core gets calls of b_transport, one at a time.
    ControlPort(tlm::tlm_target_socket<32>& socket, tlm::tlm_initiator_socket<32>& core_socket, const CycleClock& clock,
                const std::optional<RegisterCrossing>& crossing);

    static constexpr Cycle kNever = ~Cycle{0};
    /// Accesses wait until the cycle, of the core (in cycles of its clock) or of all registers. kNever: until the next
    /// call.
    void hold_core(Cycle until);
    void hold_all(Cycle until);
    /// In which cycle of the core's clock the last access of a register of the core took effect.
    Cycle last_core_access() const { return last_core_access_; }

    /// A register of the DMA, in the cycle of the access.
    std::function<std::uint32_t(std::uint32_t offset)> read_dma;
    std::function<void(std::uint32_t offset, std::uint32_t value)> write_dma;
    /// A register of the core without time and without an effect. nullopt: it cannot be read so.
    std::function<std::optional<std::uint32_t>(std::uint32_t offset)> peek_core;

private:
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) override;
    unsigned transport_dbg(tlm::tlm_generic_payload& payload) override;
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) override {
        return tlm::TLM_ACCEPTED;
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

    void take_turn(std::uint64_t address, const sc_core::sc_time& delay);
    void access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void note_core_access(const tlm::tlm_generic_payload& payload, const CycleClock& core);
    void access_core(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void wait_for_core();
    void access_dma(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    std::optional<std::uint32_t> peek(std::uint64_t address) const;

    /// An access by nb_transport, which a thread turns into one by b_transport.
    struct Request {
        tlm::tlm_generic_payload* payload;
        sc_core::sc_time time;
    };
    void serve_requests();
    void respond(tlm::tlm_generic_payload& payload);

    tlm::tlm_target_socket<32>& socket_;
    tlm::tlm_initiator_socket<32>& core_socket_;
    CycleClock clock_;
    std::optional<RegisterCrossing> crossing_; ///< nullopt: the core has the same clock
    tlm::tlm_generic_payload core_access_;
    bool busy_ = false;
    Cycle free_cycle_ = 0; ///< of the next access
    Cycle all_held_until_ = 0;
    Cycle core_held_until_ = 0; ///< in cycles of the core
    Cycle last_core_access_ = 0;
    sc_core::sc_event free_event_;
    std::queue<Request> requests_; ///< of nb_transport
    bool serving_ = false;         ///< a thread serves them
    sc_core::sc_event end_response_event_;
};

} // namespace bru
