// Are h and c written where the run says, nowhere beyond the vector, and readable a cycle later?
#include "support/catch.hpp"

#include <numeric>

#include "machine/activation_codec.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "modules/state_registers.hpp"
#include "modules/stubs.hpp"

using namespace bru;
using namespace bru::test;

namespace {

struct StateFixture : sc_core::sc_module {
    StateFixture(const sc_core::sc_module_name& name, const Shape& shape)
        : sc_module(name), core_shape(shape), block("block", core_shape), read("read"), hidden("hidden"), cell("cell"),
          state_load("state_load"), cell_load("cell_load") {
        read.bind(block.read_socket);
        hidden.bind(block.hidden_socket);
        cell.bind(block.cell_socket);
        state_load.bind(block.state_load_socket);
        cell_load.bind(block.cell_load_socket);
    }
    std::vector<std::int16_t> chunks(std::uint32_t address, std::uint32_t count) {
        ActivationRead access{0, address, count, nullptr, 0};
        read.send(access);
        return {access.values, access.values + count * static_cast<std::size_t>(core_shape.lane_width)};
    }
    CoreShape core_shape;
    StateRegisters block;
    ActivationInitiatorSocket read;
    RunInitiatorSocket hidden;
    CellInitiatorSocket cell;
    MemoryInitiatorSocket state_load;
    MemoryInitiatorSocket cell_load;
};

} // namespace

TEST_CASE("h is written from the vector's address on, and padded units never are") {
    const TestKernel kernel;
    StateFixture fixture("fixture", resolved_shape(16, 4, 4)); // U = 4, W = 4
    elaborate();
    Descriptor descriptor;
    descriptor.groups = 3;
    descriptor.size = 9; // the third group has one unit
    std::vector<std::int16_t> h(128);
    std::iota(h.begin(), h.end(), std::int16_t{1});
    RowGroupRun run;
    run.descriptor = &descriptor;
    run.h_write_address = 2;
    run.hidden = h.data();
    run.first_group = 1;
    run.group_count = 2;
    fixture.hidden.send(run);
    CHECK(run.latency_cycles == 1); // written at the end of q, readable in q + 1
    CHECK(fixture.chunks(1, 5) ==
          std::vector<std::int16_t>{0, 0, 0, 0, 0, 0, 0, 0, 5, 6, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0});
    run.first_group = 0;
    run.group_count = 1;
    fixture.hidden.send(run);
    CHECK(fixture.chunks(2, 3) == std::vector<std::int16_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0});
}

TEST_CASE("paddings that were loaded stay: with one-bit activations they are +1") {
    const TestKernel kernel;
    StateFixture fixture("fixture", resolved_shape(16, 4, 4, 1));
    elaborate();
    write_memory(fixture.state_load, 2, {0xF});
    write_memory(fixture.state_load, 3, {0x2});
    CHECK(fixture.chunks(2, 2) == std::vector<std::int16_t>{1, 1, 1, 1, -1, 1, -1, -1});
    Descriptor descriptor;
    descriptor.groups = 1;
    descriptor.size = 2;
    const std::vector<std::int16_t> h(128, -1);
    RowGroupRun run;
    run.descriptor = &descriptor;
    run.h_write_address = 2;
    run.hidden = h.data();
    run.group_count = 1;
    fixture.hidden.send(run);
    CHECK(fixture.chunks(2, 1) == std::vector<std::int16_t>{-1, -1, 1, 1});
}

TEST_CASE("loaded states are decoded at every width") {
    for (const int bits : {2, 5, 8, 9, 13, 16}) {
        INFO("A = " << bits);
        const TestKernel kernel;
        StateFixture fixture("fixture", resolved_shape(16, 13, 4, bits));
        elaborate();
        const auto beats = static_cast<std::size_t>((13 * bits + 63) / 64);
        std::vector<std::uint64_t> words(2 * beats);
        std::vector<std::int16_t> expected;
        for (int element = 0; element < 26; ++element) {
            const int low = -(1 << (bits - 1));
            expected.push_back(static_cast<std::int16_t>(low + element * 5 % (-2 * low)));
            encode_activation(words.data() + static_cast<std::size_t>(element / 13) * beats, element % 13, bits,
                              expected.back());
        }
        write_memory(fixture.state_load, 62, words, 2);
        CHECK(fixture.chunks(62, 2) == expected);
    }
}

TEST_CASE("c has slices of E values, read from one place and written to another") {
    const TestKernel kernel;
    StateFixture fixture("fixture", resolved_shape(64, 4, 8)); // slices of eight values, two beats
    elaborate();
    write_memory(fixture.cell_load, 5, {0x8000'7FFF'0001'FFFF, 0x4, 0x9, 0xA}, 2);
    CellAccess access{5, 6, nullptr, nullptr};
    fixture.cell.send(access);
    CHECK(std::vector<std::int16_t>(access.current, access.current + 5) ==
          std::vector<std::int16_t>{-1, 1, 32767, -32768, 4});
    CHECK(access.current[8] == 9);
    CHECK(access.next == access.current + 8);
    access.next[0] = 123;
    CellAccess again{6, 6, nullptr, nullptr};
    fixture.cell.send(again);
    CHECK(again.current[0] == 123);
}
