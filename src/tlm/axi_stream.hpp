// AXI4-Stream as TLM: the initiator offers beats with the cycle from which each has TVALID; the target
// answers, at once or later, with the cycle in which each was transferred (TVALID and TREADY).
// Contract: beats transfer in order, one per cycle, never before their valid cycle; an answer comes no later
// (in kernel time) than the cycle that it names, so both sides can run ahead of the kernel.
#pragma once

#include <cstddef>
#include <cstdint>

#include "machine/stream_beat.hpp"
#include "tlm/callback_sockets.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

/// Forward: `beats` are the next ones of the stream, copied by the target. Backward: `transfer_cycles` are
/// those of the oldest beats not yet answered.
struct StreamTransfer {
    const StreamBeat* beats = nullptr;
    const Cycle* transfer_cycles = nullptr;
    std::size_t count = 0;
};

using AxiStreamProtocol = Protocol<StreamTransfer>;
using StreamInitiatorSocket = CallbackInitiatorSocket<AxiStreamProtocol>;
using StreamTargetSocket = CallbackTargetSocket<AxiStreamProtocol>;

inline void offer_beats(StreamInitiatorSocket& socket, const StreamBeat* beats, std::size_t count) {
    StreamTransfer transfer{beats, nullptr, count};
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_fw(transfer, phase, delay);
}

inline void answer_beats(StreamTargetSocket& socket, const Cycle* transfer_cycles, std::size_t count) {
    StreamTransfer transfer{nullptr, transfer_cycles, count};
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_bw(transfer, phase, delay);
}

} // namespace bru
