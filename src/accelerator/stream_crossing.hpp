// stream_crossing: a FIFO that takes the beats of an AXI4-Stream from one clock to another. Timing: a beat is written
// in the first cycle of its source in which it is valid and a place is free, one per cycle; when the target sees the
// beat, and the source the place, is ClockCrossing's. Like the blocks that it joins, it may run ahead of kernel time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include <systemc>

#include "machine/crossing_timing.hpp"
#include "schedule/beat_queue.hpp"
#include "schedule/clock_crossing.hpp"
#include "schedule/cycle_ring.hpp"
#include "tlm/axi_stream.hpp"

namespace bru {

class StreamCrossing : public sc_core::sc_module {
public:
    StreamCrossing(const sc_core::sc_module_name& name, const CycleClock& source, const CycleClock& target,
                   const CrossingTiming& timing);

    StreamTargetSocket input_socket;     ///< from the source, in cycles of its clock
    StreamInitiatorSocket output_socket; ///< to the target
    /// Observe the transfers on both sides, each in the cycles of its clock.
    std::function<void(const Cycle*, std::size_t)> on_write;
    std::function<void(const Cycle*, std::size_t)> on_read;

    /// Forgets its beats. While it is held, it forgets every beat that it is given.
    void reset(bool held);

private:
    void on_transfers(const StreamTransfer& transfer);
    void write();
    void write_front();

    ClockCrossing to_target_;
    ClockCrossing to_source_;
    std::uint64_t places_;
    BeatQueue<StreamBeat> offered_; ///< not yet written
    CycleRing read_cycles_;         ///< by beat, in cycles of the target
    std::uint64_t written_ = 0;     ///< beats, ever
    std::uint64_t read_ = 0;        ///< beats, ever, as far as is known
    Cycle next_write_cycle_ = 0;
    bool held_ = false;
    bool writing_ = false;
    std::vector<Cycle> writes_;     ///< to be answered
    std::vector<StreamBeat> beats_; ///< to be offered
};

} // namespace bru
