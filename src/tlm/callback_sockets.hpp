// TLM-2.0 sockets for any payload type whose transport calls go to callables of the owning module. The
// library's simple sockets want the generic payload; most of BRU's inner transactions are typed.
#pragma once

#include <functional>
#include <utility>

#include <systemc>
#include <tlm>

namespace bru {

/// Protocol traits of a payload: what tlm_initiator_socket and tlm_target_socket take.
template <typename Payload>
struct Protocol {
    using tlm_payload_type = Payload;
    using tlm_phase_type = tlm::tlm_phase;
};

/// A target socket. Contract: set the callables that the initiator uses before elaboration ends.
template <typename Types>
class CallbackTargetSocket : public tlm::tlm_target_socket<64, Types>, private tlm::tlm_fw_transport_if<Types> {
public:
    using Payload = typename Types::tlm_payload_type;
    using Phase = typename Types::tlm_phase_type;

    explicit CallbackTargetSocket(const char* name) : tlm::tlm_target_socket<64, Types>(name) {
        this->bind(*static_cast<tlm::tlm_fw_transport_if<Types>*>(this));
    }

    std::function<void(Payload&, sc_core::sc_time&)> on_b_transport;
    std::function<tlm::tlm_sync_enum(Payload&, Phase&, sc_core::sc_time&)> on_nb_transport_fw;

private:
    void b_transport(Payload& payload, sc_core::sc_time& delay) override { on_b_transport(payload, delay); }
    tlm::tlm_sync_enum nb_transport_fw(Payload& payload, Phase& phase, sc_core::sc_time& delay) override {
        return on_nb_transport_fw(payload, phase, delay);
    }
    unsigned transport_dbg(Payload&) override { return 0; }
    bool get_direct_mem_ptr(Payload&, tlm::tlm_dmi&) override { return false; }
};

/// An initiator socket; on_nb_transport_bw is needed only where the target answers later.
template <typename Types>
class CallbackInitiatorSocket : public tlm::tlm_initiator_socket<64, Types>, private tlm::tlm_bw_transport_if<Types> {
public:
    using Payload = typename Types::tlm_payload_type;
    using Phase = typename Types::tlm_phase_type;

    explicit CallbackInitiatorSocket(const char* name) : tlm::tlm_initiator_socket<64, Types>(name) {
        this->bind(*static_cast<tlm::tlm_bw_transport_if<Types>*>(this));
    }

    std::function<tlm::tlm_sync_enum(Payload&, Phase&, sc_core::sc_time&)> on_nb_transport_bw;

    /// b_transport without time: inside the core, cycles travel in the payload.
    void send(Payload& payload) {
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        (*this)->b_transport(payload, delay);
    }

private:
    tlm::tlm_sync_enum nb_transport_bw(Payload& payload, Phase& phase, sc_core::sc_time& delay) override {
        return on_nb_transport_bw(payload, phase, delay);
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
};

} // namespace bru
