// Wires between the blocks of the core that are not transactions: who may go on, and since which cycle.
// Cycles here may lie ahead of kernel time: the core computes as far as it knows the outside world.
#pragma once

#include <array>
#include <cstdint>

#include <systemc>

#include "machine/cycle_class.hpp"
#include "schedule/neighbours.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

/// Sequencer's view of stream_input. Steps are numbered from 0 since start.
struct InputSteps : ArrivedSteps, virtual sc_core::sc_interface {
    /// Gives back the slots of all steps below `number`; new headers may enter from cycle + 1 on.
    virtual void release_below(std::uint64_t number, Cycle cycle) = 0;
    /// The simulator no longer needs the steps below `number` (the data of released steps is read once more
    /// when their row groups are dispatched).
    virtual void discard_below(std::uint64_t number) = 0;
};

/// Sequencer's view of the slice FIFO of stream_output.
struct SliceFifo : SliceRoom, virtual sc_core::sc_interface {};

/// What others ask of the sequencer.
struct SequencerControl : virtual sc_core::sc_interface {
    /// Something that it may wait for has become known.
    virtual void advance() = 0;
    virtual void start(Cycle write_cycle) = 0;
    /// Clears the class counters; counting begins after `write_cycle`.
    virtual void count_from(Cycle write_cycle) = 0;
    /// The classes of all counted cycles up to and including `cycle`.
    virtual std::array<std::uint64_t, kCycleClasses> class_cycles(Cycle cycle) const = 0;
    virtual bool running(Cycle cycle) const = 0;
};

/// What control_registers counts and signals.
struct CoreEvents : virtual sc_core::sc_interface {
    virtual void header_accepted(Cycle cycle) = 0;
    virtual void output_transferred(Cycle cycle, bool last_of_run) = 0;
    /// The last chunk of the step marked end was issued.
    virtual void work_finished(Cycle cycle) = 0;
    /// Software made a mistake; the error bit is high from the cycle on.
    virtual void mistake(Cycle visible_from) = 0;
};

} // namespace bru
