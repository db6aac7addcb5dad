#include "accelerator/control_port.hpp"

#include <algorithm>
#include <cstring>

#include <systemc>

#include <sysc/kernel/sc_dynamic_processes.h> // sc_spawn, which <systemc> leaves out

#include "base/integers.hpp"
#include "machine/dma_registers.hpp"
#include "machine/registers.hpp"

namespace bru {

namespace {

constexpr unsigned kRegisterBytes = 4;

bool is_register(std::uint64_t address) {
    return address < kCoreRegistersEnd || (address >= kDmaRegisters && address < kDmaRegisters + dma_reg::kEnd);
}

/// TLM_OK_RESPONSE: this is an access of one register.
tlm::tlm_response_status status_of(const tlm::tlm_generic_payload& payload) {
    if (!is_register(payload.get_address()) || payload.get_address() % kRegisterBytes != 0)
        return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) return tlm::TLM_OK_RESPONSE; // it may have no data
    if (payload.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    const bool one_register =
        payload.get_data_length() == kRegisterBytes && payload.get_streaming_width() >= kRegisterBytes;
    return one_register ? tlm::TLM_OK_RESPONSE : tlm::TLM_BURST_ERROR_RESPONSE;
}

} // namespace

RegisterCrossing::RegisterCrossing(const CycleClock& port, const CycleClock& core, const CrossingTiming& timing)
    : core_clock(core),
      to_core(port.ticks_per_cycle(), core.ticks_per_cycle(), narrow<Cycle>(timing.stages) + kEmptyEdges),
      to_port(core.ticks_per_cycle(), port.ticks_per_cycle(), narrow<Cycle>(timing.stages) + kEmptyEdges) {}

ControlPort::ControlPort(tlm::tlm_target_socket<32>& socket, tlm::tlm_initiator_socket<32>& core_socket,
                         const CycleClock& clock, const std::optional<RegisterCrossing>& crossing)
    : socket_(socket), core_socket_(core_socket), clock_(clock), crossing_(crossing) {
    socket.bind(*static_cast<tlm::tlm_fw_transport_if<>*>(this));
    core_socket.bind(*static_cast<tlm::tlm_bw_transport_if<>*>(this));
    core_access_.set_data_length(kRegisterBytes);
    core_access_.set_streaming_width(kRegisterBytes);
}

// ---------------------------------------------------------------- b_transport

/// The access takes effect at the first clock edge that is not before now + delay: what an initiator has annotated
/// counts. A write to the core takes effect kWriteEffectCycles later. The access ends with its response.
void ControlPort::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    payload.set_response_status(status_of(payload));
    if (payload.get_response_status() != tlm::TLM_OK_RESPONSE || payload.get_command() == tlm::TLM_IGNORE_COMMAND)
        return;
    take_turn(payload.get_address(), delay);
    delay = sc_core::SC_ZERO_TIME;
    busy_ = true;
    access(payload, delay);
    busy_ = false;
    free_cycle_ = clock_.cycle_after(delay);
    free_event_.notify();
}

/// Waits for the clock edge, for the end of accesses of others, and for the end of a reset.
void ControlPort::take_turn(std::uint64_t address, const sc_core::sc_time& delay) {
    const Cycle wanted = clock_.cycle_after(delay);
    while (true) {
        const bool of_core = address < kCoreRegistersEnd && !crossing_; // else it may enter the crossing
        const Cycle held_until = of_core ? std::max(all_held_until_, core_held_until_) : all_held_until_;
        if (busy_ || held_until == kNever) {
            sc_core::wait(free_event_);
            continue;
        }
        const sc_core::sc_time wait_time = clock_.time_until(std::max({wanted, free_cycle_, held_until}));
        if (wait_time == sc_core::SC_ZERO_TIME) return;
        sc_core::wait(wait_time);
    }
}

void ControlPort::hold_core(Cycle until) { core_held_until_ = until; }

void ControlPort::hold_all(Cycle until) {
    all_held_until_ = until;
    free_event_.notify();
}

void ControlPort::access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    if (payload.get_address() >= kDmaRegisters) {
        access_dma(payload, delay);
        return;
    }
    if (!crossing_) {
        note_core_access(payload, clock_);
        access_core(payload, delay);
        return;
    }
    wait_for_core();
    note_core_access(payload, crossing_->core_clock);
    access_core(payload, delay);
    const CycleClock& core = crossing_->core_clock;
    const Cycle response = core.cycle_after(delay);
    delay = clock_.time_until(crossing_->to_port.seen(response));
}

void ControlPort::note_core_access(const tlm::tlm_generic_payload& payload, const CycleClock& core) {
    last_core_access_ = core.current_cycle() + (payload.is_write() ? kWriteEffectCycles : 0);
}

/// To the cycle of the core's clock in which the core sees the access. A reset that begins meanwhile delays it.
void ControlPort::wait_for_core() {
    const CycleClock& core = crossing_->core_clock;
    const Cycle seen = crossing_->to_core.seen(clock_.current_cycle());
    while (true) {
        if (core_held_until_ == kNever) {
            sc_core::wait(free_event_);
            continue;
        }
        const sc_core::sc_time wait_time = core.time_until(std::max(seen, core_held_until_));
        if (wait_time == sc_core::SC_ZERO_TIME) return;
        sc_core::wait(wait_time);
    }
}

void ControlPort::access_core(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    core_access_.set_command(payload.get_command());
    core_access_.set_address(payload.get_address());
    core_access_.set_data_ptr(payload.get_data_ptr());
    core_access_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    core_socket_->b_transport(core_access_, delay);
    payload.set_response_status(core_access_.get_response_status());
}

void ControlPort::access_dma(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const auto offset = narrow<std::uint32_t>(payload.get_address() - kDmaRegisters);
    std::uint32_t value = 0;
    if (payload.is_write()) {
        std::memcpy(&value, payload.get_data_ptr(), sizeof value);
        write_dma(offset, value);
    } else {
        value = read_dma(offset);
        std::memcpy(payload.get_data_ptr(), &value, sizeof value);
    }
    delay += clock_.duration(1);
}

// ---------------------------------------------------------------- nb_transport

/// Accesses are served one after the other. The answer is BEGIN_RESP, which stands for END_REQ, too.
tlm::tlm_sync_enum ControlPort::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                sc_core::sc_time& delay) {
    if (phase == tlm::BEGIN_REQ) {
        if (payload.has_mm()) payload.acquire();
        requests_.push({&payload, sc_core::sc_time_stamp() + delay});
        if (!serving_) sc_core::sc_spawn([this] { serve_requests(); }, sc_core::sc_gen_unique_name("serve_requests"));
        serving_ = true;
        return tlm::TLM_ACCEPTED;
    }
    if (phase != tlm::END_RESP) return tlm::TLM_ACCEPTED; // a phase that the base protocol does not have
    end_response_event_.notify(delay);
    return tlm::TLM_COMPLETED;
}

/// Returns when no request is left: SystemC 2.3.4 does not free a process that was made during a simulation and still
/// waits at its end.
void ControlPort::serve_requests() {
    while (!requests_.empty()) {
        const Request request = requests_.front();
        requests_.pop();
        sc_core::sc_time delay = std::max(request.time, sc_core::sc_time_stamp()) - sc_core::sc_time_stamp();
        b_transport(*request.payload, delay);
        sc_core::wait(delay);
        respond(*request.payload);
        if (request.payload->has_mm()) request.payload->release();
    }
    serving_ = false;
}

void ControlPort::respond(tlm::tlm_generic_payload& payload) {
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_sync_enum answer = socket_->nb_transport_bw(payload, phase, delay);
    if (answer == tlm::TLM_ACCEPTED)
        sc_core::wait(end_response_event_);
    else
        sc_core::wait(delay);
}

// ---------------------------------------------------------------- without time

/// There is no memory behind the registers: no address can be accessed directly.
bool ControlPort::get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
    payload.set_dmi_allowed(false);
    dmi.allow_none();
    dmi.set_start_address(0);
    dmi.set_end_address(~sc_dt::uint64{0});
    return false;
}

std::optional<std::uint32_t> ControlPort::peek(std::uint64_t address) const {
    if (address < kCoreRegistersEnd) return peek_core(static_cast<std::uint32_t>(address));
    return read_dma(static_cast<std::uint32_t>(address - kDmaRegisters));
}

/// Any bytes of registers can be read; none can be written.
unsigned ControlPort::transport_dbg(tlm::tlm_generic_payload& payload) {
    if (!payload.is_read()) return 0;
    unsigned count = 0;
    for (; count < payload.get_data_length(); ++count) {
        const std::uint64_t address = payload.get_address() + count;
        if (!is_register(address)) break;
        const auto value = peek(address / kRegisterBytes * kRegisterBytes);
        if (!value) break;
        payload.get_data_ptr()[count] = static_cast<unsigned char>(*value >> address % kRegisterBytes * 8);
    }
    return count;
}

} // namespace bru
