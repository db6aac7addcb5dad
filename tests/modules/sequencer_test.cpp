// In which cycle does each chunk issue, and which class does every other cycle belong to? Expected cycles are worked
// out by hand from docs/architecture.md ("Timing"), each limit from both sides.
//
// Most cases use the smallest machine: L = 16, W = 4, E = 4, so U = 4, D = 1, T = 1, I = 3. With start in cycle 100 its
// x chunk issues in 104 and its h chunk in 105, scale_bias begins with the h part in 107, and the beat of the hidden
// slice has TVALID from 107 + 22 + T (written) + 1 (serialized) + 2 = 133 on.
#include "support/catch.hpp"

#include <map>
#include <numeric>

#include "machine/core_shape.hpp"
#include "machine/registers.hpp"
#include "support/core_bench.hpp"

using namespace bru;
using namespace bru::test;

namespace {

constexpr OutputMode kHidden{OutputKind::hidden, OutputSteps::every};
constexpr OutputMode kLogits{OutputKind::logits, OutputSteps::every};
constexpr OutputMode kLast{OutputKind::hidden, OutputSteps::last};

/// One-hot input of one chunk, one layer.
NetworkRecipe one_hot(std::vector<int> hidden_sizes, int inputs = 3) {
    NetworkRecipe recipe;
    recipe.inputs = inputs;
    recipe.hidden_sizes = std::move(hidden_sizes);
    recipe.one_hot = true;
    return recipe;
}

NetworkRecipe vector_input(int inputs, std::vector<int> hidden_sizes) {
    NetworkRecipe recipe = one_hot(std::move(hidden_sizes), inputs);
    recipe.one_hot = false;
    return recipe;
}

Configuration smallest() { return core_shape(16, 4, 4); }

/// Every step's beats offered in `cycle` of the step.
BenchPlan steps_at(const std::vector<Cycle>& cycles) {
    BenchPlan plan;
    plan.valid = [cycles](std::size_t step, std::size_t) { return cycles[step]; };
    return plan;
}

std::uint64_t sum_of_classes(const BenchRecord& record) {
    return std::accumulate(record.counters.begin(), record.counters.begin() + kCycleClasses, std::uint64_t{0});
}

} // namespace

TEST_CASE("the first chunk issues kStartCycles (4) after start, and no earlier") {
    BenchPlan plan;
    BenchRecord record = run_core(one_hot({4}), smallest(), kHidden, {1}, plan);
    REQUIRE(record.outputs.size() == 1);
    CHECK(record.outputs[0].valid_cycle == 133);
    CHECK(record.classes(CycleClass::weight_load) ==
          100);                                         // cycles 1 to 100: counting begins after the write of `count`
    CHECK(record.classes(CycleClass::input_wait) == 3); // 101 to 103
    CHECK(record.classes(CycleClass::compute) == 2);    // 104, 105
    plan.start_cycle = 101;
    plan.count_cycle = 1;
    record = run_core(one_hot({4}), smallest(), kHidden, {1}, plan);
    CHECK(record.outputs[0].valid_cycle == 134);
    CHECK(record.classes(CycleClass::weight_load) == 100);
}

TEST_CASE("a step's first chunk issues kInputCycles (4) after its header, and no earlier") {
    const auto first_output = [](Cycle header) {
        const BenchRecord record = run_core(one_hot({4}), smallest(), kHidden, {1}, steps_at({header}));
        CHECK(record.header(0) == header);
        return record.outputs.at(0).valid_cycle;
    };
    CHECK(first_output(99) == 133);  // start rules
    CHECK(first_output(100) == 133); // ready in 104, exactly when start allows
    CHECK(first_output(101) == 134); // one cycle later moves everything by one
    CHECK(first_output(102) == 135);
    CHECK(first_output(500) == 533);
}

TEST_CASE("a chunk of a vector input issues kInputCycles (4) after its last beat") {
    // W = 16, A = 8: two beats per chunk, T = 2; 32 inputs in two chunks, one group of U = 4 units with one h chunk.
    const auto run = [](Cycle last_beat) {
        BenchPlan plan;
        plan.valid = [last_beat](std::size_t, std::size_t beat) { return beat == 4 ? last_beat : Cycle{10}; };
        return run_core(vector_input(32, {4}), core_shape(16, 16, 4), kHidden, {1}, plan);
    };
    // x chunks in 104 and 105, h in 106, scale_bias of h from max(106, 105 + 3), TVALID 25 + T later.
    CHECK(run(101).outputs.at(0).valid_cycle == 135);
    CHECK(run(101).classes(CycleClass::input_wait) == 3);
    CHECK(run(102).outputs.at(0).valid_cycle == 136);
    CHECK(run(102).classes(CycleClass::input_wait) == 4);
    CHECK(run(300).outputs.at(0).valid_cycle == 334);
    CHECK(run(300).classes(CycleClass::input_wait) == 202);
}

TEST_CASE("only the first row group and plane wait for input chunks") {
    // Two groups, two planes: 2 groups x (2 x-chunks + 1 h-chunk) x 2 planes, without a bubble once the input is there.
    NetworkRecipe recipe = vector_input(8, {8});
    recipe.lstm_planes = 2;
    const BenchRecord record = run_core(recipe, core_shape(16, 4, 4), kHidden, {1});
    CHECK(record.classes(CycleClass::compute) == 2 * (2 * 2 + 2 * 2));
    CHECK(record.classes(CycleClass::input_wait) == 3); // before the first chunk
    CHECK(record.classes(CycleClass::update_wait) == 0);
}

TEST_CASE("every counted cycle belongs to one class, up to and including the freeze") {
    BenchPlan plan;
    plan.count_cycle = 5;
    const BenchRecord record = run_core(one_hot({4}), smallest(), kHidden, {3}, plan);
    CHECK(sum_of_classes(record) == record.freeze_cycle - 5);
    CHECK(record.classes(CycleClass::weight_load) == 95);
    // h chunks issue in 105 (scale_bias begins in 107), 107 + 24 = 131 and 131 + 24 = 155; what follows is idle.
    CHECK(record.outputs.back().valid_cycle == 155 + 26);
    CHECK(record.classes(CycleClass::idle) == record.freeze_cycle - 155);
}

TEST_CASE("a later start makes idle cycles up to and including its own") {
    BenchPlan plan;
    plan.end_steps = {0};
    plan.writes = {{300, reg::kControl, kControlStart}};
    plan.freeze_after_interrupt = 400;
    const BenchRecord record = run_core(one_hot({4}), smallest(), kHidden, {1, 1}, plan);
    REQUIRE(record.outputs.size() == 2);
    CHECK(record.outputs[0].valid_cycle == 133);
    CHECK(record.outputs[1].valid_cycle == 333);
    CHECK(record.interrupt() == 134);
    CHECK(record.classes(CycleClass::weight_load) == 100);
    CHECK(record.classes(CycleClass::input_wait) == 3 + 3);
    CHECK(record.classes(CycleClass::compute) == 4);
    CHECK(record.classes(CycleClass::idle) == (300 - 105) + (record.freeze_cycle - 305));
}

// ---------------------------------------------------------------- state

TEST_CASE("an h chunk can be read by the next step as soon as its slice is written, and no earlier") {
    // x of X chunks, then h of one: with t the issue of step n's h chunk, h of step n+1 is wanted in t + 1 + X.
    const auto state_waits = [](int lanes, int width, int hidden, int x_chunks) {
        const BenchRecord record =
            run_core(vector_input(x_chunks * width, {hidden}), core_shape(lanes, width, 4), kHidden, {2});
        CHECK(record.classes(CycleClass::update_wait) == 0);
        return record.classes(CycleClass::state_wait);
    };
    // D = 1, T = 1: scale_bias begins with h in v = t + 2 (three cycles behind x), h is final from v + 23 + T = t + 26.
    CHECK(state_waits(16, 4, 4, 25) == 0);
    CHECK(state_waits(16, 4, 4, 24) == 1);
    CHECK(state_waits(16, 4, 4, 23) == 2);
    // D = 2, T = 2, H = 8: the chunk's last unit is in slice 1: v + 23 + T + 1 = t + 28.
    CHECK(state_waits(32, 8, 8, 27) == 0);
    CHECK(state_waits(32, 8, 8, 26) == 1);
    // The same machine with H = 4: slice 0.
    CHECK(state_waits(32, 8, 4, 26) == 0);
    CHECK(state_waits(32, 8, 4, 25) == 1);
    // D = 4 makes scale_bias four cycles per part: v = t + 3; T = 2, slice 3: t + 31.
    CHECK(state_waits(64, 16, 16, 30) == 0);
    CHECK(state_waits(64, 16, 16, 29) == 1);
}

TEST_CASE("chunks wait each for their own slice, in order") {
    // H = 8, W = 4, U = 4: two groups of one chunk each. Vector input of 4 columns: a group issues x, h0, h1.
    // Step 1: x 104, h 105 106, x 107, h 108 109; v of the groups' last parts: g0 max(106, 104 + 3) = 107,
    // g1: x part max(107, 107 + 3) = 110, h part 113, which needs 109 >= 107 + 3: one update_wait, issue 110.
    // h0 is final from 107 + 24 = 131, h1 from 113 + 24 = 137.
    // Step 2: x needs 110 + 3: issues 113 (2 update_waits), h0 wanted in 114, issues 131 (17), h1 wanted in 132, issues
    // 137 (5).
    const BenchRecord record = run_core(vector_input(4, {8}), smallest(), kHidden, {2});
    CHECK(record.classes(CycleClass::state_wait) == 17 + 5);
    CHECK(record.classes(CycleClass::update_wait) == 1 + 2);
    // g0 v = 137; g1: x 138 (v 140), h 139 and 140 >= 137 + 3, v 143: TVALID of the vector's beat 143 + 26.
    CHECK(record.outputs.back().valid_cycle == 169);
}

TEST_CASE("a second layer reads the first one's h of the same step") {
    // Layer 1: v = 107, final from 107 + 24 = 131; layer 2, five cycles behind layer 1, wants it in 109. Its h part:
    // issue 132, v = 134.
    const BenchRecord record = run_core(one_hot({4, 4}), smallest(), kHidden, {1});
    CHECK(record.classes(CycleClass::state_wait) == 22);
    CHECK(record.classes(CycleClass::input_wait) == 3 + 3);
    CHECK(record.outputs.at(0).valid_cycle == 134 + 26);
}

TEST_CASE("a dense layer reads the last layer's h of the same step") {
    NetworkRecipe recipe = one_hot({4});
    recipe.dense_outputs = 2;
    const BenchRecord record = run_core(recipe, smallest(), kLogits, {1});
    CHECK(record.classes(CycleClass::state_wait) == 22);
    CHECK(record.classes(CycleClass::input_wait) == 3 + 3);
    // Issue in 131 = v; logits are written at the end of v + 9 + T, serialized in the next cycle, TVALID two later.
    CHECK(record.outputs.at(0).valid_cycle == 131 + 13);
}

TEST_CASE("a first step of a sequence does not wait for the sequence before") {
    const BenchRecord one_sequence = run_core(one_hot({4}), smallest(), kHidden, {4});
    const BenchRecord four_sequences = run_core(one_hot({4}), smallest(), kHidden, {1, 1, 1, 1});
    // x of step 2 in 104 + 5, h wanted in 110 and final from 107 + 24; from then on scale_bias is free in time: 24 - 2.
    CHECK(one_sequence.classes(CycleClass::state_wait) == 21 + 22 + 22);
    CHECK(one_sequence.classes(CycleClass::update_wait) == 0);
    CHECK(four_sequences.classes(CycleClass::state_wait) == 0);
}

TEST_CASE("a reverse layer starts when the header of the sequence's last step has arrived") {
    NetworkRecipe recipe = one_hot({4});
    recipe.directions = -1;
    const auto first_output = [&](Cycle last_header) {
        return run_core(recipe, smallest(), kHidden, {3}, steps_at({10, 11, last_header})).outputs.at(0).valid_cycle;
    };
    CHECK(first_output(100) == 133);
    CHECK(first_output(101) == 134);
    CHECK(first_output(500) == 533);
}

TEST_CASE(
    "the forward direction of a bidirectional layer starts with the first header, the reverse one after the last") {
    NetworkRecipe recipe = one_hot({4});
    recipe.directions = 2;
    const BenchRecord record = run_core(recipe, smallest(), kHidden, {3}, steps_at({10, 11, 500}));
    REQUIRE(record.outputs.size() == 6);
    CHECK(record.outputs[0].valid_cycle == 133);
    CHECK(record.outputs[1].valid_cycle == 157); // h from 107 + 24 = 131 = v
    // Forward step 3: x 504, h 505 (v 507); reverse right behind it: x from 504 + 5 (v 510), h from 507 + 3 (v 513).
    CHECK(record.outputs[2].valid_cycle == 533);
    CHECK(record.outputs[3].valid_cycle == 513 + 26);
}

TEST_CASE("in sequence mode a direction waits for its own latest vector") {
    NetworkRecipe recipe = one_hot({4});
    recipe.directions = -1;
    const BenchRecord record = run_core(recipe, smallest(), kHidden, {4});
    CHECK(record.classes(CycleClass::state_wait) == 21 + 22 + 22);
}

TEST_CASE("vectors begin kVectorCycles (5) apart, and no less") {
    // Dense vectors of one chunk behind a reverse layer: when the layer's last h is final, nothing else holds them.
    NetworkRecipe recipe = one_hot({4});
    recipe.directions = -1;
    recipe.dense_outputs = 2;
    const BenchRecord record = run_core(recipe, smallest(), kLogits, {4});
    REQUIRE(record.outputs.size() == 4);
    for (std::size_t k = 1; k < 4; ++k) CHECK(record.outputs[k].valid_cycle == record.outputs[k - 1].valid_cycle + 5);
    // 101 to 103; behind the layer's first vector 3 (the others wait for their h longer than that); behind each of the
    // first three dense vectors 4.
    CHECK(record.classes(CycleClass::input_wait) == 3 + 3 + 3 * 4);
    // A vector of five chunks costs nothing.
    CHECK(run_core(vector_input(16, {4}), smallest(), kHidden, {1, 1, 1}).classes(CycleClass::input_wait) == 3);
}

// ---------------------------------------------------------------- update

TEST_CASE("scale_bias takes parts three cycles apart, out of two part registers") {
    const auto update_waits = [](int lanes, int width, int groups, int update_width) {
        NetworkRecipe recipe = one_hot({groups * lanes / 4});
        const BenchRecord record = run_core(recipe, core_shape(lanes, width, update_width), kHidden, {1});
        CHECK(record.classes(CycleClass::state_wait) == 0);
        return record.classes(CycleClass::update_wait);
    };
    // One-chunk parts, issued in t = 0, 1, ...: v = 0, 3, 6, 9; part k needs v(k-2) + 3. Two parts never wait,
    // the third waits 1, every later one 2.
    CHECK(update_waits(16, 32, 1, 4) == 0);
    CHECK(update_waits(16, 32, 2, 4) == 1 + 2);
    CHECK(update_waits(16, 32, 3, 4) == 1 + 2 + 2 + 2);
    // D = 2 slices are still three cycles apart, D = 4 four: 2 for the third part, then 3.
    CHECK(update_waits(32, 32, 2, 4) == 1 + 2);
    CHECK(update_waits(64, 32, 2, 4) == 2 + 3);
    CHECK(update_waits(48, 64, 2, 4) == 1 + 2); // D = 3
}

TEST_CASE("parts of as many chunks as scale_bias needs cycles never wait, of one less they wait in the long run") {
    // x and h of c chunks each: part k issues in k c where nothing waits and needs (k-1) I. With c = I - 1 that fails
    // for the first time at k = I + 1, from where on each part waits one cycle.
    const auto update_waits = [](int lanes, int width, int chunks, int groups) {
        const BenchRecord record =
            run_core(vector_input(width * chunks, {groups * lanes / 4}), core_shape(lanes, width, 4), kHidden, {1});
        CHECK(record.classes(CycleClass::compute) == static_cast<std::uint64_t>(2 * groups * chunks));
        return record.classes(CycleClass::update_wait);
    };
    CHECK(update_waits(16, 11, 3, 8) == 0);      // H = 32 in 3 chunks, D = 1, I = 3
    CHECK(update_waits(16, 16, 2, 8) == 16 - 4); // 16 parts, the first 4 don't wait
    CHECK(update_waits(16, 4, 2, 2) == 0);       // 4 parts only
    CHECK(update_waits(64, 32, 4, 8) == 0);      // H = 128 in 4 chunks, D = 4, I = 4
    CHECK(update_waits(64, 43, 3, 8) == 16 - 5);
}

// ---------------------------------------------------------------- output

TEST_CASE("the slice FIFO holds 32 slices: the group that would be one too many waits for a slice to leave") {
    // D = 1: a slice per group. With a beat FIFO of 4 and a stalled receiver the serializer packs two slices per beat:
    // slices 0 to 7 make four beats, slice 8 is packed without a push, slice 9 is stuck. 9 + 32 = 41 groups fit, the
    // 42nd does not.
    const auto run = [](int groups, Cycle ready_from) {
        Configuration configuration = core_shape(16, 64, 4);
        configuration.shape.output_fifo_beats = 4;
        BenchPlan plan;
        plan.ready = ready::from(ready_from);
        return run_core(one_hot({4 * groups}), configuration, kHidden, {1}, plan);
    };
    CHECK(run(41, 5000).classes(CycleClass::output_wait) == 0);
    // Parts of the 42nd group (k = 82, 83) are wanted in update-limited cycles: t(k) = 104 + 3 (k - 1) from k = 2 on (H
    // = 164 and 168 are three h chunks, which parts of x and h together spend in less than 6 cycles).
    const Cycle wanted = 104 + 3 * 82;
    // The first beat leaves in 5000, slice 9 is pushed and finished in 5001, the group issues in 5002.
    const BenchRecord record = run(42, 5000);
    CHECK(record.classes(CycleClass::output_wait) == 5002 - wanted);
    CHECK(run(42, 5001).classes(CycleClass::output_wait) == 5003 - wanted);
    // Groups beyond it need a slice each, of which each beat frees two: the third one waits for a second beat.
    CHECK(run(43, 5000).classes(CycleClass::output_wait) == 5002 - wanted);
}

TEST_CASE("the slice FIFO holds two row groups where those are more than 32 slices") {
    // U = 32, E = 1: D = 32, capacity 64, I = 32. 8 slices per beat: 4 beats take 32 slices, 7 more are packed, so 39
    // are finished and 64 + 39 = 103 slices have room: three groups of 32 do not wait, the fourth does.
    const auto run = [](int groups) {
        Configuration configuration = core_shape(128, 64, 1);
        configuration.shape.output_fifo_beats = 4;
        BenchPlan plan;
        plan.ready = ready::from(5000);
        return run_core(one_hot({32 * groups}), configuration, kHidden, {1}, plan).classes(CycleClass::output_wait);
    };
    CHECK(run(3) == 0);
    // The fourth group needs 128 - 64 = 64 slices finished. Slice 39 is pushed in 5001, 47 in 5009, 55 in 5017, 63 in
    // 5025: room from 5026. It is wanted in t(7) = v(5) + 32 = 104 + 6 * 32.
    CHECK(run(4) == 5026 - (104 + 6 * 32));
}

TEST_CASE("a layer whose vectors stay inside never waits for the output") {
    Configuration configuration = smallest();
    configuration.shape.output_fifo_beats = 4;
    BenchPlan plan;
    plan.ready = ready::from(20000);
    const BenchRecord record = run_core(one_hot({4}), configuration, kLast, {200}, plan);
    CHECK(record.classes(CycleClass::output_wait) == 0);
    CHECK(record.outputs.size() == 1);
}

// ---------------------------------------------------------------- the run's end

TEST_CASE("done follows the last transfer or the last issue, whichever is later, by one cycle") {
    BenchPlan plan;
    CHECK(run_core(one_hot({4}), smallest(), kHidden, {1}, plan).interrupt() == 134);
    plan.ready = ready::from(1000);
    CHECK(run_core(one_hot({4}), smallest(), kHidden, {1}, plan).interrupt() == 1001);
    plan.answer_late = true;
    CHECK(run_core(one_hot({4}), smallest(), kHidden, {1}, plan).interrupt() == 1001);

    // A bidirectional layer whose last outputs leave: reverse puts out its first vector and goes on for 20 steps.
    NetworkRecipe recipe = one_hot({4});
    recipe.directions = 2;
    const BenchRecord record = run_core(recipe, smallest(), kLast, {20});
    REQUIRE(record.outputs.size() == 2);
    const Cycle last_issue = record.freeze_cycle - record.classes(CycleClass::idle);
    CHECK(record.outputs.back().cycle < last_issue);
    CHECK(record.interrupt() == last_issue + 1);
}

TEST_CASE("the status register tells running from done") {
    const Network network = random_network(one_hot({4}), 1);
    Configuration configuration = smallest();
    const QuantizedNetwork quantized = quantize(network, configuration.shape.formats());
    const NetworkPlacement placement = resolved_placement(configuration, quantized, kHidden);
    configuration.shape = placement.shape;
    const NetworkImage image = make_network_image(placement, quantized, kHidden);
    StepEncoder encoder(configuration.shape, network, image);
    std::vector<std::vector<std::uint64_t>> beats(1);
    const std::vector<Step> steps = random_steps(network, {1}, 3);
    encoder.append(steps[0], true, beats[0]);
    BenchPlan plan;
    plan.valid = [](std::size_t, std::size_t) { return Cycle{200}; };
    const TestKernel kernel;
    CoreBench bench("bench", CoreShape(configuration.shape), image, beats, plan);
    std::map<Cycle, std::uint32_t> seen;
    bench.on_cycle = [&](Cycle cycle) { seen[cycle] = bench.read(reg::kStatus); };
    bench.watch = {99, 101, 204, 205, 206, 231, 232, 233};
    sc_core::sc_start();
    // x issues in 204, h in 205; the beat leaves in 233, done is visible in 234.
    const std::map<Cycle, std::uint32_t> expected{{99, 0},  {101, 1}, {204, 1}, {205, 1},
                                                  {206, 0}, {231, 0}, {232, 0}, {233, 0}};
    CHECK(seen == expected);
    CHECK(bench.read(reg::kStatus) == kStatusDone);
    CHECK(bench.record.interrupt() == 234);
}
