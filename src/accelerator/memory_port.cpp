#include "accelerator/memory_port.hpp"

#include <algorithm>

#include <systemc>

#include <sysc/kernel/sc_dynamic_processes.h> // sc_spawn, which <systemc> leaves out

#include "base/integers.hpp"

namespace bru {

namespace {

BurstError error_of(tlm::tlm_response_status status) {
    if (status == tlm::TLM_OK_RESPONSE) return BurstError::none;
    return status == tlm::TLM_ADDRESS_ERROR_RESPONSE ? BurstError::decode : BurstError::slave;
}

/// A process that runs when the event is notified, and not before.
template <typename Function>
void spawn_method(const char* name, const sc_core::sc_event& event, Function function) {
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.dont_initialize();
    options.set_sensitivity(&event);
    sc_core::sc_spawn(function, sc_core::sc_gen_unique_name(name), &options);
}

} // namespace

DmaBurst::DmaBurst(BurstOwner& burst_owner, std::size_t most_beats)
    : tlm_generic_payload(this), owner(burst_owner), data(most_beats) {
    set_extension(&timing);
    set_data_ptr(bytes());
    set_byte_enable_ptr(nullptr);
    set_byte_enable_length(0);
}

void DmaBurst::prepare(tlm::tlm_command command, std::uint64_t address, std::size_t byte_count) {
    set_command(command);
    set_address(address);
    set_data_length(narrow<unsigned>(byte_count));
    set_streaming_width(get_data_length());
    set_dmi_allowed(false);
    set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    timing.first_beat_cycle = AxiBurst::kNotSaid;
    timing.last_beat_cycle = AxiBurst::kNotSaid;
    answered = false;
    forgotten = false;
}

MemoryPort::MemoryPort(tlm::tlm_initiator_socket<64>& socket, std::size_t most_bursts, const CycleClock& clock,
                       MemoryTransport transport)
    : socket_(socket), most_bursts_(most_bursts), clock_(clock), transport_(transport) {
    socket.bind(*static_cast<tlm::tlm_bw_transport_if<>*>(this));
}

void MemoryPort::send(DmaBurst& burst, Cycle request_cycle) {
    burst.on_bus = true;
    burst.acquire();
    burst.timing.request_cycle = request_cycle;
    if (transport_ == MemoryTransport::blocking) {
        call(burst);
    } else if (requesting_ == nullptr && waiting_.empty() && (!phases_ || !phases_->request_ending)) {
        if (request(burst)) burst.release();
    } else {
        waiting_.push_back(&burst);
    }
}

void MemoryPort::reset() {
    for (DmaBurst* const burst : waiting_) burst->release();
    waiting_.clear();
}

void MemoryPort::note_answer(DmaBurst& burst, Cycle answer_cycle, Cycle earliest) {
    AxiBurst& timing = burst.timing;
    if (!timing.says_cycles()) {
        timing.first_beat_cycle = answer_cycle;
        timing.last_beat_cycle = answer_cycle;
    }
    timing.first_beat_cycle = std::max(timing.first_beat_cycle, earliest);
    timing.last_beat_cycle = std::max(timing.last_beat_cycle, timing.first_beat_cycle);
    burst.error = error_of(burst.get_response_status());
    burst.answered = true;
}

// ---------------------------------------------------------------- b_transport

void MemoryPort::call(DmaBurst& burst) {
    if (!idle_callers_.empty()) {
        Caller& caller = *idle_callers_.back();
        idle_callers_.pop_back();
        caller.burst = &burst;
        caller.called.notify(sc_core::SC_ZERO_TIME);
    } else if (callers_.size() < most_bursts_) {
        callers_.push_back(std::make_unique<Caller>());
        Caller& caller = *callers_.back();
        caller.burst = &burst;
        sc_core::sc_spawn([this, &caller] { call_memory(caller); }, sc_core::sc_gen_unique_name("caller"));
    } else {
        waiting_.push_back(&burst);
    }
}

void MemoryPort::call_memory(Caller& caller) {
    while (true) {
        while (caller.burst == nullptr) sc_core::wait(caller.called);
        DmaBurst& burst = *caller.burst;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        socket_->b_transport(burst, delay);
        note_answer(burst, clock_.cycle_after(delay), next_edge());
        burst.owner.burst_answered(burst);
        burst.release();
        caller.burst = nullptr;
        if (waiting_.empty()) {
            idle_callers_.push_back(&caller);
        } else {
            caller.burst = waiting_.front();
            waiting_.pop_front();
        }
    }
}

// ---------------------------------------------------------------- four phases

MemoryPort::Phases& MemoryPort::phases() {
    if (!phases_) {
        phases_ = std::make_unique<Phases>();
        spawn_method("request_waiting", phases_->request_event, [this] { request_waiting(); });
        spawn_method("end_responses", phases_->response_event, [this] { end_responses(); });
    }
    return *phases_;
}

/// True: memory has completed the burst in the call, and the caller releases it.
bool MemoryPort::request(DmaBurst& burst) {
    requesting_ = &burst;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = clock_.time_until(burst.timing.request_cycle);
    switch (socket_->nb_transport_fw(burst, phase, delay)) {
    case tlm::TLM_COMPLETED:
        requesting_ = nullptr; // there is no END_REQ: the next request may follow at once
        note_answer(burst, burst.timing.says_cycles() ? 0 : clock_.cycle_after(delay), burst.timing.request_cycle);
        return true;
    case tlm::TLM_UPDATED: enter_phase(burst, phase, delay); break;
    case tlm::TLM_ACCEPTED: break;
    }
    return false;
}

void MemoryPort::request_waiting() {
    phases_->request_ending = sc_core::sc_time_stamp() < phases_->request_free_from;
    if (phases_->request_ending) phases_->request_event.notify(phases_->request_free_from - sc_core::sc_time_stamp());
    while (requesting_ == nullptr && !waiting_.empty() && !phases_->request_ending) {
        DmaBurst& burst = *waiting_.front();
        waiting_.pop_front();
        burst.timing.request_cycle = std::max(burst.timing.request_cycle, clock_.current_cycle());
        if (!request(burst)) continue;
        burst.owner.burst_answered(burst);
        burst.release();
    }
}

tlm::tlm_sync_enum MemoryPort::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                               sc_core::sc_time& delay) {
    enter_phase(static_cast<DmaBurst&>(payload), phase, delay);
    return tlm::TLM_ACCEPTED;
}

/// Memory hands back the payload that it was given: only this port's bursts come here. Phases that the base protocol
/// does not have are ignored, as it allows.
void MemoryPort::enter_phase(DmaBurst& burst, const tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
    if (phase == tlm::END_REQ) end_request(burst, delay);
    if (phase != tlm::BEGIN_RESP || burst.answered) return;
    end_request(burst, delay);
    phases().responses.push_back({sc_core::sc_time_stamp() + delay, &burst});
    if (phases_->responses.size() == 1) phases_->response_event.notify(delay);
    note_answer(burst, clock_.cycle_after(delay), next_edge());
    burst.owner.burst_answered(burst);
}

/// The next request may follow at the clock edge that is not before the request's end.
void MemoryPort::end_request(const DmaBurst& burst, const sc_core::sc_time& delay) {
    if (requesting_ != &burst) return;
    requesting_ = nullptr;
    const sc_core::sc_time until = clock_.time_until(clock_.cycle_after(delay));
    phases().request_free_from = sc_core::sc_time_stamp() + until;
    phases_->request_ending = until > sc_core::SC_ZERO_TIME;
    if (!waiting_.empty() || phases_->request_ending) phases_->request_event.notify(until);
}

void MemoryPort::end_responses() {
    std::deque<Response>& responses = phases_->responses;
    while (!responses.empty() && responses.front().time <= sc_core::sc_time_stamp()) {
        DmaBurst& burst = *responses.front().burst;
        responses.pop_front();
        tlm::tlm_phase phase = tlm::END_RESP;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        socket_->nb_transport_fw(burst, phase, delay);
        burst.release();
    }
    if (!responses.empty()) phases_->response_event.notify(responses.front().time - sc_core::sc_time_stamp());
}

} // namespace bru
