// Do the vectors that leave the machine become the right outputs, in sequence and step order, with the right latencies?
#include "support/catch.hpp"

#include <optional>

#include "machine/cycle_class.hpp"
#include "platform/output_assembler.hpp"

using namespace bru;

namespace {

NetworkImage image_of(OutputMode mode, int values, int beats, int vectors = 1, bool reverse = false) {
    NetworkImage image;
    image.mode = mode;
    image.values_per_output_vector = values;
    image.beats_per_output_vector = beats;
    image.vectors_per_output = vectors;
    image.reverse_output = reverse;
    return image;
}

/// Feeds steps of sequences and vectors of one value each, and keeps what comes out.
class Bench {
public:
    explicit Bench(NetworkImage given, int activation_bits = 8, std::optional<Cycle> deadline = std::nullopt)
        : image(std::move(given)), assembler(image, activation_bits, deadline, sink) {}
    void sequence(int steps, Cycle first_arrival = 0, Cycle gap = 0) {
        for (int k = 0; k < steps; ++k) {
            Step step;
            step.first = k == 0;
            step.last = k + 1 == steps;
            assembler.expect(step);
            assembler.step_arrived(first_arrival + gap * static_cast<Cycle>(k));
        }
    }
    void vector(std::vector<std::uint64_t> beats, Cycle cycle = 0) {
        assembler.vector_left(cycle);
        assembler.take_vector(beats.data());
    }
    NetworkImage image;
    std::vector<OutputVector> outputs;
    OutputSink sink = [this](const OutputVector& output) { outputs.push_back(output); };
    OutputAssembler assembler;
};

constexpr OutputMode kEvery{OutputKind::hidden, OutputSteps::every};
constexpr OutputMode kLast{OutputKind::hidden, OutputSteps::last};
constexpr OutputMode kFinal{OutputKind::hidden, OutputSteps::final_state};

using Values = std::vector<std::int32_t>;

} // namespace

TEST_CASE("hidden bytes and halves are sign-extended, logits are words, argmax is an index") {
    Bench bytes(image_of(kEvery, 9, 2));
    bytes.sequence(1);
    bytes.vector({0x80FF7F0605040302, 0x00000000000000FE});
    CHECK(bytes.outputs.at(0).values == Values{2, 3, 4, 5, 6, 127, -1, -128, -2});

    Bench halves(image_of(kEvery, 3, 1), 12);
    halves.sequence(1);
    halves.vector({0x000007FFF800FFFF});
    CHECK(halves.outputs.at(0).values == Values{-1, -2048, 2047});

    Bench logits(image_of({OutputKind::logits, OutputSteps::every}, 3, 2));
    logits.sequence(1);
    logits.vector({0x80000000FFFFFFFF, 0x7FFFFFFF});
    CHECK(logits.outputs.at(0).values == Values{-1, INT32_MIN, INT32_MAX});

    Bench argmax(image_of({OutputKind::argmax, OutputSteps::every}, 1, 1));
    argmax.sequence(1);
    argmax.vector({81});
    CHECK(argmax.outputs.at(0).values == Values{81});
}

TEST_CASE("outputs of every step carry sequence and step") {
    Bench bench(image_of(kEvery, 1, 1));
    bench.sequence(2);
    bench.sequence(1);
    CHECK(bench.assembler.expected_vectors() == 3);
    for (std::uint64_t value = 1; value <= 3; ++value) bench.vector({value});
    REQUIRE(bench.outputs.size() == 3);
    CHECK(bench.outputs[0].step == 0);
    CHECK(bench.outputs[1].step == 1);
    CHECK(bench.outputs[1].sequence == 0);
    CHECK(bench.outputs[2].sequence == 1);
    CHECK(bench.outputs[2].step == 0);
    CHECK(bench.assembler.taken_vectors() == 3);
    CHECK(bench.assembler.outputs() == 3);
    CHECK(bench.assembler.sequences() == 2);
}

TEST_CASE("each stream has latencies, sequences and deadlines of its own") {
    Bench bench(image_of(kEvery, 1, 1), 8, 55);
    bench.assembler.record_streams(3);
    for (const std::uint32_t stream : {2, 0, 2}) { // the third step is the second one of its sequence
        Step step;
        step.stream = stream;
        step.first = bench.outputs.empty() && bench.assembler.sequences() < 2;
        step.last = false;
        bench.assembler.expect(step);
        bench.assembler.step_arrived(100);
    }
    bench.vector({1}, 150);
    bench.vector({2}, 160);
    bench.vector({3}, 170);
    REQUIRE(bench.outputs.size() == 3);
    CHECK((bench.outputs[0].sequence == 0 && bench.outputs[0].step == 0 && bench.outputs[0].stream == 2));
    CHECK((bench.outputs[1].sequence == 1 && bench.outputs[1].step == 0 && bench.outputs[1].stream == 0));
    CHECK((bench.outputs[2].sequence == 0 && bench.outputs[2].step == 1 && bench.outputs[2].stream == 2));
    const auto& streams = bench.assembler.streams();
    REQUIRE(streams.size() == 3);
    CHECK((streams[0].steps == 1 && streams[1].steps == 0 && streams[2].steps == 2));
    CHECK(streams[0].latencies.histogram().max() == 60);
    CHECK(streams[2].latencies.histogram().mean() == 60);
    CHECK((streams[0].latencies.missed_deadlines() == 1 && streams[2].latencies.missed_deadlines() == 1));
    CHECK(bench.assembler.missed_deadlines() == 2);
}

TEST_CASE("in the modes last and final an output belongs to its sequence's last step") {
    for (const OutputMode mode : {kLast, kFinal}) {
        Bench bench(image_of(mode, 1, 1), 8, 55);
        bench.sequence(3, 100, 10);
        bench.sequence(1, 200);
        CHECK(bench.assembler.expected_vectors() == 2);
        bench.vector({7}, 170); // arrived in 120
        bench.vector({8}, 260); // arrived in 200
        REQUIRE(bench.outputs.size() == 2);
        CHECK(bench.outputs[0].step == 2);
        CHECK(bench.outputs[1].sequence == 1);
        CHECK(bench.outputs[1].step == 0);
        CHECK(bench.assembler.latencies().percentile(0) == 50);
        CHECK(bench.assembler.latencies().max() == 60);
        CHECK(bench.assembler.missed_deadlines() == 1);
    }
}

TEST_CASE("a reverse layer's vectors are put into step order") {
    Bench bench(image_of(kEvery, 1, 1, 1, true));
    bench.sequence(3, 100, 10);
    bench.vector({3}, 200); // of the last step, arrived in 120
    bench.vector({2}, 210);
    CHECK(bench.outputs.empty());
    bench.vector({1}, 220);
    REQUIRE(bench.outputs.size() == 3);
    for (std::uint64_t step = 0; step < 3; ++step) {
        CHECK(bench.outputs[step].step == step);
        CHECK(bench.outputs[step].values == Values{static_cast<std::int32_t>(step) + 1});
    }
    CHECK(bench.assembler.latencies().percentile(0) == 80); // step 2: 200 - 120
    CHECK(bench.assembler.latencies().max() == 120);        // step 0: 220 - 100
}

TEST_CASE("a bidirectional layer's vectors are joined: forward values, then reverse ones") {
    Bench bench(image_of(kEvery, 1, 1, 2));
    bench.sequence(2);
    bench.sequence(1);
    CHECK(bench.assembler.expected_vectors() == 6);
    bench.vector({1});  // forward, step 0
    bench.vector({2});  // forward, step 1
    bench.vector({20}); // reverse, step 1
    CHECK(bench.outputs.empty());
    bench.vector({10});
    REQUIRE(bench.outputs.size() == 2);
    CHECK(bench.outputs[0].values == Values{1, 10});
    CHECK(bench.outputs[1].values == Values{2, 20});
    bench.vector({3});
    bench.vector({30});
    REQUIRE(bench.outputs.size() == 3);
    CHECK(bench.outputs[2].sequence == 1);
    CHECK(bench.outputs[2].values == Values{3, 30});
}

TEST_CASE("one vector of each direction makes a last or final output") {
    for (const OutputMode mode : {kLast, kFinal}) {
        Bench bench(image_of(mode, 1, 1, 2));
        bench.sequence(3, 100, 10);
        CHECK(bench.assembler.expected_vectors() == 2);
        bench.vector({1}, 150);
        CHECK(bench.outputs.empty());
        bench.vector({2}, 190);
        REQUIRE(bench.outputs.size() == 1);
        CHECK(bench.outputs[0].step == 2);
        CHECK(bench.outputs[0].values == Values{1, 2});
        CHECK(bench.assembler.latencies().max() == 70); // complete with the later one
    }
}

TEST_CASE("a deadline is missed by a latency above it, not by one that meets it") {
    Bench bench(image_of(kEvery, 1, 1), 8, 50);
    bench.sequence(3, 100);
    bench.vector({1}, 149);
    bench.vector({1}, 150);
    bench.vector({1}, 151);
    CHECK(bench.assembler.missed_deadlines() == 1);
    Bench strict(image_of(kEvery, 1, 1), 8, 0); // below a cycle: nothing meets it
    strict.sequence(1, 100);
    strict.vector({1}, 101);
    CHECK(strict.assembler.missed_deadlines() == 1);
    Bench without(image_of(kEvery, 1, 1));
    without.sequence(1, 100);
    without.vector({1}, 100'000);
    CHECK(without.assembler.missed_deadlines() == 0);
}

TEST_CASE("a vector for which there is no step is an error, not a crash") {
    const auto refuses = [](Bench& bench) {
        CHECK_THROWS_WITH(bench.vector({1}), "the core gave an output vector for which it got no step");
    };
    for (const OutputMode mode : {kEvery, kLast, kFinal}) {
        Bench none(image_of(mode, 1, 1));
        refuses(none);
        Bench one(image_of(mode, 1, 1));
        one.sequence(1);
        one.vector({1});
        refuses(one);
    }
    Bench unfinished(image_of(kLast, 1, 1));
    Step step;
    step.first = true;
    step.last = false;
    unfinished.assembler.expect(step);
    unfinished.assembler.step_arrived(0);
    refuses(unfinished);
    Bench early(image_of(kEvery, 1, 1)); // the core got nothing yet
    early.assembler.expect(step);
    refuses(early);
    Bench directions(image_of(kEvery, 1, 1, 2));
    directions.sequence(1);
    directions.vector({1});
    directions.vector({2});
    refuses(directions);
}
