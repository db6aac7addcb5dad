// What a board takes for a step, as figures: what the fleet's model of a board (board.hpp) is made of. The
// cycle-accurate simulation measures them (run/board_measurement.hpp), or the fleet file gives them.
#pragma once

#include <cstdint>

#include "fleet/machine_clock.hpp"
#include "fleet/time.hpp"

namespace bru::fleet {

struct BoardService {
    std::int64_t streams = 1; ///< sessions that the board takes at the same time

    // The software in front of the machine takes the steps that have arrived together.
    Time software_step = 0;             ///< for each of them
    Time software_transfer = 0;         ///< for all of them together
    std::int64_t transfer_steps = 1024; ///< most of them

    MachineClock clock; ///< the begin of the simulation is an edge of core and DMA

    // The host's thread that drives the DMA. Both times zero: the machine takes each step at once.
    Time register_access = 0;       ///< usually
    std::int64_t access_cycles = 0; ///< that the host works for it
    Time interrupt_latency = 0;     ///< from the line to the handler

    // The machine.
    Time input_begin = 0; ///< from the write that begins a transfer to its first step in the core, without that step
    Time input_step = 0;  ///< of the transfer, per step
    Time input_pace = 0;  ///< the same on the stream, which may be faster than the memory
    Time answer = 0;      ///< from a step in the idle core to the last beat of its output
    Time interval = 0;    ///< from the output of a step to that of the next, at best
    Time stream_interval = 0;         ///< the same between steps of one stream, of which the second waits for the state
    Time packet_drain = 0;            ///< a waiting output leaves so long after the host takes packets again
    Time packet_end = 0;              ///< from the last beat of a packet to its interrupt
    Time packet_least = 0;            ///< from the host taking packets again to the interrupt of the next, at least
    std::int64_t packet_steps = 1;    ///< outputs of a packet
    Time input_release = 0;           ///< a step's place in the input buffer is free so long before its output is ready
    std::int64_t crossing_places = 0; ///< steps between the clocks of DMA and core; 0: there is one clock
    std::int64_t input_places = 0;    ///< steps that the input buffer holds; 0: any number
    std::int64_t output_places = 1'000'000'000; ///< outputs that may wait in the machine
    Time output_room = 0; ///< an output that waited for its place is ready so long after another has left

    // The memory. Data that meet a refresh wait for its end.
    Time refresh_interval = 0; ///< from the begin of a refresh to that of the next; 0: none
    Time refresh = 0;
    Time refresh_phase = 0; ///< the begin of the simulation is so long behind that of a refresh
    Time input_memory = 0;  ///< from the write that begins a transfer to its first data
    Time packet_data = 0;   ///< so long data of a packet move before its interrupt, if the whole packet has waited
    Time last_data = 0;     ///< the same of its last burst

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
