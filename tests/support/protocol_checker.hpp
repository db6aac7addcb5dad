// Stands between an initiator's socket and a target's, passes every call on, and holds both sides to ProtocolRules.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include <systemc>
#include <tlm>

#include "support/protocol_rules.hpp"

namespace bru::test {

/// The interfaces are protected, not private: who derives from this destroys them.
template <unsigned Width>
class ProtocolChecker : public sc_core::sc_module,
                        protected tlm::tlm_fw_transport_if<>,
                        protected tlm::tlm_bw_transport_if<> {
public:
    ProtocolChecker(const sc_core::sc_module_name& name, std::function<void(const std::string&)> report)
        : sc_module(name), from_initiator("from_initiator"), to_target("to_target"), rules(std::move(report)) {
        from_initiator.bind(*static_cast<tlm::tlm_fw_transport_if<>*>(this));
        to_target.bind(*static_cast<tlm::tlm_bw_transport_if<>*>(this));
    }

    tlm::tlm_target_socket<Width> from_initiator;
    tlm::tlm_initiator_socket<Width> to_target;
    ProtocolRules rules;

private:
    using Payload = tlm::tlm_generic_payload;
    void b_transport(Payload& payload, sc_core::sc_time& delay) override {
        rules.blocking_called(payload, delay);
        to_target->b_transport(payload, delay);
        rules.blocking_returned(payload, delay);
    }
    tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) override {
        rules.forward_called(payload, phase, delay);
        const tlm::tlm_sync_enum answer = to_target->nb_transport_fw(payload, phase, delay);
        rules.forward_returned(payload, phase, delay, answer);
        return answer;
    }
    tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) override {
        rules.backward_called(payload, phase, delay);
        const tlm::tlm_sync_enum answer = from_initiator->nb_transport_bw(payload, phase, delay);
        rules.backward_returned(payload, phase, delay, answer);
        return answer;
    }
    bool get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) override {
        const bool granted = to_target->get_direct_mem_ptr(payload, dmi);
        rules.direct_access_answered(payload, dmi, granted);
        return granted;
    }
    unsigned transport_dbg(Payload& payload) override {
        const unsigned count = to_target->transport_dbg(payload);
        rules.debug_answered(payload, count);
        return count;
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
        rules.invalidated(first, last);
        from_initiator->invalidate_direct_mem_ptr(first, last);
    }
};

} // namespace bru::test
