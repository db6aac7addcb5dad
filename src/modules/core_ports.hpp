// Wires between the blocks of the core that are not transactions: who may go on, and since which cycle.
// Cycles here may lie ahead of kernel time: the core computes as far as it knows the outside world.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <systemc>

#include "modules/cycle_class.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

struct Descriptor;

/// One input step as stream_input keeps it until the sequencer discards it.
struct InputStep {
    bool first = false;
    bool last = false;
    bool end = false;
    Cycle header_cycle = 0;           ///< transfer of its header beat
    std::uint32_t one_hot_index = 0;  ///< chunk * W + column
    std::vector<Cycle> chunk_cycles;  ///< transfer of the last beat of each chunk that has arrived
    std::vector<std::int16_t> values; ///< activations, chunk after chunk
};

/// Sequencer's view of stream_input. Steps are numbered from 0 since start.
struct InputSteps : virtual sc_core::sc_interface {
    /// nullptr while its header has not arrived.
    virtual const InputStep* input_step(std::uint64_t number) const = 0;
    /// Gives back the slots of all steps below `number`; new headers may enter from cycle + 1 on.
    virtual void release_below(std::uint64_t number, Cycle cycle) = 0;
    /// The simulator no longer needs the steps below `number` (the data of released steps is read once more
    /// when their row groups are dispatched).
    virtual void discard_below(std::uint64_t number) = 0;
};

/// Sequencer's view of the slice FIFO of stream_output. Slices are numbered from 0 since start.
struct SliceFifo : virtual sc_core::sc_interface {
    static constexpr Cycle kUnknown = ~Cycle{0};
    /// First cycle in which slice `number` can be reserved: a capacity earlier one has left. kUnknown: not yet known.
    virtual Cycle reservable_from(std::uint64_t number) const = 0;
    /// Tells when a row group's hidden slices will be written, before their values come: a whole group, not a vector's
    /// last, the first slice at the end of cycle `written`, then one a cycle. Groups come in order. With that
    /// reservable_from() knows more, so that a vector need not be handed over in pieces. False: when the group's slices
    /// end is not yet known; nothing is remembered of it.
    virtual bool foresee_group(Cycle written) = 0;
    /// Adds what reservations of a whole vector can have to wait for, in cycles from `base` on, where `reserved` slices
    /// have been reserved so far (recurring_schedule.hpp). False: not all of it is known, or the beat FIFO may be full.
    virtual bool collect_waits(const Descriptor& descriptor, std::uint64_t reserved, Cycle base,
                               std::vector<Cycle>& waits) const = 0;
};

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
};

} // namespace bru
