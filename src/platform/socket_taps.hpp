// What stands between the accelerator's sockets and the rest of the assembled system: nothing, or what a test puts
// there to listen.
#pragma once

#include <functional>
#include <memory>

#include <tlm>

namespace bru {

/// Makes a module that joins the two sockets, and lives as long as the system.
template <unsigned Width>
using SocketTap = std::function<std::shared_ptr<void>(tlm::tlm_initiator_socket<Width>& initiator,
                                                      tlm::tlm_target_socket<Width>& target)>;

struct SocketTaps {
    SocketTap<32> control; ///< empty: the sockets are bound to each other
    SocketTap<64> memory;
};

/// Those of every system that is made from now on.
inline SocketTaps& socket_taps() {
    static SocketTaps taps;
    return taps;
}

template <unsigned Width>
std::shared_ptr<void> join_sockets(tlm::tlm_initiator_socket<Width>& initiator, tlm::tlm_target_socket<Width>& target,
                                   const SocketTap<Width>& tap) {
    if (tap) return tap(initiator, target);
    initiator.bind(target);
    return nullptr;
}

} // namespace bru
