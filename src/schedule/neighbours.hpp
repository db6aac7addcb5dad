// What the plain state machines ask of their neighbours. Cycles here may lie ahead of kernel time: the core computes as
// far as it knows the outside world.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/cycle.hpp"
#include "machine/descriptor.hpp"
#include "schedule/recurring_schedules.hpp"

namespace bru {

struct Descriptor;

/// One input step as stream_input keeps it until the sequencer discards it.
struct InputStep {
    bool first = false;
    bool last = false;
    bool end = false;
    Cycle header_cycle = 0;           ///< transfer of its header beat
    std::uint32_t stream = 0;         ///< whose sequence it belongs to
    std::uint32_t one_hot_index = 0;  ///< chunk * W + column
    std::vector<Cycle> chunk_cycles;  ///< transfer of the last beat of each chunk that has arrived
    std::vector<std::int16_t> values; ///< activations, chunk after chunk
};

/// The input steps that have arrived, numbered from 0 since start.
class ArrivedSteps {
public:
    virtual ~ArrivedSteps() = default;
    /// nullptr while its header has not arrived. Valid until the next beat is accepted.
    virtual const InputStep* input_step(std::uint64_t number) const = 0;
};

/// The slice FIFO of stream_output. Slices are numbered from 0 since start.
class SliceRoom {
public:
    static constexpr Cycle kUnknown = ~Cycle{0};

    virtual ~SliceRoom() = default;
    /// First cycle in which slice `number` can be reserved: a capacity earlier one has left. kUnknown: not yet known.
    virtual Cycle reservable_from(std::uint64_t number) const = 0;
    /// Tells when a row group's hidden slices will be written, before their values come: a whole group, not a vector's
    /// last, the first slice at the end of cycle `written`, then one per cycle. Groups come in order. With that
    /// reservable_from() knows more, so that a vector need not be handed over in pieces. False: when the group's slices
    /// end is not yet known; nothing is remembered of it.
    virtual bool foresee_group(Cycle written) = 0;
    /// Writes the state that reservations of a whole vector depend on into the key, where `reserved` slices have been
    /// reserved so far. False: not all of it is known, or the beat FIFO may be full.
    virtual bool describe_reservations(const Descriptor& descriptor, std::uint64_t reserved, StateKey& key) const = 0;
};

} // namespace bru
