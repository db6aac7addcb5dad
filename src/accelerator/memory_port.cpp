#include "accelerator/memory_port.hpp"

#include <algorithm>

#include "base/integers.hpp"

namespace bru {

namespace {

BurstError error_of(tlm::tlm_response_status status) {
    if (status == tlm::TLM_OK_RESPONSE) return BurstError::none;
    return status == tlm::TLM_ADDRESS_ERROR_RESPONSE ? BurstError::decode : BurstError::slave;
}

} // namespace

DmaBurst::DmaBurst(BurstOwner& burst_owner, std::size_t most_beats)
    : tlm_generic_payload(this), owner(burst_owner), data(most_beats) {
    set_extension(&timing);
}

void DmaBurst::prepare(tlm::tlm_command command, std::uint64_t address, std::size_t byte_count) {
    set_command(command);
    set_address(address);
    set_data_ptr(bytes());
    set_data_length(narrow<unsigned>(byte_count));
    set_streaming_width(get_data_length());
    set_byte_enable_ptr(nullptr);
    set_byte_enable_length(0);
    set_dmi_allowed(false);
    set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    timing.first_beat_cycle = AxiBurst::kNotSaid;
    timing.last_beat_cycle = AxiBurst::kNotSaid;
    answered = false;
    forgotten = false;
}

MemoryPort::MemoryPort(const sc_core::sc_module_name& name, const DmaTiming& timing, const CycleClock& clock,
                       MemoryTransport transport)
    : sc_module(name), socket("socket"), clock_(clock), transport_(transport) {
    socket.register_nb_transport_bw(this, &MemoryPort::nb_transport_bw);
    if (transport == MemoryTransport::non_blocking) {
        SC_METHOD(request_waiting);
        sensitive << request_event_;
        dont_initialize();
        SC_METHOD(end_responses);
        sensitive << response_event_;
        dont_initialize();
        return;
    }
    for (std::int64_t number = 0; number < 2 * timing.outstanding_bursts; ++number) {
        callers_.push_back(std::make_unique<Caller>());
        Caller& caller = *callers_.back();
        idle_callers_.push_back(&caller);
        sc_core::sc_spawn([this, &caller] { call_memory(caller); }, sc_core::sc_gen_unique_name("caller"));
    }
}

void MemoryPort::send(DmaBurst& burst) {
    burst.on_bus = true;
    burst.acquire();
    burst.timing.request_cycle = clock_.current_cycle();
    if (transport_ == MemoryTransport::non_blocking) {
        const bool busy = requesting_ != nullptr || !waiting_.empty() || sc_core::sc_time_stamp() < request_free_from_;
        if (busy)
            waiting_.push_back(&burst);
        else
            request(burst);
        return;
    }
    if (idle_callers_.empty()) {
        waiting_.push_back(&burst);
        return;
    }
    Caller& caller = *idle_callers_.back();
    idle_callers_.pop_back();
    caller.burst = &burst;
    caller.called.notify(sc_core::SC_ZERO_TIME);
}

void MemoryPort::reset() {
    for (DmaBurst* const burst : waiting_) burst->release();
    waiting_.clear();
}

void MemoryPort::answer(DmaBurst& burst, const sc_core::sc_time& delay) {
    const Cycle now = clock_.cycle_after(sc_core::SC_ZERO_TIME);
    AxiBurst& timing = burst.timing;
    if (timing.first_beat_cycle == AxiBurst::kNotSaid || timing.last_beat_cycle == AxiBurst::kNotSaid) {
        timing.first_beat_cycle = clock_.cycle_after(delay);
        timing.last_beat_cycle = timing.first_beat_cycle;
    }
    timing.first_beat_cycle = std::max(timing.first_beat_cycle, now);
    timing.last_beat_cycle = std::max(timing.last_beat_cycle, timing.first_beat_cycle);
    burst.error = error_of(burst.get_response_status());
    burst.answered = true;
    burst.owner.burst_answered(burst);
}

// ---------------------------------------------------------------- b_transport

void MemoryPort::call_memory(Caller& caller) {
    while (true) {
        while (caller.burst == nullptr) sc_core::wait(caller.called);
        DmaBurst& burst = *caller.burst;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        socket->b_transport(burst, delay);
        answer(burst, delay);
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

void MemoryPort::request(DmaBurst& burst) {
    requesting_ = &burst;
    phased_.push_back(&burst);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    switch (socket->nb_transport_fw(burst, phase, delay)) {
    case tlm::TLM_COMPLETED:
        end_request(burst, sc_core::SC_ZERO_TIME);
        phased_.erase(std::find(phased_.begin(), phased_.end(), &burst));
        answer(burst, delay);
        burst.release();
        break;
    case tlm::TLM_UPDATED: enter_phase(burst, phase, delay); break;
    case tlm::TLM_ACCEPTED: break;
    }
}

void MemoryPort::request_waiting() {
    while (requesting_ == nullptr && !waiting_.empty() && sc_core::sc_time_stamp() >= request_free_from_) {
        DmaBurst& burst = *waiting_.front();
        waiting_.pop_front();
        burst.timing.request_cycle = clock_.current_cycle();
        request(burst);
    }
}

tlm::tlm_sync_enum MemoryPort::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                               sc_core::sc_time& delay) {
    const auto place = std::find(phased_.begin(), phased_.end(), &payload);
    if (place != phased_.end()) enter_phase(**place, phase, delay);
    return tlm::TLM_ACCEPTED;
}

/// Phases that the base protocol does not have are ignored, as it allows.
void MemoryPort::enter_phase(DmaBurst& burst, const tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
    if (phase == tlm::END_REQ) end_request(burst, delay);
    if (phase != tlm::BEGIN_RESP || burst.answered) return;
    end_request(burst, delay);
    responses_.push_back({sc_core::sc_time_stamp() + delay, &burst});
    if (responses_.size() == 1) response_event_.notify(delay);
    answer(burst, delay);
}

/// The next request may follow at the clock edge that is not before the request's end.
void MemoryPort::end_request(const DmaBurst& burst, const sc_core::sc_time& delay) {
    if (requesting_ != &burst) return;
    requesting_ = nullptr;
    const sc_core::sc_time until = clock_.time_until(clock_.cycle_after(delay));
    request_free_from_ = sc_core::sc_time_stamp() + until;
    if (!waiting_.empty() || until > sc_core::SC_ZERO_TIME) request_event_.notify(until);
}

void MemoryPort::end_responses() {
    while (!responses_.empty() && responses_.front().time <= sc_core::sc_time_stamp()) {
        DmaBurst& burst = *responses_.front().burst;
        responses_.pop_front();
        phased_.erase(std::find(phased_.begin(), phased_.end(), &burst));
        tlm::tlm_phase phase = tlm::END_RESP;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        socket->nb_transport_fw(burst, phase, delay);
        burst.release();
    }
    if (!responses_.empty()) response_event_.notify(responses_.front().time - sc_core::sc_time_stamp());
}

} // namespace bru
