// What holds for the whole core whatever the network: it may compute ahead of kernel time, but nobody can tell; stalls
// move cycles and nothing else; every cycle has its class.
#include "support/catch.hpp"

#include <numeric>
#include <random>

#include <fmt/format.h>

#include "machine/registers.hpp"
#include "modules/stubs.hpp"
#include "support/core_bench.hpp"
#include "support/draw.hpp"
#include "support/second_program.hpp"

using namespace bru;
using namespace bru::test;

namespace {

struct Case {
    NetworkRecipe recipe;
    Configuration configuration;
    OutputMode mode;
    std::vector<int> lengths = {1, 5, 2};
    std::string text;
};

Case random_case(std::mt19937_64& random) {
    const auto pick = [&random](std::initializer_list<int> values) { return pick_of(random, values); };
    Case result;
    NetworkRecipe& recipe = result.recipe;
    recipe.inputs = pick({1, 5, 16, 40});
    recipe.hidden_sizes.assign(static_cast<std::size_t>(pick({1, 1, 2})), 0);
    for (int& size : recipe.hidden_sizes) size = pick({1, 4, 15, 33});
    recipe.directions = pick({1, 1, 2, -1});
    recipe.lstm_planes = pick({1, 2, 3});
    recipe.dense_outputs = pick({0, 3, 70});
    recipe.dense_planes = pick({1, 4});
    recipe.one_hot = pick({0, 1}) == 1;
    result.configuration = core_shape(pick({16, 32, 64}), pick({4, 7, 16}), pick({1, 2, 4}), pick({8, 1, 12}));
    result.configuration.shape.output_fifo_beats = pick({512, 4});
    const OutputKind kind = recipe.dense_outputs == 0 ? OutputKind::hidden : static_cast<OutputKind>(pick({0, 1, 2}));
    result.mode = {kind, static_cast<OutputSteps>(pick({0, 1, 2}))};
    const Shape& shape = result.configuration.shape;
    result.text =
        fmt::format("{} inputs{}, {} layers of {}, directions {}, planes {}, dense {} x {}; L {} W {} E {} A {} FIFO "
                    "{}; output {} {}",
                    recipe.inputs, recipe.one_hot ? " one-hot" : "", recipe.hidden_sizes.size(), recipe.hidden_sizes[0],
                    recipe.directions, recipe.lstm_planes, recipe.dense_outputs, recipe.dense_planes, shape.lanes,
                    shape.lane_width, shape.update_width, shape.activation_bits, shape.output_fifo_beats,
                    static_cast<int>(kind), static_cast<int>(result.mode.steps));
    return result;
}

void check_same(const BenchRecord& got, const BenchRecord& expected) {
    CHECK(got.input_cycles == expected.input_cycles);
    REQUIRE(got.outputs.size() == expected.outputs.size());
    for (std::size_t k = 0; k < got.outputs.size(); ++k) {
        REQUIRE(got.outputs[k].valid_cycle == expected.outputs[k].valid_cycle);
        REQUIRE(got.outputs[k].cycle == expected.outputs[k].cycle);
        REQUIRE(got.outputs[k].data == expected.outputs[k].data);
        REQUIRE(got.outputs[k].last == expected.outputs[k].last);
    }
    CHECK(got.interrupt_cycles == expected.interrupt_cycles);
    CHECK(got.counters == expected.counters);
}

BenchPlan stalling_plan(std::mt19937_64& random) {
    BenchPlan plan;
    const Cycle gap = random() % 60;
    plan.valid = [gap](std::size_t step, std::size_t beat) {
        return 50 + gap * (step * step % 7) + 37 * step + (beat * gap) % 5 + beat;
    };
    plan.ready = random() % 2 == 0 ? ready::scattered(1 + random() % 20) : ready::from(random() % 3000);
    plan.input_slots = random() % 2 == 0 ? 0 : 8;
    plan.packet_vectors = static_cast<std::uint32_t>(1 + random() % 3);
    return plan;
}

} // namespace

TEST_CASE("what the surroundings tell early or late changes nothing") {
    std::mt19937_64 random(20261122);
    for (int round = 0; round < 60; ++round) {
        const Case each = random_case(random);
        INFO("round " << round << ": " << each.text);
        BenchPlan plan = stalling_plan(random);
        const BenchRecord early = run_core(each.recipe, each.configuration, each.mode, each.lengths, plan);
        REQUIRE(early.interrupt_cycles.size() == 1);
        plan.answer_late = true;
        check_same(run_core(each.recipe, each.configuration, each.mode, each.lengths, plan), early);
        plan.offer_late = true;
        check_same(run_core(each.recipe, each.configuration, each.mode, each.lengths, plan), early);
        plan.answer_late = false;
        check_same(run_core(each.recipe, each.configuration, each.mode, each.lengths, plan), early);
    }
}

TEST_CASE("stalls move cycles and leave values alone; classes sum to the counted cycles") {
    std::mt19937_64 random(7);
    for (int round = 0; round < 40; ++round) {
        const Case each = random_case(random);
        INFO("round " << round << ": " << each.text);
        const BenchRecord free = run_core(each.recipe, each.configuration, each.mode, each.lengths);
        const BenchRecord stalled =
            run_core(each.recipe, each.configuration, each.mode, each.lengths, stalling_plan(random));
        CHECK(stalled.data() == free.data());
        CHECK(stalled.interrupt() >= free.interrupt());
        CHECK(stalled.classes(CycleClass::compute) == free.classes(CycleClass::compute));
        for (const BenchRecord* record : {&free, &stalled}) {
            const auto total =
                std::accumulate(record->counters.begin(), record->counters.begin() + kCycleClasses, std::uint64_t{0});
            CHECK(total == record->freeze_cycle);
            CHECK(record->counters[7] == 8); // steps
            CHECK(record->counters[8] == record->input_cycles.front());
            CHECK(record->counters[9] == record->outputs.back().cycle);
        }
    }
}

TEST_CASE("a core can run again: the second run's values and cycles are those of the first") {
    std::mt19937_64 random(11);
    for (int round = 0; round < 30; ++round) {
        Case each = random_case(random);
        INFO("round " << round << ": " << each.text);
        const Network network = random_network(each.recipe, 7);
        const std::vector<Step> steps = random_steps(network, {3}, 9);
        std::vector<Step> twice = steps;
        twice.insert(twice.end(), steps.begin(), steps.end());
        BenchPlan plan;
        const BenchRecord once = run_core(network, each.configuration, each.mode, steps, plan);
        plan.end_steps = {2};
        plan.valid = [](std::size_t step, std::size_t) { return step < 3 ? Cycle{10} : Cycle{20010}; };
        plan.writes = {{20100, reg::kControl, kControlStart}};
        const BenchRecord both = run_core(network, each.configuration, each.mode, twice, plan);
        REQUIRE(both.outputs.size() == 2 * once.outputs.size());
        for (std::size_t k = 0; k < once.outputs.size(); ++k) {
            REQUIRE(both.outputs[k].cycle == once.outputs[k].cycle);
            REQUIRE(both.outputs[k].data == once.outputs[k].data);
            REQUIRE(both.outputs[k + once.outputs.size()].cycle == once.outputs[k].cycle + 20000);
            REQUIRE(both.outputs[k + once.outputs.size()].data == once.outputs[k].data);
        }
    }
}

TEST_CASE("a second program that rewrites a descriptor without a load runs as on a fresh core") {
    const Network network = random_network(two_equal_layers(), 7);
    const OutputMode logits{OutputKind::logits, OutputSteps::every};
    const BenchNetwork bench =
        bench_network(network, core_shape(16, 4, 1), logits, random_steps(network, {3}, 9), BenchPlan());
    const BenchRecord first = run_core(bench, {});
    for (const bool computes_values : {true, false})
        for (const DescriptorRewrite& rewrite : descriptor_rewrites()) {
            INFO(rewrite.fields << (computes_values ? "" : ", timing only"));
            const BenchRecord fresh = run_second_program(bench, rewrite, computes_values);
            if (computes_values) CHECK(fresh.data() != first.data()); // the rewrite has an effect
            const BenchRecord both = run_both_programs(bench, rewrite, CoreKind::systemc, computes_values);
            REQUIRE(both.outputs.size() == first.outputs.size() + fresh.outputs.size());
            for (std::size_t k = 0; k < fresh.outputs.size(); ++k) {
                const BenchOutput& output = both.outputs[first.outputs.size() + k];
                CHECK(output.cycle == fresh.outputs[k].cycle + kSecondProgramCycle);
                CHECK(output.data == fresh.outputs[k].data);
            }
        }
}

TEST_CASE("every SIMD level gives the same beats in the same cycles") {
    std::mt19937_64 random(13);
    for (int round = 0; round < 20; ++round) {
        const Case each = random_case(random);
        INFO("round " << round << ": " << each.text);
        std::vector<BenchRecord> records;
        at_every_simd_level([&](const std::string&) {
            records.push_back(run_core(each.recipe, each.configuration, each.mode, each.lengths));
        });
        for (const BenchRecord& record : records) check_same(record, records.front());
    }
}
