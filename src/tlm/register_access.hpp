// One access to a register of 32 bits over AXI4-Lite.
#pragma once

#include <cstdint>

#include <tlm>

namespace bru {

/// Turns `payload` into an access of one register. `value` is what a write writes and what a read fills in; it must
/// stay until the answer is there.
inline void set_register_access(tlm::tlm_generic_payload& payload, tlm::tlm_command command, std::uint64_t address,
                                std::uint32_t& value) {
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(sizeof value);
    payload.set_streaming_width(sizeof value);
}

} // namespace bru
