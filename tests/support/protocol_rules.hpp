// The rules of the base protocol of TLM-2.0 on one socket, as a listener of its calls: order and exclusion of phases,
// attributes of the generic payload, memory management, timing annotations. Every violation is reported as a sentence.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <systemc>
#include <tlm>

namespace bru::test {

class ProtocolRules {
public:
    using Payload = tlm::tlm_generic_payload;
    explicit ProtocolRules(std::function<void(const std::string&)> report) : report_(std::move(report)) {}

    std::uint64_t transactions() const { return transactions_; }

    // ---- b_transport

    void blocking_called(const Payload& payload, const sc_core::sc_time& delay) {
        if (in_progress(payload)) violate("b_transport with a payload that is under way");
        check_new(payload);
        if (payload.has_mm() && payload.get_ref_count() < 1) violate("b_transport with a payload that nobody holds");
        open(payload, tlm::BEGIN_REQ, delay);
    }
    void blocking_returned(const Payload& payload, const sc_core::sc_time& delay) {
        Transaction& transaction = open_[&payload];
        check_same(transaction, payload);
        check_answered(payload, "b_transport returns");
        if (effective(delay) < transaction.time) violate("b_transport returns a time before that of its call");
        open_.erase(&payload);
    }

    // ---- nb_transport: before the call, and behind it with what it returned

    void forward_called(const Payload& payload, const tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
        begin_call(payload, phase, delay);
        if (phase == tlm::BEGIN_REQ)
            begin_request(payload, delay);
        else if (phase == tlm::END_RESP)
            end_response(payload, delay);
        else if (is_basic(phase))
            violate("the initiator sends a phase of the target");
    }
    void forward_returned(const Payload& payload, const tlm::tlm_phase& phase, const sc_core::sc_time& delay,
                          tlm::tlm_sync_enum answer) {
        const Call call = end_call();
        if (answer == tlm::TLM_ACCEPTED) return check_untouched(call, phase, delay);
        if (call.phase == tlm::END_RESP) {
            if (answer == tlm::TLM_UPDATED) violate("the target answers END_RESP with a phase");
            return;
        }
        if (call.phase != tlm::BEGIN_REQ) return violate("the target answers an ignorable phase with one of its own");
        if (answer == tlm::TLM_COMPLETED)
            complete(payload, delay, call);
        else
            target_phase(payload, phase, delay);
    }
    void backward_called(const Payload& payload, const tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
        begin_call(payload, phase, delay);
        if (is_basic(phase)) target_phase(payload, phase, delay);
    }
    void backward_returned(const Payload& payload, const tlm::tlm_phase& phase, const sc_core::sc_time& delay,
                           tlm::tlm_sync_enum answer) {
        const Call call = end_call();
        if (answer == tlm::TLM_ACCEPTED) return check_untouched(call, phase, delay);
        if (call.phase != tlm::BEGIN_RESP) return violate("the initiator ends a transaction without a response");
        if (answer == tlm::TLM_UPDATED && phase != tlm::END_RESP)
            return violate("the initiator answers BEGIN_RESP with another phase than END_RESP");
        end_response(payload, delay);
    }

    // ---- without time

    void direct_access_answered(const Payload& payload, const tlm::tlm_dmi& dmi, bool granted) {
        if (dmi.get_start_address() > dmi.get_end_address()) violate("a range of direct access ends before it begins");
        if (!granted) return;
        if (dmi.get_dmi_ptr() == nullptr) violate("direct access is granted without a pointer");
        if (payload.get_address() < dmi.get_start_address() || payload.get_address() > dmi.get_end_address())
            violate("direct access is granted for another address");
        if ((payload.is_read() && !dmi.is_read_allowed()) || (payload.is_write() && !dmi.is_write_allowed()))
            violate("direct access is granted for another command");
    }
    void debug_answered(const Payload& payload, unsigned count) {
        if (count > payload.get_data_length()) violate("transport_dbg returns more bytes than there are");
    }
    void invalidated(std::uint64_t first, std::uint64_t last) {
        if (first > last) violate("a range of direct access that is taken back ends before it begins");
    }

private:
    struct Transaction {
        tlm::tlm_phase phase = tlm::UNINITIALIZED_PHASE;
        sc_core::sc_time time; ///< effective, of the last phase
        tlm::tlm_command command = tlm::TLM_IGNORE_COMMAND;
        sc_dt::uint64 address = 0;
        const unsigned char* data = nullptr;
        unsigned length = 0;
        const unsigned char* enables = nullptr;
        unsigned enable_length = 0;
        unsigned streaming_width = 0;
        std::vector<unsigned char> written;
        tlm::tlm_response_status response = tlm::TLM_INCOMPLETE_RESPONSE; ///< of BEGIN_RESP
    };
    struct Call {
        tlm::tlm_phase phase;
        sc_core::sc_time delay;
        sc_core::sc_time now;
    };

    void violate(const std::string& text) { report_(text); }
    static sc_core::sc_time effective(const sc_core::sc_time& delay) { return sc_core::sc_time_stamp() + delay; }
    static bool is_basic(const tlm::tlm_phase& phase) {
        return phase == tlm::BEGIN_REQ || phase == tlm::END_REQ || phase == tlm::BEGIN_RESP || phase == tlm::END_RESP;
    }
    bool in_progress(const Payload& payload) const { return open_.count(&payload) != 0; }

    /// What an initiator must have set before it sends a payload.
    void check_new(const Payload& payload) {
        if (payload.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE)
            violate("a request whose response status is not INCOMPLETE");
        if (payload.is_dmi_allowed()) violate("a request with the hint that direct access is allowed");
        if (payload.get_byte_enable_ptr() != nullptr && payload.get_byte_enable_length() == 0)
            violate("a request with byte enables of length 0");
        if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) return;
        if (payload.get_data_ptr() == nullptr || payload.get_data_length() == 0) violate("a request without data");
        if (payload.get_streaming_width() == 0) violate("a request with streaming width 0");
    }

    void open(const Payload& payload, const tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
        ++transactions_;
        Transaction transaction;
        transaction.phase = phase;
        transaction.time = effective(delay);
        transaction.command = payload.get_command();
        transaction.address = payload.get_address();
        transaction.data = payload.get_data_ptr();
        transaction.length = payload.get_data_length();
        transaction.enables = payload.get_byte_enable_ptr();
        transaction.enable_length = payload.get_byte_enable_length();
        transaction.streaming_width = payload.get_streaming_width();
        if (payload.is_write() && transaction.data != nullptr)
            transaction.written.assign(transaction.data, transaction.data + transaction.length);
        open_[&payload] = std::move(transaction);
    }

    void check_same(const Transaction& transaction, const Payload& payload) {
        if (payload.get_command() != transaction.command || payload.get_address() != transaction.address ||
            payload.get_data_ptr() != transaction.data || payload.get_data_length() != transaction.length ||
            payload.get_byte_enable_ptr() != transaction.enables ||
            payload.get_byte_enable_length() != transaction.enable_length ||
            payload.get_streaming_width() != transaction.streaming_width)
            return violate("an attribute of the payload changes while it is under way");
        if (!std::equal(transaction.written.begin(), transaction.written.end(), payload.get_data_ptr()))
            violate("the data of a write changes while it is under way");
    }
    void check_answered(const Payload& payload, const std::string& who) {
        if (payload.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE)
            violate(who + " with an INCOMPLETE response status");
    }

    void begin_call(const Payload& payload, const tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
        calls_.push_back({phase, delay, sc_core::sc_time_stamp()});
        if (!payload.has_mm()) violate("nb_transport with a payload without memory management");
        if (payload.get_ref_count() < 1) violate("nb_transport with a payload that nobody holds");
    }
    Call end_call() {
        const Call call = calls_.back();
        calls_.pop_back();
        if (call.now != sc_core::sc_time_stamp()) violate("nb_transport waits");
        return call;
    }
    void check_untouched(const Call& call, const tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
        if (phase != call.phase || delay != call.delay) violate("TLM_ACCEPTED with another phase or delay");
    }

    /// The transaction of a later phase. nullptr: there is none, which is reported.
    Transaction* advance(const Payload& payload, const sc_core::sc_time& delay) {
        const auto found = open_.find(&payload);
        if (found == open_.end()) {
            violate("a phase of a payload that is not under way");
            return nullptr;
        }
        check_same(found->second, payload);
        if (effective(delay) < found->second.time) violate("a phase before the time of the one before it");
        found->second.time = std::max(found->second.time, effective(delay));
        return &found->second;
    }

    void begin_request(const Payload& payload, const sc_core::sc_time& delay) {
        if (in_progress(payload)) return violate("BEGIN_REQ of a payload that is under way");
        check_new(payload);
        if (requesting_ != nullptr) violate("BEGIN_REQ before the end of the request before it");
        if (effective(delay) < request_end_) violate("BEGIN_REQ before the time of the END_REQ before it");
        open(payload, tlm::BEGIN_REQ, delay);
        requesting_ = &payload;
    }
    void end_request(const Payload& payload, const sc_core::sc_time& delay) {
        if (requesting_ != &payload) return;
        requesting_ = nullptr;
        request_end_ = effective(delay);
    }
    void target_phase(const Payload& payload, const tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
        if (phase != tlm::END_REQ && phase != tlm::BEGIN_RESP)
            return violate("the target sends a phase of the initiator");
        Transaction* const transaction = advance(payload, delay);
        if (transaction == nullptr) return;
        const bool in_order =
            transaction->phase == tlm::BEGIN_REQ || (phase == tlm::BEGIN_RESP && transaction->phase == tlm::END_REQ);
        if (!in_order) return violate("the target sends a phase out of order");
        transaction->phase = phase;
        end_request(payload, delay);
        if (phase == tlm::END_REQ) return;
        check_answered(payload, "BEGIN_RESP");
        transaction->response = payload.get_response_status();
        if (responding_ != nullptr) violate("BEGIN_RESP before the end of the response before it");
        if (effective(delay) < response_end_) violate("BEGIN_RESP before the time of the END_RESP before it");
        responding_ = &payload;
    }
    void end_response(const Payload& payload, const sc_core::sc_time& delay) {
        const Transaction* const transaction = advance(payload, delay);
        if (transaction == nullptr) return;
        if (transaction->phase != tlm::BEGIN_RESP)
            violate("END_RESP without BEGIN_RESP");
        else if (payload.get_response_status() != transaction->response)
            violate("the initiator changes the response status");
        if (requesting_ == &payload) requesting_ = nullptr;
        responding_ = nullptr;
        response_end_ = effective(delay);
        open_.erase(&payload);
    }
    void complete(const Payload& payload, const sc_core::sc_time& delay, const Call& call) {
        const auto found = open_.find(&payload);
        if (found == open_.end() || found->second.phase != tlm::BEGIN_REQ)
            return violate("TLM_COMPLETED of a transaction that has gone on by phases");
        check_same(found->second, payload);
        check_answered(payload, "TLM_COMPLETED");
        if (delay < call.delay) violate("TLM_COMPLETED before the time of its request");
        requesting_ = nullptr;
        open_.erase(found);
    }

    std::function<void(const std::string&)> report_;
    std::map<const Payload*, Transaction> open_;
    std::vector<Call> calls_; ///< nested
    const Payload* requesting_ = nullptr;
    const Payload* responding_ = nullptr;
    sc_core::sc_time request_end_;
    sc_core::sc_time response_end_;
    std::uint64_t transactions_ = 0;
};

} // namespace bru::test
