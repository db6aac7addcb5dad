// In which cycle is a chunk issued? One test per condition of docs/architecture.md ("Timing"), each limit from both
// sides, without SystemC. Then: do equal states have equal schedules?
#include "support/catch.hpp"

#include <random>

#include "machine/core_registers.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "machine/timing.hpp"
#include "schedule/serializer.hpp"
#include "schedule/vectors.hpp"
#include "support/draw.hpp"

using namespace bru;
using namespace bru::test;

using Cycles = std::vector<Cycle>;

// ---------------------------------------------------------------- condition 1: input

TEST_CASE("condition 1: the first chunk is ready when its header is, and not a cycle earlier") {
    for (const Cycle header : {Cycle{0}, Cycle{1}, Cycle{100}, Cycle{101}}) {
        ScheduleBench bench(one_hot_layer(4));
        bench.plan.header_ready = header;
        CHECK(bench.vector() == Cycles{header, header + 1});
        CHECK(bench.waited(CycleClass::input_wait) == header);
    }
}

TEST_CASE("condition 1: the first chunks of two vectors are kVectorCycles apart, and not a cycle less") {
    ScheduleBench bench(one_hot_layer(4));
    CHECK(bench.vector() == Cycles{0, 1});
    CHECK(bench.vector() == Cycles{kVectorCycles, kVectorCycles + 1});
    CHECK(bench.waited(CycleClass::input_wait) == kVectorCycles - 2);
}

TEST_CASE("condition 1: an input chunk is ready kInputCycles after its last beat, and unknown before it arrives") {
    for (const Cycle arrival : {Cycle{50}, Cycle{51}}) {
        ScheduleBench bench(vector_layer(4, 2));
        bench.steps.step.chunk_cycles = {10};
        bench.begin();
        CHECK_FALSE(bench.issue());
        CHECK(bench.issued() == Cycles{10 + kInputCycles});
        CHECK_FALSE(bench.issue()); // asking again changes nothing
        bench.steps.step.chunk_cycles.push_back(arrival);
        CHECK(bench.issue());
        CHECK(bench.issued() == Cycles{14, arrival + kInputCycles, arrival + kInputCycles + 1});
        CHECK(bench.waited(CycleClass::input_wait) == 14 + (arrival + kInputCycles - 15));
    }
}

// ---------------------------------------------------------------- condition 2: state

TEST_CASE("condition 2: a chunk of h is ready a hidden latency after scale_bias begins with its group") {
    for (const int latency : {10, 11}) {
        ScheduleBench bench(one_hot_layer(4));
        bench.scheduler.set_hidden_latency(latency);
        CHECK(bench.vector() == Cycles{0, 1}); // scale_bias begins with the h part in 3, behind the x part
        bench.plan.first_step = false;
        CHECK(bench.vector() == Cycles{5, Cycle(3 + latency)});
        CHECK(bench.waited(CycleClass::state_wait) == Cycle(3 + latency - 6));
    }
}

TEST_CASE("condition 2: the first step of a sequence reads the initial h, which is always ready") {
    ScheduleBench bench(one_hot_layer(4));
    bench.vector();
    CHECK(bench.vector() == Cycles{5, 6});
    CHECK(bench.waited(CycleClass::state_wait) == 0);
}

TEST_CASE("condition 2: each chunk of h waits for its own group") {
    ScheduleBench bench(one_hot_layer(8)); // two groups of one slice, two chunks of h
    // x 0, h 1 2 (scale_bias: 0, 3); x 3 (6), h 4, then 6 since a part register is free three cycles behind 3 (9).
    CHECK(bench.vector() == Cycles{0, 1, 2, 3, 4, 6});
    bench.plan.first_step = false;
    const Cycles second = bench.vector();
    CHECK(second[1] == 3 + kHiddenLatency);
    CHECK(second[2] == 9 + kHiddenLatency);
}

// ---------------------------------------------------------------- condition 3: update

TEST_CASE("condition 3: a part's last chunk waits until one of two part registers is free") {
    ScheduleBench bench(one_hot_layer(8, 32), 32); // parts of one chunk: scale_bias begins in 0, 3, 6, 9
    CHECK(bench.vector() == Cycles{0, 1, 3, 6});   // the third part is ready in 0 + 3, the fourth in 3 + 3
    CHECK(bench.waited(CycleClass::update_wait) == 1 + 2);
}

// ---------------------------------------------------------------- condition 4: output

TEST_CASE("condition 4: the last chunk of a group that leaves is ready when the slice FIFO has room") {
    for (const Cycle room : {Cycle{1}, Cycle{2}, Cycle{70}}) {
        ScheduleBench bench(one_hot_layer(4));
        bench.plan.emit = true;
        bench.room.room_from = room;
        CHECK(bench.vector() == Cycles{0, room});
        CHECK(bench.waited(CycleClass::output_wait) == room - 1);
    }
}

TEST_CASE("condition 4: while the room is unknown the chunk waits, and a group that stays inside does not") {
    ScheduleBench bench(one_hot_layer(4));
    bench.room.room_from = SliceRoom::kUnknown;
    CHECK(bench.vector() == Cycles{0, 1});
    bench.plan.emit = true;
    bench.begin();
    CHECK_FALSE(bench.issue());
    bench.room.room_from = 40;
    CHECK(bench.issue());
    CHECK(bench.issued().back() == 40);
}

TEST_CASE("issued groups are handed over once") {
    ScheduleBench bench(one_hot_layer(8));
    bench.vector();
    const IssueScheduler::IssuedGroups groups = bench.scheduler.take_issued_groups();
    CHECK(groups.first == 0);
    CHECK(groups.count == 2);
    CHECK(groups.begin_cycles[0] == 3);
    CHECK(groups.begin_cycles[1] == 9);
    CHECK(groups.vector_ends);
    CHECK(bench.scheduler.take_issued_groups().count == 0);
}

// ---------------------------------------------------------------- states

namespace {

IssueState some_state() {
    IssueState state;
    state.next_cycle = 1000;
    state.first_chunk_ready = 1005;
    state.x_ready = {1001, 1002};
    state.h_ready = {1030, 1040};
    state.part_register_free = 1003;
    state.scale_bias_free = 1006;
    return state;
}

IssueState shifted(IssueState state, Cycle cycles) {
    for (Cycle* cycle :
         {&state.next_cycle, &state.first_chunk_ready, &state.part_register_free, &state.scale_bias_free})
        *cycle += cycles;
    for (std::vector<Cycle>* list : {&state.x_ready, &state.h_ready})
        for (Cycle& cycle : *list) cycle += cycles;
    return state;
}

} // namespace

TEST_CASE("a state some cycles later is the same state, seen from its own beginning") {
    CHECK(key_of(shifted(some_state(), 777), 1777) == key_of(some_state(), 1000));
    CHECK(key_of(shifted(some_state(), 777), 1776) != key_of(some_state(), 1000));
}

TEST_CASE("each cycle that lies ahead tells states apart, and none that lies behind") {
    const auto changed = [](auto&& change) {
        IssueState state = some_state();
        change(state);
        return key_of(state, 1000) != key_of(some_state(), 1000);
    };
    CHECK(changed([](IssueState& state) { ++state.first_chunk_ready; }));
    CHECK(changed([](IssueState& state) { ++state.x_ready[0]; }));
    CHECK(changed([](IssueState& state) { ++state.x_ready[1]; }));
    CHECK(changed([](IssueState& state) { ++state.h_ready[0]; }));
    CHECK(changed([](IssueState& state) { ++state.h_ready[1]; }));
    CHECK(changed([](IssueState& state) { ++state.part_register_free; }));
    CHECK(changed([](IssueState& state) { ++state.scale_bias_free; }));
    CHECK(changed([](IssueState& state) { state.emits = true; }));
    IssueState early = some_state();
    IssueState earlier = some_state();
    early.h_ready[0] = 1000; // ready when the vector begins
    earlier.h_ready[0] = 1;
    CHECK(key_of(early, 1000) == key_of(earlier, 1000));
}

// ---------------------------------------------------------------- recognition

namespace {

/// The slice FIFO of a machine: a serializer that is given each vector when it is issued.
struct SerializerRoom : SliceRoom {
    explicit SerializerRoom(const CoreShape& shape) : serializer(shape) {}
    Cycle reservable_from(std::uint64_t number) const override { return serializer.reservable_from(number); }
    bool foresee_group(Cycle written) override { return serializer.foresee_group(written); }
    bool describe_reservations(const Descriptor&, std::uint64_t reserved, StateKey& key) const override {
        const SerializerState& state = serializer.state();
        if (state.slices != reserved || !serializer.has_room(64, key.base())) return false;
        state.describe(key);
        state.describe_reservations(key);
        return true;
    }
    Serializer serializer;
};

/// A scheduler and what it decided, vector by vector.
struct Machine {
    Machine(const CoreShape& core_shape, const CoreRegisters& registers, bool recognizes)
        : shape(core_shape), scheduler(shape, recognizes), room(shape) {
        scheduler.set_hidden_latency(kHiddenLatency);
        scheduler.restart(registers);
    }
    void run(const VectorPlan& plan, const OneStep& steps, Cycle transfer_delay) {
        scheduler.begin(plan, steps, room);
        const std::uint64_t first_beat = room.serializer.state().beats;
        const bool whole = scheduler.issue(steps, room);
        REQUIRE(whole);
        const IssueScheduler::IssuedGroups groups = scheduler.take_issued_groups();
        decided.insert(decided.end(), groups.begin_cycles, groups.begin_cycles + groups.count);
        decided.push_back(scheduler.next_cycle());
        decided.insert(decided.end(), scheduler.classes().begin(), scheduler.classes().end());
        if (!plan.emit) return;
        PackedBytes bytes;
        bytes.append(0, 64);
        for (std::uint32_t group = 0; group < groups.count; ++group) {
            const bool last = group + 1 == groups.count;
            room.serializer.serialize_slice(groups.begin_cycles[group] + kHiddenLatency, bytes,
                                            last ? std::optional(Serializer::VectorEnd{}) : std::nullopt);
        }
        Cycles transfers;
        for (const StreamBeat& beat : room.serializer.pushed_beats())
            transfers.push_back(std::max(beat.valid_cycle + transfer_delay, last_transfer + 1 + transfers.size()));
        room.serializer.pushed_beats().clear();
        if (transfers.empty()) return;
        last_transfer = transfers.back();
        room.serializer.transfer(transfers.data(), transfers.size());
        CHECK(room.serializer.state().transferred >= first_beat);
    }
    CoreShape shape;
    IssueScheduler scheduler;
    SerializerRoom room;
    Cycle last_transfer = 0;
    Cycles decided;
};

} // namespace

TEST_CASE("vectors that are recognized have the cycles of vectors that are scheduled chunk by chunk") {
    std::mt19937_64 random(20261128);
    const auto pick = [&random](std::initializer_list<Cycle> values) { return pick_of(random, values); };
    for (int round = 0; round < 200; ++round) {
        CoreRegisters registers;
        registers.descriptor_count = 1;
        registers.descriptors[0] = vector_layer(static_cast<std::uint32_t>(pick({4, 8, 13, 32})), 2);
        const CoreShape shape(smallest_shape());
        Machine plain(shape, registers, false);
        Machine recognizing(shape, registers, true);
        const Cycle spread = pick({1, 3, 40});
        for (int step = 0; step < 60; ++step) {
            OneStep steps;
            VectorPlan plan;
            plan.descriptor = &registers.descriptors[0];
            plan.first_step = pick({0, 0, 0, 1}) == 1;
            plan.emit = pick({0, 1, 1}) == 1;
            const Cycle now = plain.scheduler.next_cycle();
            plan.header_ready = now + random() % spread;
            for (int chunk = 0; chunk < 2; ++chunk) steps.step.chunk_cycles.push_back(now + random() % spread);
            const Cycle delay = pick({0, 0, 0, 5});
            plain.run(plan, steps, delay);
            recognizing.run(plan, steps, delay);
        }
        REQUIRE(recognizing.decided == plain.decided);
    }
}
