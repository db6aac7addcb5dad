// A memory of the base protocol that answers as a test draws it: in b_transport or in phases, early or late, in any
// order, and with errors at some addresses.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "platform/ddr_memory.hpp"

namespace bru::test {

enum class AnswerStyle {
    waits,        ///< in b_transport
    annotates,    ///< a delay in b_transport
    completes,    ///< TLM_COMPLETED with a delay
    early_end,    ///< END_REQ in the call, BEGIN_RESP later
    late_end,     ///< END_REQ later, and then BEGIN_RESP
    response_only ///< BEGIN_RESP alone
};

struct FailingRange {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    tlm::tlm_response_status status = tlm::TLM_GENERIC_ERROR_RESPONSE;
};

struct RandomMemory : sc_core::sc_module {
    SC_HAS_PROCESS(RandomMemory);
    RandomMemory(const sc_core::sc_module_name& name, AnswerStyle wanted)
        : sc_module(name), socket("socket"), style(wanted) {
        socket.register_b_transport(this, &RandomMemory::b_transport);
        socket.register_nb_transport_fw(this, &RandomMemory::nb_transport_fw);
        SC_METHOD(end_requests);
        sensitive << end_event_;
        dont_initialize();
        SC_METHOD(respond);
        sensitive << response_event_;
        dont_initialize();
    }

    tlm_utils::simple_target_socket<RandomMemory, 64> socket;
    AnswerStyle style;
    SparseMemory bytes;
    std::function<sc_core::sc_time()> response_time; ///< of the next burst
    sc_core::sc_time request_time;                   ///< late_end: from BEGIN_REQ to END_REQ
    std::optional<FailingRange> failing;
    std::uint64_t failures = 0;
    std::uint64_t overtakings = 0; ///< responses that came before one of an earlier request

private:
    using Payload = tlm::tlm_generic_payload;

    void access(Payload& payload) {
        const std::uint64_t address = payload.get_address();
        const std::size_t length = payload.get_data_length();
        if (failing && address < failing->end && address + length > failing->begin) {
            ++failures;
            payload.set_response_status(failing->status);
            return;
        }
        if (payload.is_read()) bytes.read(address, payload.get_data_ptr(), length);
        if (payload.is_write()) bytes.write(address, payload.get_data_ptr(), length);
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }

    void b_transport(Payload& payload, sc_core::sc_time& delay) {
        if (style == AnswerStyle::waits) {
            sc_core::wait(delay + response_time());
            delay = sc_core::SC_ZERO_TIME;
        } else {
            delay += response_time();
        }
        access(payload);
    }

    tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        if (phase == tlm::END_RESP) {
            responding_ = false;
            response_event_.notify(sc_core::SC_ZERO_TIME);
            return tlm::TLM_COMPLETED;
        }
        if (style == AnswerStyle::completes) {
            access(payload);
            delay += response_time();
            return tlm::TLM_COMPLETED;
        }
        payload.acquire();
        const sc_core::sc_time begin = sc_core::sc_time_stamp() + delay;
        if (style == AnswerStyle::late_end) {
            requests_.emplace(begin + request_time, &payload);
            end_event_.notify(delay + request_time);
            return tlm::TLM_ACCEPTED;
        }
        queue_response(payload, begin + response_time());
        if (style == AnswerStyle::response_only) return tlm::TLM_ACCEPTED;
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
    }

    void end_requests() {
        while (!requests_.empty() && requests_.begin()->first <= sc_core::sc_time_stamp()) {
            Payload& payload = *requests_.begin()->second;
            requests_.erase(requests_.begin());
            tlm::tlm_phase phase = tlm::END_REQ;
            sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
            queue_response(payload, sc_core::sc_time_stamp() + response_time());
            socket->nb_transport_bw(payload, phase, delay);
        }
        if (!requests_.empty()) end_event_.notify(requests_.begin()->first - sc_core::sc_time_stamp());
    }

    void queue_response(Payload& payload, const sc_core::sc_time& time) {
        overtakings += responses_.upper_bound(time) != responses_.end() ? 1U : 0U;
        responses_.emplace(time, &payload);
        notify_response();
    }
    void notify_response() {
        const sc_core::sc_time first = std::max(responses_.begin()->first, sc_core::sc_time_stamp());
        response_event_.notify(first - sc_core::sc_time_stamp());
    }
    void respond() {
        if (responding_ || responses_.empty()) return;
        if (responses_.begin()->first > sc_core::sc_time_stamp()) return notify_response();
        Payload& payload = *responses_.begin()->second;
        responses_.erase(responses_.begin());
        access(payload);
        responding_ = true;
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        socket->nb_transport_bw(payload, phase, delay);
        payload.release();
    }

    std::multimap<sc_core::sc_time, Payload*> requests_;
    std::multimap<sc_core::sc_time, Payload*> responses_;
    sc_core::sc_event end_event_;
    sc_core::sc_event response_event_;
    bool responding_ = false;
};

} // namespace bru::test
