// One access to a register over AXI4-Lite, as a processor makes it.
#pragma once

#include <cstdint>

#include <systemc>
#include <tlm>

#include "tlm/register_access.hpp"

namespace bru::test {

struct RegisterAnswer {
    std::uint32_t value = 0; ///< what was read or written
    sc_core::sc_time delay;  ///< that the target annotated
};

template <typename Socket>
RegisterAnswer access_register(Socket& socket, tlm::tlm_command command, std::uint32_t offset,
                               std::uint32_t value = 0) {
    RegisterAnswer answer{value, sc_core::SC_ZERO_TIME};
    tlm::tlm_generic_payload payload;
    set_register_access(payload, command, offset, answer.value);
    socket->b_transport(payload, answer.delay);
    return answer;
}

} // namespace bru::test
