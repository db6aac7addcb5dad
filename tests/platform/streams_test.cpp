// Several streams in one machine: does each compute what it computes alone, and do they fill the lanes?
#include "support/catch.hpp"

#include <deque>

#include <fmt/format.h>

#include "platform/simulation.hpp"
#include "support/draw.hpp"
#include "support/random_network.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

/// Sequences of a few steps in each stream, dealt in any order.
std::vector<Step> dealt_steps(const Network& network, std::uint32_t streams, int steps_per_stream, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<std::deque<Step>> left(streams);
    std::vector<Step> dealt;
    for (std::uint32_t stream = 0; stream < streams; ++stream) {
        const int first = 1 + static_cast<int>(random() % 5);
        const std::vector<Step> own = random_steps(network, {first, steps_per_stream}, seed + stream);
        for (const Step& step : own) {
            left[stream].push_back(step);
            left[stream].back().stream = stream;
        }
    }
    const bool in_turns = random() % 2 == 0;
    std::uint32_t stream = 0;
    while (std::any_of(left.begin(), left.end(), [](const auto& steps) { return !steps.empty(); })) {
        stream = in_turns ? (stream + 1) % streams : static_cast<std::uint32_t>(random() % streams);
        if (left[stream].empty()) continue;
        dealt.push_back(left[stream].front());
        left[stream].pop_front();
    }
    return dealt;
}

/// What the reference puts out for each stream by itself, in the order of the steps of all.
std::vector<std::vector<std::int32_t>> outputs_alone(const QuantizedNetwork& network, OutputMode mode,
                                                     const std::vector<Step>& steps, std::uint32_t streams) {
    std::vector<std::unique_ptr<Reference>> references;
    for (std::uint32_t stream = 0; stream < streams; ++stream)
        references.push_back(std::make_unique<Reference>(network, mode));
    std::vector<std::vector<std::int32_t>> outputs;
    for (Step step : steps) {
        Reference& reference = *references[step.stream];
        step.stream = 0;
        reference.step(step, [&](const OutputVector& output) { outputs.push_back(output.values); });
    }
    return outputs;
}

std::vector<std::vector<std::int32_t>> outputs_together(const Configuration& configuration,
                                                        const QuantizedNetwork& network, OutputMode mode,
                                                        const std::vector<Step>& steps) {
    std::vector<std::vector<std::int32_t>> outputs;
    SimulationOptions options;
    options.mode = mode;
    StepList source(steps);
    const SimulationResult whole = simulate(configuration, network, options, source,
                                            [&](const OutputVector& output) { outputs.push_back(output.values); });
    options.timing_only = true;
    StepList again(steps);
    const SimulationResult timing = simulate(configuration, network, options, again, {});
    CHECK(timing.total_cycles == whole.total_cycles);
    CHECK(timing.class_cycles == whole.class_cycles);
    return outputs;
}

/// Cycles per step of eight streams that take turns: one-hot inputs, hidden values out, steps back to back.
double cycles_per_step(Configuration configuration, int hidden, std::uint64_t least_compute) {
    constexpr std::uint32_t kStreams = 8;
    constexpr std::uint64_t kSteps = 8192;
    configuration.shape.streams = kStreams;
    NetworkRecipe recipe;
    recipe.inputs = 16;
    recipe.one_hot = true;
    recipe.hidden_sizes = {hidden};
    const Network network = random_network(recipe, 1);
    const QuantizedNetwork quantized = quantize(network, configuration.shape.formats());
    std::vector<Step> steps(kSteps);
    for (std::uint64_t number = 0; number < kSteps; ++number) {
        steps[number].stream = static_cast<std::uint32_t>(number % kStreams);
        steps[number].first = number < kStreams;
        steps[number].last = number + kStreams >= kSteps;
    }
    SimulationOptions options;
    options.timing_only = true;
    StepList source(steps);
    const SimulationResult result = simulate(configuration, quantized, options, source, {});
    CHECK(result.class_cycles[index_of(CycleClass::compute)] == kSteps * least_compute);
    return static_cast<double>(result.active_cycles) / static_cast<double>(kSteps);
}

} // namespace

TEST_CASE("each stream computes what it computes alone") {
    std::mt19937_64 random(20261129);
    const auto pick = [&random](std::initializer_list<int> values) { return pick_of(random, values); };
    for (int round = 0; round < 60; ++round) {
        NetworkRecipe recipe;
        recipe.inputs = pick({1, 3, 17, 40});
        recipe.hidden_sizes.assign(static_cast<std::size_t>(pick({1, 1, 2, 3})), 0);
        for (int& size : recipe.hidden_sizes) size = pick({1, 2, 15, 16, 33, 70});
        recipe.gru_layers = pick({0, 0, 1, 2, 7});
        recipe.dense_outputs = pick({0, 10, 83});
        recipe.one_hot = pick({0, 1}) == 1;
        recipe.initial_states = pick({0, 1}) == 1;
        Configuration configuration;
        configuration.shape.lanes = pick({16, 32, 64});
        configuration.shape.lane_width = pick({4, 7, 16, 32});
        configuration.shape.update_width = pick({1, 2, 4});
        configuration.shape.activation_bits = pick({8, 8, 1, 12});
        configuration.shape.streams = pick({2, 3, 5, 8, 64, 256});
        const auto used =
            static_cast<std::uint32_t>(std::min<std::int64_t>(configuration.shape.streams, pick({1, 2, 3, 8, 20})));
        const OutputKind kind = recipe.dense_outputs == 0 ? OutputKind::hidden : OutputKind::logits;
        const OutputMode mode = {kind, static_cast<OutputSteps>(pick({0, 0, 1}))};
        INFO(fmt::format("round {}: {} of {} streams, {} layers of {}, dense {}", round, used,
                         configuration.shape.streams, recipe.hidden_sizes.size(), recipe.hidden_sizes[0],
                         recipe.dense_outputs));
        const Network network = random_network(recipe, 300 + static_cast<std::uint64_t>(round));
        const QuantizedNetwork quantized = quantize(network, configuration.shape.formats());
        const std::vector<Step> steps = dealt_steps(network, used, pick({1, 6, 20}), 7);
        REQUIRE(outputs_together(configuration, quantized, mode, steps) == outputs_alone(quantized, mode, steps, used));
    }
}

TEST_CASE("a machine with several streams takes as long for one of them as a machine with one") {
    NetworkRecipe recipe;
    recipe.hidden_sizes = {40, 20};
    const Network network = random_network(recipe, 3);
    const std::vector<Step> steps = random_steps(network, {30, 4}, 4);
    const auto active_cycles = [&](std::int64_t streams) {
        Configuration configuration;
        configuration.shape.streams = streams;
        StepList source(steps);
        return simulate(configuration, quantize(network, {}), {}, source, {}).active_cycles;
    };
    CHECK(active_cycles(1) == active_cycles(2));
    CHECK(active_cycles(1) == active_cycles(256));
}

TEST_CASE("streams that the machine does not have, and reverse layers on several, are refused") {
    NetworkRecipe recipe;
    const Network network = random_network(recipe, 1);
    Configuration configuration;
    configuration.shape.streams = 4;
    std::vector<Step> steps = random_steps(network, {2}, 1);
    const auto run = [&](const Network& of) {
        StepList source(steps);
        simulate(configuration, quantize(of, {}), {}, source, {});
    };
    for (Step& step : steps) step.stream = 3;
    CHECK_NOTHROW(run(network));
    for (Step& step : steps) step.stream = 4;
    CHECK_THROWS_WITH(run(network), ContainsSubstring("stream 4") && ContainsSubstring("--bru.streams=5"));
    recipe.directions = 2;
    CHECK_THROWS_WITH(run(random_network(recipe, 1)),
                      ContainsSubstring("bru.streams = 4") && ContainsSubstring("--bru.streams=1"));
}

TEST_CASE("eight streams fill the lanes of a machine that is too large for one") {
    // I cycles for each of the two parts of a group, where a group has fewer chunks than that.
    Configuration balanced; // D = I = 4
    balanced.shape.update_width = 4;
    balanced.shape.lane_width = 12;                 // 16 would take more than 20,000 LUTs
    CHECK(cycles_per_step(balanced, 64, 28) <= 34); // 4 groups x 2 x 4 = 32
    CHECK(cycles_per_step(balanced, 32, 8) <= 17);  // 2 groups x 2 x 4 = 16
    Configuration wide;                             // D = 2, I = 3
    wide.shape.update_width = 8;
    CHECK(cycles_per_step(wide, 64, 20) <= 25); // 4 groups x 2 x 3 = 24
    Configuration fast;                         // 8 groups of 1 + 11 chunks
    fast.shape.lanes = 128;
    fast.shape.lane_width = 24;
    fast.shape.update_width = 8;
    CHECK(cycles_per_step(fast, 256, 96) <= 96 / 0.95);
}
