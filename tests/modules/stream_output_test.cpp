// In which cycle does each output beat appear, with which bits, and when does a full FIFO hold the serializer?
// A slice written at the end of cycle q is serialized in q + 1, its beat has TVALID two cycles later.
#include "support/catch.hpp"

#include <numeric>

#include "machine/core_registers.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "modules/stream_output.hpp"
#include "modules/stubs.hpp"
#include "support/core_bench.hpp"

using namespace bru;
using namespace bru::test;

namespace {

struct StreamOutputFixture : sc_core::sc_module {
    StreamOutputFixture(const sc_core::sc_module_name& name, const Shape& shape, OutputKind kind,
                        ReadyRule ready_rule = ready::always())
        : sc_module(name), core_shape(shape), block("block", core_shape, registers), hidden("hidden"), logits("logits"),
          stream("stream"), ready(std::move(ready_rule)) {
        registers.mode = mode_register(false, {kind, OutputSteps::every});
        hidden.bind(block.hidden_socket);
        logits.bind(block.logit_socket);
        block.stream_socket.bind(stream);
        block.sequencer(sequencer);
        block.events(events);
        stream.on_nb_transport_fw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
            std::vector<Cycle> cycles;
            for (std::size_t k = 0; k < transfer.count; ++k) {
                beats.push_back(transfer.beats[k]);
                cycles.push_back(ready(std::max(next, transfer.beats[k].valid_cycle)));
                next = cycles.back() + 1;
            }
            answer_beats(stream, cycles.data(), cycles.size());
            return tlm::TLM_ACCEPTED;
        };
    }
    /// One vector in one run; the first slice of group g is written at the end of group_cycles[g].
    void send_hidden(std::vector<std::int16_t> values, const std::vector<Cycle>& group_cycles,
                     bool end_of_run = false) {
        send(hidden, values.size(), false, group_cycles, end_of_run,
             [&](RowGroupRun& run) { run.hidden = values.data(); });
    }
    void send_logits(std::vector<std::int32_t> values, const std::vector<Cycle>& group_cycles,
                     bool end_of_run = false) {
        send(logits, values.size(), true, group_cycles, end_of_run,
             [&](RowGroupRun& run) { run.logits = values.data(); });
    }
    template <typename Fill>
    void send(RunInitiatorSocket& socket, std::size_t size, bool dense, const std::vector<Cycle>& cycles,
              bool end_of_run, Fill fill) {
        Descriptor descriptor;
        if (dense) descriptor.flags = Descriptor::kDense;
        descriptor.size = static_cast<std::uint32_t>(size);
        descriptor.groups = static_cast<std::uint32_t>(cycles.size());
        std::vector<Cycle> begins;
        for (const Cycle cycle : cycles) begins.push_back(cycle - 7);
        RowGroupRun run;
        run.descriptor = &descriptor;
        run.group_count = static_cast<int>(cycles.size());
        run.begin_cycles = begins.data();
        run.latency_cycles = 7;
        run.vector_ends = true;
        run.emit = true;
        run.end_of_run = end_of_run;
        fill(run);
        socket.send(run);
    }
    std::vector<Cycle> valid_cycles() const {
        std::vector<Cycle> cycles;
        for (const StreamBeat& beat : beats) cycles.push_back(beat.valid_cycle);
        return cycles;
    }
    std::vector<std::uint64_t> data() const {
        std::vector<std::uint64_t> values;
        for (const StreamBeat& beat : beats) values.push_back(beat.data);
        return values;
    }

    CoreRegisters registers;
    CoreShape core_shape;
    StreamOutput block;
    RunInitiatorSocket hidden;
    RunInitiatorSocket logits;
    StreamTargetSocket stream;
    ReadyRule ready;
    Cycle next = 0;
    StubSequencer sequencer;
    StubEvents events;
    std::vector<StreamBeat> beats;
};

std::vector<std::int16_t> counting(int count) {
    std::vector<std::int16_t> values(static_cast<std::size_t>(count));
    std::iota(values.begin(), values.end(), std::int16_t{1});
    return values;
}

Shape output_shape(int lanes, int update_width, int activation_bits, int fifo_beats = 512) {
    Shape shape = resolved_shape(lanes, 16, update_width, activation_bits);
    shape.output_fifo_beats = fifo_beats;
    return shape;
}

} // namespace

TEST_CASE("hidden slices are packed, a cycle each, and a beat leaves when it is full or the vector ends") {
    const TestKernel kernel;
    StreamOutputFixture fixture("fixture", output_shape(64, 4, 8),
                                OutputKind::hidden); // four slices of four bytes per group
    elaborate();
    fixture.send_hidden(counting(9), {100});
    // Slices written at the end of 100, 101, 102; the second and the last push.
    CHECK(fixture.valid_cycles() == std::vector<Cycle>{104, 105});
    CHECK(fixture.data() == std::vector<std::uint64_t>{0x0807060504030201, 0x09});
    fixture.send_hidden({-1, -128, 127}, {200});
    CHECK(fixture.valid_cycles().back() == 203);
    CHECK(fixture.data().back() == 0x7F80FF);
}

TEST_CASE("a beat goes on over row groups") {
    const TestKernel kernel;
    StreamOutputFixture fixture("fixture", output_shape(16, 4, 8),
                                OutputKind::hidden); // a slice of four bytes per group
    elaborate();
    fixture.send_hidden(counting(12), {100, 150, 200});
    CHECK(fixture.valid_cycles() == std::vector<Cycle>{153, 203});
    CHECK(fixture.data() == std::vector<std::uint64_t>{0x0807060504030201, 0x0C0B0A09});
}

TEST_CASE("slices of one byte make a beat out of eight") {
    const TestKernel kernel;
    StreamOutputFixture fixture("fixture", output_shape(16, 1, 3), OutputKind::hidden);
    elaborate();
    fixture.send_hidden({1, -2, 3, -4, 1, 2, 3, 0, -1}, {100, 110, 120});
    CHECK(fixture.valid_cycles() == std::vector<Cycle>{116, 123});
    CHECK(fixture.data() == std::vector<std::uint64_t>{0x00030201FC03FE01, 0xFF});
}

TEST_CASE("slices of eight bytes are a beat and a cycle each") {
    const TestKernel kernel;
    StreamOutputFixture fixture("fixture", output_shape(64, 8, 8), OutputKind::hidden);
    elaborate();
    fixture.send_hidden(counting(16), {100});
    CHECK(fixture.valid_cycles() == std::vector<Cycle>{103, 104});
}

TEST_CASE("slices of sixteen bytes take two cycles and beats") {
    const TestKernel kernel;
    StreamOutputFixture fixture("fixture", output_shape(64, 8, 12), OutputKind::hidden);
    elaborate();
    fixture.send_hidden({1, -1, 2047, -2048, 5, 6, 7, 8, 9}, {100});
    // Written at the end of 100 and 101; serialized in 101, 102 and 103, 104. The padding of the last slice is sent
    // too.
    CHECK(fixture.valid_cycles() == std::vector<Cycle>{103, 104, 105, 106});
    CHECK(fixture.data() == std::vector<std::uint64_t>{0xF80007FFFFFF0001, 0x0008000700060005, 0x0009, 0});
}

TEST_CASE("two logits leave per beat and cycle, an odd last one alone") {
    const TestKernel kernel;
    StreamOutputFixture fixture("fixture", output_shape(32, 1, 8), OutputKind::logits); // four rows per slice
    elaborate();
    fixture.send_logits({1, -1, 3, 4, 5, 6, 7}, {100});
    // Slice 0 written at the end of 100: 101, 102; slice 1 (101): 103, 104.
    CHECK(fixture.valid_cycles() == std::vector<Cycle>{103, 104, 105, 106});
    CHECK(fixture.data() == std::vector<std::uint64_t>{0xFFFFFFFF00000001, 0x0000000400000003, 0x0000000600000005, 7});
    fixture.send_logits(std::vector<std::int32_t>(34, 9),
                        {200, 300}); // 32 lanes per group: the second group has two rows
    CHECK(fixture.beats.size() == 4 + 17);
    CHECK(fixture.valid_cycles()[4] == 203);
    CHECK(fixture.valid_cycles()[19] == 218);
    CHECK(fixture.valid_cycles()[20] == 303);
}

TEST_CASE("argmax takes two logits per cycle and one cycle more, ties go to the lowest index") {
    const auto argmax = [](std::vector<std::int32_t> logits) {
        const TestKernel kernel;
        StreamOutputFixture fixture("fixture", output_shape(16, 4, 8), OutputKind::argmax);
        elaborate();
        const std::size_t groups = (logits.size() + 15) / 16;
        fixture.send_logits(std::move(logits), std::vector<Cycle>(groups, 100));
        REQUIRE(fixture.beats.size() == 1);
        return std::make_pair(fixture.beats[0].data, fixture.beats[0].valid_cycle);
    };
    using Result = std::pair<std::uint64_t, Cycle>;
    CHECK(argmax({5}) == Result{0, 104}); // 101 looks, 102 pushes
    CHECK(argmax({5, 6}) == Result{1, 104});
    CHECK(argmax({5, 6, 6}) == Result{1, 105});
    CHECK(argmax({-7, -7, -7, -7, -7}) == Result{0, 106});
    CHECK(argmax({INT32_MIN, INT32_MIN}) == Result{0, 104});
    CHECK(argmax({INT32_MIN, INT32_MAX, INT32_MAX}) == Result{1, 105});
    std::vector<std::int32_t> many(40, -1);
    many[39] = 0;
    CHECK(argmax(many) == Result{39, 123}); // 20 cycles of two, 121 pushes
    many[17] = 0;
    CHECK(argmax(many) == Result{17, 123});
}

TEST_CASE("argmax forgets a vector with its end") {
    const TestKernel kernel;
    StreamOutputFixture fixture("fixture", output_shape(16, 4, 8), OutputKind::argmax);
    elaborate();
    fixture.send_logits({1, 50}, {100});
    fixture.send_logits({3, 2}, {200});
    CHECK(fixture.data() == std::vector<std::uint64_t>{1, 0});
}

TEST_CASE("TLAST ends every packet of vectors, and the run") {
    const TestKernel kernel;
    StreamOutputFixture fixture("fixture", output_shape(64, 8, 8), OutputKind::hidden);
    fixture.registers.packet_vectors = 2;
    elaborate();
    for (int vector = 0; vector < 5; ++vector)
        fixture.send_hidden(counting(16), {static_cast<Cycle>(100 * vector + 100)}, vector == 4);
    std::vector<bool> last;
    for (const StreamBeat& beat : fixture.beats) last.push_back(beat.last);
    CHECK(last == std::vector<bool>{false, false, false, true, false, false, false, true, false, true});
    REQUIRE_FALSE(fixture.events.transfers.empty());
    CHECK(fixture.events.transfers.back() == std::make_pair(Cycle{504}, true));
}

TEST_CASE("the end of the run is told once, with the transfer of its last beat") {
    const TestKernel kernel;
    StreamOutputFixture fixture("fixture", output_shape(64, 8, 8), OutputKind::hidden, ready::from(900));
    elaborate();
    fixture.send_hidden(counting(16), {100}, true);
    int ends = 0;
    for (const auto& [cycle, last_of_run] : fixture.events.transfers)
        if (last_of_run) {
            ++ends;
            CHECK(cycle == 901);
        }
    CHECK(ends == 1);
}

TEST_CASE("a full beat FIFO holds the serializer until the cycle after a transfer") {
    const auto valid = [](Cycle ready_from) {
        const TestKernel kernel;
        StreamOutputFixture fixture("fixture", output_shape(64, 4, 8, 4), OutputKind::logits, ready::from(ready_from));
        elaborate();
        fixture.send_logits(std::vector<std::int32_t>(16, 1), {100});
        return fixture.valid_cycles();
    };
    // Eight beats, pushed from 101 on; four fit. The fifth is pushed in 105 at the earliest: one must have left by 104.
    CHECK(valid(0) == std::vector<Cycle>{103, 104, 105, 106, 107, 108, 109, 110});
    CHECK(valid(104) == std::vector<Cycle>{103, 104, 105, 106, 107, 108, 109, 110});
    CHECK(valid(105) == std::vector<Cycle>{103, 104, 105, 106, 108, 109, 110, 111});
    CHECK(valid(500) == std::vector<Cycle>{103, 104, 105, 106, 503, 504, 505, 506});
}

TEST_CASE("a slice can be reserved in the cycle after the one that ends the slice a capacity before it") {
    const TestKernel kernel;
    StreamOutputFixture fixture("fixture", output_shape(64, 4, 8), OutputKind::logits);
    elaborate();
    CHECK(fixture.block.reservable_from(0) == 0);
    CHECK(fixture.block.reservable_from(31) == 0);
    CHECK(fixture.block.reservable_from(32) == SliceFifo::kUnknown);
    fixture.send_logits(std::vector<std::int32_t>(24, 1), {100}); // 16 rows: 101 to 108, 8 rows: 109 to 112
    CHECK(fixture.block.reservable_from(32) == 109);
    CHECK(fixture.block.reservable_from(33) == 113);
    CHECK(fixture.block.reservable_from(34) == SliceFifo::kUnknown);
}

TEST_CASE("slices of foreseen groups end when they will, and the groups themselves change nothing") {
    const TestKernel kernel;
    StreamOutputFixture fixture("fixture", output_shape(64, 4, 8, 8), OutputKind::hidden, ready::from(400));
    elaborate(); // groups of four slices, two beats; the FIFO has room for eight beats until 400
    CHECK(fixture.block.foresee_group(100));       // 101 to 104
    CHECK(fixture.block.foresee_group(102));       // behind it: 105 to 108
    CHECK(fixture.block.foresee_group(200));       // 201 to 204
    CHECK(fixture.block.foresee_group(220));       // 221 to 224
    CHECK_FALSE(fixture.block.foresee_group(240)); // no beat has left
    const std::vector<Cycle> expected{102, 105, 106, 109, 202, 205, 222, 225};
    const auto reservable = [&] {
        std::vector<Cycle> cycles;
        for (const std::uint64_t slice : {0, 3, 4, 7, 8, 11, 12, 15})
            cycles.push_back(fixture.block.reservable_from(32 + slice));
        return cycles;
    };
    CHECK(reservable() == expected);
    CHECK(fixture.block.reservable_from(32 + 16) == SliceFifo::kUnknown);
    CHECK(fixture.beats.empty());
    fixture.send_hidden(counting(80), {100, 102, 200, 220, 240});
    CHECK(reservable() == expected);
    CHECK(fixture.block.reservable_from(32 + 17) == 402); // its beat is pushed when one has left in 400
    CHECK(fixture.beats.size() == 10);
}

TEST_CASE("the slice FIFO's capacity is a power of two, at least 32 and two row groups") {
    const auto capacity = [](int lanes, int update_width) {
        const TestKernel kernel;
        StreamOutputFixture fixture("fixture", output_shape(lanes, update_width, 8), OutputKind::hidden);
        elaborate();
        std::uint64_t slices = 0;
        while (fixture.block.reservable_from(slices) == 0) ++slices;
        return slices;
    };
    CHECK(capacity(4, 1) == 32);
    CHECK(capacity(64, 4) == 32);
    CHECK(capacity(64, 1) == 32); // D = 16
    CHECK(capacity(68, 1) == 64); // D = 17
    CHECK(capacity(128, 1) == 64);
    CHECK(capacity(1024, 1) == 512);
}
