#include "accelerator/control_port.hpp"

#include <algorithm>
#include <cstring>

#include "machine/dma_registers.hpp"

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
    if (payload.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    const bool one_register =
        payload.get_data_length() == kRegisterBytes && payload.get_streaming_width() >= kRegisterBytes;
    return one_register ? tlm::TLM_OK_RESPONSE : tlm::TLM_BURST_ERROR_RESPONSE;
}

} // namespace

ControlPort::ControlPort(const sc_core::sc_module_name& name, const CycleClock& clock)
    : sc_module(name), socket("socket"), core_socket("core_socket"), dma_socket("dma_socket"), clock_(clock) {
    socket.register_b_transport(this, &ControlPort::b_transport);
    socket.register_transport_dbg(this, &ControlPort::transport_dbg);
}

/// The access takes effect at the first clock edge that is not before now + delay: what an initiator has annotated
/// counts. It ends one cycle later.
void ControlPort::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    payload.set_response_status(status_of(payload));
    if (payload.get_response_status() != tlm::TLM_OK_RESPONSE || payload.get_command() == tlm::TLM_IGNORE_COMMAND)
        return;
    take_turn(delay);
    delay = sc_core::SC_ZERO_TIME;
    busy_ = true;
    access(payload, delay);
    busy_ = false;
    free_cycle_ = clock_.cycle_after(delay);
    free_event_.notify();
}

/// Waits for the clock edge, and for the end of accesses of others.
void ControlPort::take_turn(const sc_core::sc_time& delay) {
    const Cycle wanted = clock_.cycle_after(delay);
    while (true) {
        const sc_core::sc_time wait_time = clock_.time_until(std::max(wanted, free_cycle_));
        if (busy_)
            sc_core::wait(free_event_);
        else if (wait_time > sc_core::SC_ZERO_TIME)
            sc_core::wait(wait_time);
        else
            return;
    }
}

void ControlPort::access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const std::uint64_t address = payload.get_address();
    const bool dma = address >= kDmaRegisters;
    tlm::tlm_generic_payload inner;
    inner.set_command(payload.get_command());
    inner.set_address(dma ? address - kDmaRegisters : address);
    inner.set_data_ptr(payload.get_data_ptr());
    inner.set_data_length(kRegisterBytes);
    inner.set_streaming_width(kRegisterBytes);
    inner.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    (dma ? dma_socket : core_socket)->b_transport(inner, delay);
    payload.set_response_status(inner.get_response_status());
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
