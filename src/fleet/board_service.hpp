// What a board takes for a step, as figures: what the fleet's model of a board (board.hpp) is made of. The
// cycle-accurate simulation measures them (run/board_measurement.hpp), or the fleet file gives them.
#pragma once

#include <cstdint>

#include "fleet/time.hpp"

namespace bru::fleet {

struct BoardService {
    std::int64_t streams = 1; ///< sessions that the board takes at the same time

    // The software in front of the machine takes the steps that have arrived together.
    Time software_step = 0;             ///< for each of them
    Time software_transfer = 0;         ///< for all of them together
    std::int64_t transfer_steps = 1024; ///< most of them

    // The host's thread that drives the DMA. Both times zero: the machine takes each step at once.
    Time register_access = 0;
    Time interrupt_latency = 0; ///< from the line to the handler

    // The machine.
    Time input_begin = 0; ///< from the write that begins a transfer to its first step in the core, without that step
    Time input_step = 0;  ///< of the transfer, per step
    Time answer = 0;      ///< from a step in the idle core to the last beat of its output
    Time interval = 0;    ///< from the output of a step to that of the next, at best
    Time stream_interval = 0;      ///< the same between steps of one stream, of which the second waits for the state
    Time packet_drain = 0;         ///< a waiting output leaves so long after the host takes packets again
    Time packet_end = 0;           ///< from the last beat of a packet to its interrupt
    Time packet_least = 0;         ///< from the host taking packets again to the interrupt of the next, at least
    std::int64_t packet_steps = 1; ///< outputs of a packet
    Time input_release = 0;        ///< a step's place in the input buffer is free so long before its output is ready
    std::int64_t input_places = 0; ///< steps that the input buffer holds; 0: any number
    std::int64_t output_places = 1'000'000'000; ///< outputs that may wait in the machine
    Time refresh_interval = 0;                  ///< of the memory; 0: none
    Time refresh = 0;                           ///< no data of a packet moves meanwhile
    Time packet_data = 0;                       ///< so long data of a packet move before its interrupt

    // First-order estimate.
    double idle_w = 0; ///< of the whole board
    double busy_w = 0; ///< in addition, while the machine works

    bool has_host() const { return register_access > 0 || interrupt_latency > 0; }
};

/// The mean distance of steps that are answered, when there are always steps to do: what limits the throughput.
double saturated_interval_us(const BoardService& service);

/// From a step at the software of the idle board to its answer.
Time idle_response(const BoardService& service);

} // namespace bru::fleet
