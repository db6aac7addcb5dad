// Does the input side accept beats in the right cycles, keep steps until they are released, and route loads?
#include "support/catch.hpp"

#include "machine/activation_codec.hpp"
#include "machine/core_registers.hpp"
#include "machine/core_shape.hpp"
#include "machine/registers.hpp"
#include "modules/stream_input.hpp"
#include "modules/stubs.hpp"
#include "support/core_bench.hpp"

using namespace bru;
using namespace bru::test;

namespace {

constexpr OutputMode kHidden{OutputKind::hidden, OutputSteps::every};

struct StreamInputFixture : sc_core::sc_module {
    StreamInputFixture(const sc_core::sc_module_name& name, const Shape& shape)
        : sc_module(name), block("block", CoreShape(shape), registers), stream("stream"), read("read"),
          weights("weights"), scales("scales"), biases("biases"), tables("tables"), state("state"), cells("cells") {
        stream.bind(block.stream_socket);
        read.bind(block.read_socket);
        block.weight_load_socket.bind(weights.socket);
        block.scale_load_socket.bind(scales.socket);
        block.bias_load_socket.bind(biases.socket);
        block.table_load_socket.bind(tables.socket);
        block.state_load_socket.bind(state.socket);
        block.cell_load_socket.bind(cells.socket);
        block.sequencer(sequencer);
        block.events(events);
        stream.on_nb_transport_bw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
            transfers.insert(transfers.end(), transfer.transfer_cycles, transfer.transfer_cycles + transfer.count);
            return tlm::TLM_ACCEPTED;
        };
    }
    void offer(const std::vector<std::uint64_t>& data, Cycle valid) {
        std::vector<StreamBeat> beats;
        for (const std::uint64_t each : data) beats.push_back({each, valid, false});
        offer_beats(stream, beats.data(), beats.size());
    }
    void set_target(LoadTarget target, std::uint32_t address) {
        registers.load_address = address;
        registers.load_target = target;
        block.begin_load();
    }
    std::vector<std::int16_t> values(std::uint64_t step, std::size_t count) {
        ActivationRead access;
        access.step = step;
        read.send(access);
        return {access.values, access.values + count};
    }

    CoreRegisters registers;
    StreamInput block;
    StreamInitiatorSocket stream;
    ActivationInitiatorSocket read;
    StubMemory weights, scales, biases, tables, state, cells;
    StubSequencer sequencer;
    StubEvents events;
    std::vector<Cycle> transfers;
};

NetworkRecipe recipe(int inputs, int hidden, bool one_hot, int directions = 1) {
    NetworkRecipe result;
    result.inputs = inputs;
    result.hidden_sizes = {hidden};
    result.one_hot = one_hot;
    result.directions = directions;
    return result;
}

BenchPlan with_slots(std::uint32_t slots) {
    BenchPlan plan;
    plan.input_slots = slots;
    return plan;
}

} // namespace

TEST_CASE("one beat is accepted per cycle, in order and not before its TVALID") {
    const TestKernel kernel;
    StreamInputFixture fixture("fixture", resolved_shape(16, 8, 4));
    fixture.registers.input = 2;
    fixture.registers.input_slots = 4;
    elaborate();
    fixture.offer({0, 1, 2}, 10);
    fixture.offer({0}, 12); // waits for the three before it
    fixture.offer({1}, 20);
    CHECK(fixture.transfers == std::vector<Cycle>{10, 11, 12, 13, 20});
    CHECK(fixture.events.headers == std::vector<Cycle>{10, 13});
    CHECK(fixture.block.input_step(0)->chunk_cycles == std::vector<Cycle>{11, 12});
    CHECK(fixture.block.input_step(1)->chunk_cycles == std::vector<Cycle>{20});
    CHECK(fixture.block.input_step(2) == nullptr);
    CHECK(fixture.sequencer.advances > 0);
}

TEST_CASE("a one-hot beyond the network, and a load beyond its memory, are mistakes two cycles later") {
    const TestKernel kernel;
    StreamInputFixture fixture("fixture", resolved_shape(16, 5, 4));
    fixture.registers.input = 1 | kInputOneHot;
    fixture.registers.input_slots = 8;
    fixture.registers.descriptors[0].x_words = 3;
    elaborate();
    fixture.offer({std::uint64_t{2} << 16 | std::uint64_t{4} << 32}, 1);
    CHECK(fixture.events.mistakes.empty());
    fixture.offer({std::uint64_t{3} << 16}, 2);
    fixture.offer({std::uint64_t{5} << 32}, 3);
    CHECK(fixture.events.mistakes == std::vector<Cycle>{4, 5});
    CHECK(fixture.block.input_step(1)->one_hot_index == 0);
    CHECK(fixture.block.input_step(2)->one_hot_index == 0);
    fixture.registers.load_target = static_cast<LoadTarget>(kLoadTargets); // there is none
    fixture.block.begin_load();
    fixture.offer({1}, 10);
    CHECK(fixture.events.mistakes == std::vector<Cycle>{4, 5, 12});
}

TEST_CASE("a step of a stream that the core does not have is ignored with its data, and is a mistake") {
    for (const std::uint64_t streams : {1, 5, 256}) {
        const TestKernel kernel;
        Shape shape = resolved_shape(16, 8, 4);
        shape.streams = static_cast<std::int64_t>(streams);
        StreamInputFixture fixture("fixture", shape);
        fixture.registers.input = 2;
        fixture.registers.input_slots = 1;
        elaborate();
        const auto header = [](std::uint64_t stream) { return 3 | stream << 8; };
        const std::uint64_t beyond = std::min<std::uint64_t>(streams, 255);
        fixture.offer({header(beyond), 7, 8}, 10);
        fixture.offer({header(streams - 1), 1, 2}, 13); // there is a slot for it
        CHECK(fixture.transfers.size() == (streams == 256 ? 3 : 6));
        if (streams == 256) {
            CHECK(fixture.events.mistakes.empty());
            continue;
        }
        CHECK(fixture.events.mistakes == std::vector<Cycle>{12});
        CHECK(fixture.events.headers == std::vector<Cycle>{13});
        REQUIRE(fixture.block.input_step(0) != nullptr);
        CHECK(fixture.block.input_step(0)->stream == streams - 1);
        CHECK(fixture.block.input_step(0)->chunk_cycles == std::vector<Cycle>{14, 15});
        CHECK(fixture.values(0, 1)[0] == 1);
        CHECK(fixture.block.input_step(1) == nullptr);
    }
}

TEST_CASE("a header carries its flags and the place of the one") {
    const TestKernel kernel;
    StreamInputFixture fixture("fixture", resolved_shape(16, 5, 4));
    fixture.registers.input = 1 | kInputOneHot;
    fixture.registers.input_slots = 8;
    fixture.registers.descriptors[0].x_words = 15;
    elaborate();
    for (std::uint64_t flags = 0; flags < 8; ++flags) fixture.offer({flags | (2 * flags) << 16 | (flags % 5) << 32}, 1);
    for (std::uint64_t flags = 0; flags < 8; ++flags) {
        const InputStep* step = fixture.block.input_step(flags);
        REQUIRE(step != nullptr);
        CHECK(step->first == ((flags & 1) != 0));
        CHECK(step->last == ((flags & 2) != 0));
        CHECK(step->end == ((flags & 4) != 0));
        CHECK(step->one_hot_index == 2 * flags * 5 + flags % 5);
    }
}

TEST_CASE("a header waits for a free slot; a slot released in a cycle takes one in the next") {
    const TestKernel kernel;
    StreamInputFixture fixture("fixture", resolved_shape(16, 8, 4));
    fixture.registers.input = 1 | kInputOneHot;
    fixture.registers.input_slots = 2;
    elaborate();
    fixture.offer({0, 0, 0, 0, 0}, 10);
    CHECK(fixture.transfers == std::vector<Cycle>{10, 11});
    fixture.block.release_below(1, 50);
    CHECK(fixture.transfers == std::vector<Cycle>{10, 11, 51});
    fixture.block.release_below(3, 60); // two slots at once: two headers, a beat per cycle
    CHECK(fixture.transfers == std::vector<Cycle>{10, 11, 51, 61, 62});
}

TEST_CASE("with fewer slots than steps that wait, a header waits until only so many are left") {
    const TestKernel kernel;
    StreamInputFixture fixture("fixture", resolved_shape(16, 8, 4));
    fixture.registers.input = 1 | kInputOneHot;
    fixture.registers.input_slots = 8;
    elaborate();
    fixture.offer({0, 0, 0, 0, 0, 0, 0, 0}, 10);
    fixture.registers.input_slots = 3;
    fixture.offer({0}, 20);
    for (const int released : {1, 2, 3, 4, 5}) fixture.block.release_below(released, 50 + released);
    CHECK(fixture.transfers.size() == 8);
    fixture.block.release_below(6, 56);
    REQUIRE(fixture.transfers.size() == 9);
    CHECK(fixture.transfers.back() == 57);
}

TEST_CASE("a core holds one step at least, and no more than the input memory has words, whatever software writes") {
    for (const auto& [written, held] : {std::pair(0U, 1U), std::pair(0xFFFFFFFFU, 4U), std::pair(5U, 4U)}) {
        const TestKernel kernel;
        Shape shape = resolved_shape(16, 8, 4);
        shape.input_words = 3; // a ring of four
        StreamInputFixture fixture("fixture", shape);
        fixture.registers.input = 1 | kInputOneHot;
        fixture.registers.input_slots = written;
        elaborate();
        fixture.offer({0, 0, 0, 0, 0, 0}, 10);
        CHECK(fixture.transfers.size() == held);
    }
}

TEST_CASE("data beats of an accepted step do not wait for a slot") {
    const TestKernel kernel;
    StreamInputFixture fixture("fixture", resolved_shape(16, 16, 4)); // two beats per chunk
    fixture.registers.input = 2;
    fixture.registers.input_slots = 1;
    elaborate();
    fixture.offer({0, 1, 2, 3, 4, 0, 1}, 10);
    CHECK(fixture.transfers == std::vector<Cycle>{10, 11, 12, 13, 14});
    CHECK(fixture.block.input_step(0)->chunk_cycles == std::vector<Cycle>{12, 14}); // by the last beat of each
    fixture.block.release_below(1, 40);
    CHECK(fixture.transfers == std::vector<Cycle>{10, 11, 12, 13, 14, 41, 42});
}

TEST_CASE("steps stay readable while they are not discarded, however many there are") {
    const TestKernel kernel;
    Shape shape = resolved_shape(16, 4, 4);
    shape.input_words = 100;
    StreamInputFixture fixture("fixture", shape);
    fixture.registers.input = 1;
    fixture.registers.input_slots = 100;
    elaborate();
    for (std::uint64_t step = 0; step < 70; ++step) fixture.offer({0, step}, 1);
    for (std::uint64_t step = 0; step < 70; ++step)
        CHECK(fixture.values(step, 4) == std::vector<std::int16_t>{static_cast<std::int16_t>(step), 0, 0, 0});
}

TEST_CASE("activations of every width come out of the beats as they went in") {
    for (int bits = 1; bits <= 16; ++bits)
        for (const int width : {1, 5, 13, 16, 64}) {
            INFO("A = " << bits << ", W = " << width);
            const TestKernel kernel;
            StreamInputFixture fixture("fixture", resolved_shape(16, width, 4, bits));
            fixture.registers.input = 2;
            fixture.registers.input_slots = 1;
            elaborate();
            const auto beats = static_cast<std::size_t>((width * bits + 63) / 64);
            std::vector<std::uint64_t> stream(1 + 2 * beats);
            std::vector<std::int16_t> expected;
            for (int column = 0; column < 2 * width; ++column) {
                const int low = -(1 << (bits - 1));
                const int value = bits == 1     ? (column % 3 == 0 ? 1 : -1)
                                  : column == 0 ? low
                                  : column == 1 ? -low - 1
                                                : low + column * 7919 % (-2 * low);
                expected.push_back(static_cast<std::int16_t>(value));
                encode_activation(stream.data() + 1 + static_cast<std::size_t>(column / width) * beats, column % width,
                                  bits, value);
            }
            fixture.offer(stream, 5);
            CHECK(fixture.values(0, expected.size()) == expected);
        }
}

TEST_CASE("loads go to the target's memory, word by word from the load address") {
    const TestKernel kernel;
    StreamInputFixture fixture(
        "fixture",
        resolved_shape(16, 10, 2, 9)); // weight words of 160 bits, scales 128, biases 384, state 90, cells 32
    fixture.weights.beats_per_word = 3;
    fixture.scales.beats_per_word = 2;
    fixture.biases.beats_per_word = 6;
    fixture.state.beats_per_word = 2;
    elaborate();
    using Writes = std::vector<std::pair<std::uint32_t, std::vector<std::uint64_t>>>;
    fixture.set_target(LoadTarget::weights, 7);
    fixture.offer({1, 2, 3, 4, 5, 6, 99}, 0); // 99 begins a word that is never completed
    CHECK(fixture.weights.writes == Writes{{7, {1, 2, 3}}, {8, {4, 5, 6}}});
    fixture.set_target(LoadTarget::scales, 0);
    fixture.offer({1, 2, 3, 4}, 0);
    CHECK(fixture.scales.writes == Writes{{0, {1, 2}}, {1, {3, 4}}});
    fixture.set_target(LoadTarget::biases, 63);
    fixture.offer({1, 2, 3, 4, 5, 6}, 0);
    CHECK(fixture.biases.writes == Writes{{63, {1, 2, 3, 4, 5, 6}}});
    fixture.set_target(LoadTarget::tables, 1020);
    fixture.offer({8, 9}, 0);
    CHECK(fixture.tables.writes == Writes{{1020, {8}}, {1021, {9}}});
    fixture.set_target(LoadTarget::state, 3);
    fixture.offer({1, 2}, 0);
    CHECK(fixture.state.writes == Writes{{3, {1, 2}}});
    fixture.set_target(LoadTarget::cell, 4);
    fixture.offer({5}, 0);
    CHECK(fixture.cells.writes == Writes{{4, {5}}});
    CHECK(fixture.events.headers.empty());
    CHECK(fixture.transfers.size() == 7 + 4 + 6 + 2 + 2 + 1); // every beat is accepted, slots or not
    CHECK(fixture.transfers.back() == 21);
}

// ---------------------------------------------------------------- slots in the core

TEST_CASE("the sequencer releases a step's slot when the last input chunk of its last row group issues") {
    // L = 16, W = 4, E = 4; start in 100, first x chunk in 104.
    const auto core = core_shape(16, 4, 4);
    const BenchRecord one = run_core(recipe(3, 4, true), core, kHidden, {3}, with_slots(1));
    CHECK(one.input_cycles ==
          std::vector<Cycle>{10, 105, 110});             // the second step's x issues four cycles after its header
    CHECK(one.classes(CycleClass::input_wait) == 3 + 3); // 101 to 103; 106 to 108, before x of step 2
    CHECK(run_core(recipe(3, 4, true), core, kHidden, {3}, with_slots(2)).input_cycles ==
          std::vector<Cycle>{10, 11, 105});
    CHECK(run_core(recipe(3, 4, true), core, kHidden, {3}, with_slots(3)).input_cycles ==
          std::vector<Cycle>{10, 11, 12});
    // Two groups: x, h, h, x, h, h: the second x chunk issues in 107.
    CHECK(run_core(recipe(3, 8, true), core, kHidden, {2}, with_slots(1)).input_cycles == std::vector<Cycle>{10, 108});
    // Two chunks in two planes: 104 to 107, a chunk is read again in each plane.
    NetworkRecipe planes = recipe(8, 4, false);
    planes.lstm_planes = 2;
    CHECK(run_core(planes, core, kHidden, {2}, with_slots(1)).input_cycles ==
          std::vector<Cycle>{10, 11, 12, 108, 109, 110});
}

TEST_CASE("in sequence mode all slots of a sequence are released by the last vector that reads the input") {
    // Forward: x 104, h 105, x 109, h from 131; reverse: x 132, h from 131 + 3 = 134, x from 134 + 3 = 137.
    const BenchRecord record = run_core(recipe(3, 4, true, 2), core_shape(16, 4, 4), kHidden, {2, 2}, with_slots(2));
    CHECK(record.input_cycles == std::vector<Cycle>{10, 11, 138, 139});
    // Reverse only: x 104, h 105, x 109, five cycles after the first vector's.
    CHECK(run_core(recipe(3, 4, true, -1), core_shape(16, 4, 4), kHidden, {2, 1}, with_slots(2)).input_cycles ==
          std::vector<Cycle>{10, 11, 110});
}
