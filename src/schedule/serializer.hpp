// The serializer of stream_output: in which cycle each slice leaves the slice FIFO, and from which cycle each beat has
// TVALID (docs/architecture.md, "Output"). Plain C++: the module `stream_output` packs the values and offers the beats.
// Contract: slices come in order; a beat waits only for room in the beat FIFO, which the transfers of earlier beats
// make.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "machine/core_shape.hpp"
#include "machine/cycle.hpp"
#include "machine/stream_beat.hpp"
#include "schedule/beat_queue.hpp"
#include "schedule/cycle_ring.hpp"
#include "schedule/neighbours.hpp"

namespace bru {

/// How far the serializer is, and what its next cycles depend on.
struct SerializerState {
    SerializerState(std::uint64_t slice_capacity, std::uint64_t beat_capacity)
        : slice_ends(slice_capacity), transfers(beat_capacity) {}

    Cycle cycle = 0;               ///< last one worked in
    std::uint64_t slices = 0;      ///< finished
    std::uint64_t beats = 0;       ///< pushed
    std::size_t beat_bytes = 0;    ///< of the beat under way
    CycleRing slice_ends;          ///< by slice
    CycleRing transfers;           ///< by beat
    std::uint64_t transferred = 0; ///< beats, as far as is known

    /// What the cycles of the next slices depend on, where the beat FIFO has room for all their beats.
    void describe(StateKey& key) const {
        key.cycle(cycle + 1);
        key.number(beat_bytes);
    }
    /// What the reservation of later slices depends on.
    void describe_reservations(StateKey& key) const;
    /// The first cycle in which beat number `beat` can be pushed. nullopt: not yet known.
    std::optional<Cycle> room_for_beat(std::uint64_t beat) const;
};

/// Hidden values as bytes, from the beat under way on.
class PackedBytes {
public:
    /// Room for `bytes` new bytes behind the `begun` bytes of the beat under way; the caller writes them.
    unsigned char* append(std::size_t begun, std::size_t bytes);
    std::uint64_t next_beat();

private:
    std::vector<unsigned char> bytes_;
    std::size_t beat_ = 0; ///< where the beat under way begins
};

class Serializer {
public:
    /// One cycle of the serializer.
    struct Work {
        Cycle ready = 0; ///< not before
        std::uint64_t data = 0;
        bool push = false; ///< a beat enters the beat FIFO
        bool tlast = false;
        bool last_of_run = false;
        bool slice_ends = false;
        bool vector_ends = false;
    };
    /// What the last beat of a vector says.
    struct VectorEnd {
        bool tlast = false;
        bool last_of_run = false;
    };
    /// A vector as it was serialized, in cycles from a base.
    struct Schedule {
        std::vector<Cycle> beats_valid;
        std::vector<Cycle> slice_ends; ///< the latest, as many as the slice FIFO holds
        std::uint64_t slices = 0;
        Cycle cycle = 0; ///< last one worked in
    };

    explicit Serializer(const CoreShape& shape);
    /// As new, except that vector ends are still noted.
    void reset();
    const SerializerState& state() const { return state_; }
    std::size_t slice_bytes() const { return slice_bytes_; }

    // The slice FIFO.
    Cycle reservable_from(std::uint64_t slice) const;
    bool foresee_group(Cycle written);

    // Slices.
    void enqueue(const Work& work);
    /// All hidden slices of a whole group, the first of which can be taken in `ready`. False: nothing done, since a
    /// beat may have to wait.
    bool serialize_group(Cycle ready, PackedBytes& bytes);
    /// One hidden slice; `end`: of the vector that it ends.
    void serialize_slice(Cycle ready, PackedBytes& bytes, const std::optional<VectorEnd>& end);

    // Whole vectors that go like earlier ones.
    /// Whether the beat FIFO is known to have room for so many beats in `cycle`, so that none has to wait.
    bool has_room(std::uint64_t beats, Cycle cycle) const;
    /// What was serialized since the serializer had finished `slices_before` slices.
    Schedule schedule_since(std::uint64_t slices_before, Cycle base) const;
    void repeat(const Schedule& schedule, Cycle base, const VectorEnd& end);

    // Beats.
    std::vector<StreamBeat>& pushed_beats() { return pushed_beats_; } ///< to be offered
    void transfer(const Cycle* cycles, std::size_t count);
    /// Performs what has waited for room in the beat FIFO.
    void resume();
    /// Beats that end vectors are remembered for an observer.
    void note_vector_ends() { notes_vector_ends_ = true; }
    /// Whether the transferred beat ends a vector. Beats are asked about in order.
    bool take_vector_end(std::uint64_t beat);
    /// The transfer of the last beat of a run, once. nullopt: no run's last beat was transferred.
    std::optional<Cycle> take_finished_run();

private:
    /// A group's slices when nothing holds them up: one per cycle from `begin` on.
    struct GroupTiming {
        Cycle begin = 0;
        std::size_t beats = 0;      ///< that become full
        Cycle first_beat_cycle = 0; ///< pushed; the others follow a beat's slices apart
    };
    /// Where a group begins: the state, or ahead of it where groups are foreseen.
    struct Place {
        Cycle cycle = 0;
        std::uint64_t slices = 0;
        std::uint64_t beats = 0;
        std::size_t beat_bytes = 0;
    };
    Place place() const { return {state_.cycle, state_.slices, state_.beats, state_.beat_bytes}; }
    std::optional<GroupTiming> time_group(const Place& place, Cycle ready) const;
    Place finish_group(const Place& place, const GroupTiming& timing);
    bool perform(const Work& work);
    void push_beat(std::uint64_t data, Cycle valid_cycle, bool last);

    std::size_t slices_per_group_;
    std::size_t slice_bytes_; ///< of hidden values; a power of two
    int slice_bytes_log2_ = 0;
    std::size_t slices_per_beat_; ///< 0: a slice has two beats
    SerializerState state_;
    Place foreseen_;                       ///< ahead of place() where groups are foreseen
    BeatQueue<Work> waiting_;              ///< the beat FIFO is full as far as is known
    std::vector<StreamBeat> pushed_beats_; ///< to be offered
    std::deque<std::uint64_t> last_beats_; ///< numbers of the last beats of runs
    bool notes_vector_ends_ = false;
    std::deque<std::uint64_t> vector_end_beats_;
};

} // namespace bru
