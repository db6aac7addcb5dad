// In which cycle does a slice leave the slice FIFO, and from which cycle is its beat valid? Without SystemC.
#include "support/catch.hpp"

#include "machine/core_shape.hpp"
#include "machine/timing.hpp"
#include "schedule/serializer.hpp"
#include "schedule/vectors.hpp"

using namespace bru;
using namespace bru::test;

namespace {

using Cycles = std::vector<Cycle>;

/// Slices of four bytes (E = 4, A = 8): two of them are a beat. L = 16: a slice per group.
CoreShape shape_with(std::int64_t fifo_beats) {
    Shape shape = smallest_shape();
    shape.output_fifo_beats = fifo_beats;
    return CoreShape(shape);
}

/// One beat by itself, ready in a cycle.
Serializer::Work beat_ready(Cycle ready) {
    Serializer::Work work;
    work.ready = ready;
    work.push = true;
    work.slice_ends = true;
    return work;
}

Cycles valid_cycles(Serializer& serializer) {
    Cycles cycles;
    for (const StreamBeat& beat : serializer.pushed_beats()) cycles.push_back(beat.valid_cycle);
    return cycles;
}

} // namespace

TEST_CASE("a beat is valid kOutputFifoCycles after the cycle that pushes it") {
    Serializer serializer(shape_with(512));
    serializer.enqueue(beat_ready(101));
    CHECK(valid_cycles(serializer) == Cycles{101 + kOutputFifoCycles});
}

TEST_CASE("the serializer works once per cycle") {
    Serializer serializer(shape_with(512));
    for (int slice = 0; slice < 3; ++slice) serializer.enqueue(beat_ready(101));
    serializer.enqueue(beat_ready(110));
    CHECK(valid_cycles(serializer) == Cycles{103, 104, 105, 112});
}

TEST_CASE("a beat that finds the beat FIFO full is pushed the cycle after a transfer, and not in its cycle") {
    for (const Cycle transfer : {Cycle{103}, Cycle{104}, Cycle{500}}) {
        Serializer serializer(shape_with(4));
        for (int slice = 0; slice < 5; ++slice) serializer.enqueue(beat_ready(101));
        CHECK(valid_cycles(serializer).size() == 4); // the fifth waits for a transfer that is not known yet
        serializer.transfer(&transfer, 1);
        serializer.resume();
        CHECK(valid_cycles(serializer).back() == std::max<Cycle>(105, transfer + 1) + kOutputFifoCycles);
    }
}

TEST_CASE("a slice can be reserved one cycle after the end of the slice that lies one capacity before it, and is "
          "unknown before") {
    Serializer serializer(shape_with(512));
    CHECK(serializer.reservable_from(31) == 0); // 32 slices have room
    CHECK(serializer.reservable_from(32) == SliceRoom::kUnknown);
    serializer.enqueue(beat_ready(101));
    CHECK(serializer.reservable_from(32) == 102);
    CHECK(serializer.reservable_from(33) == SliceRoom::kUnknown);
}

TEST_CASE("a foreseen group ends when it will, and changes nothing else") {
    Serializer serializer(shape_with(512));
    CHECK(serializer.foresee_group(100)); // its slice is taken in 101
    CHECK(serializer.reservable_from(32) == 102);
    CHECK(serializer.state().slices == 0);
    PackedBytes bytes;
    bytes.append(0, 8);
    CHECK(serializer.serialize_group(101, bytes));
    CHECK(serializer.reservable_from(32) == 102);
    CHECK(valid_cycles(serializer).empty()); // half a beat
    CHECK(serializer.state().beat_bytes == 4);
}

TEST_CASE("a group that may find the beat FIFO full is not foreseen") {
    Serializer serializer(shape_with(4));
    for (int beat = 0; beat < 4; ++beat) serializer.enqueue(beat_ready(101));
    CHECK(serializer.foresee_group(110)); // half a beat needs no room
    CHECK_FALSE(serializer.foresee_group(120));
    const Cycle transfer = 121;
    serializer.transfer(&transfer, 1);
    CHECK_FALSE(serializer.foresee_group(120)); // pushed in 122 at the earliest, a cycle behind the slice
    CHECK(serializer.foresee_group(121));
}

TEST_CASE("states are the same, seen from their own base, if slices and beat under way end alike") {
    const auto after = [](Cycle first) {
        Serializer serializer(shape_with(512));
        serializer.enqueue(beat_ready(first));
        serializer.enqueue(beat_ready(first + 7));
        return serializer.state();
    };
    const auto reservations_of = [](const SerializerState& state, Cycle base) {
        StateKey key;
        key.restart(base);
        state.describe_reservations(key);
        return key;
    };
    CHECK(key_of(after(100), 90) == key_of(after(1100), 1090));
    CHECK(key_of(after(100), 90) != key_of(after(101), 90));
    CHECK(key_of(after(100), 108) == key_of(after(50), 108)); // both are idle by then
    CHECK(reservations_of(after(100), 90) == reservations_of(after(1100), 1090));
    CHECK(reservations_of(after(100), 90) != reservations_of(after(101), 90));
}

TEST_CASE("a repeated vector leaves the state of the vector that it repeats") {
    const auto vector = [](Serializer& serializer, Cycle ready) {
        PackedBytes bytes;
        bytes.append(0, 16);
        serializer.serialize_slice(ready, bytes, std::nullopt);
        serializer.serialize_slice(ready + 5, bytes, std::nullopt);
        serializer.serialize_slice(ready + 9, bytes, Serializer::VectorEnd{true, true});
    };
    Serializer whole(shape_with(512));
    vector(whole, 100);
    const Serializer::Schedule schedule = whole.schedule_since(0, 100);
    Serializer repeated = whole;
    vector(whole, 300);
    repeated.repeat(schedule, 300, Serializer::VectorEnd{true, true});
    CHECK(valid_cycles(repeated) == valid_cycles(whole));
    CHECK(repeated.pushed_beats().back().last);
    CHECK(repeated.state().beats == whole.state().beats);
    CHECK(key_of(repeated.state(), 0) == key_of(whole.state(), 0));
    for (std::uint64_t slice = 32; slice < 38; ++slice)
        CHECK(repeated.reservable_from(slice) == whole.reservable_from(slice));
}

TEST_CASE("the end of a run is told once, with the transfer of its last beat") {
    Serializer serializer(shape_with(512));
    serializer.enqueue(beat_ready(101));
    Serializer::Work last = beat_ready(102);
    last.last_of_run = true;
    serializer.enqueue(last);
    const Cycles transfers = {200, 201};
    serializer.transfer(&transfers[0], 1);
    CHECK_FALSE(serializer.take_finished_run());
    serializer.transfer(&transfers[1], 1);
    CHECK(serializer.take_finished_run() == std::optional<Cycle>(201));
    CHECK_FALSE(serializer.take_finished_run());
}
