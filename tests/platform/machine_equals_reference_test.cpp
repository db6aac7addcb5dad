// Does the whole machine compute what the reference computes, for every kind of network and shape?
#include "support/catch.hpp"

#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "platform/simulation.hpp"
#include "support/draw.hpp"
#include "support/random_network.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

std::vector<OutputVector> reference_outputs(const QuantizedNetwork& network, OutputMode mode,
                                            const std::vector<Step>& steps) {
    std::vector<OutputVector> outputs;
    Reference reference(network, mode);
    for (const Step& step : steps) reference.step(step, [&](const OutputVector& output) { outputs.push_back(output); });
    return outputs;
}

/// A simulation without values has every cycle of the whole one.
void check_timing_alone(const Configuration& configuration, const QuantizedNetwork& network, SimulationOptions options,
                        std::vector<Step> steps, const SimulationResult& whole) {
    options.timing_only = true;
    for (Step& step : steps) step.values.clear();
    StepList source(steps);
    const SimulationResult timing =
        simulate(configuration, network, options, source, [](const OutputVector&) { FAIL("an output was delivered"); });
    CHECK_FALSE(timing.saturations.has_value());
    CHECK(timing.total_cycles == whole.total_cycles);
    CHECK(timing.class_cycles == whole.class_cycles);
    CHECK(timing.active_cycles == whole.active_cycles);
    CHECK(timing.steps == whole.steps);
    CHECK(timing.sequences == whole.sequences);
    CHECK(timing.output_vectors == whole.output_vectors);
    CHECK(timing.latency.count == whole.latency.count);
    CHECK(timing.latency.p50_us == whole.latency.p50_us);
    CHECK(timing.latency.p99_us == whole.latency.p99_us);
    CHECK(timing.latency.max_us == whole.latency.max_us);
}

/// Both count the same values at the limits of their formats.
void check_saturations(const QuantizedNetwork& network, OutputMode mode, const std::vector<Step>& steps,
                       const SimulationResult& result) {
    Reference reference(network, mode);
    for (const Step& step : steps) reference.step(step, [](const OutputVector&) {});
    const Saturations expected = reference.saturations();
    REQUIRE(result.saturations.has_value());
    const auto same = [](const Saturation& a, const Saturation& b) {
        CHECK(a.values == b.values);
        CHECK(a.saturated == b.saturated);
    };
    same(result.saturations->inputs, expected.inputs);
    same(result.saturations->sums, expected.sums);
    same(result.saturations->cells, expected.cells);
    same(result.saturations->logits, expected.logits);
}

void check_equal(const NetworkRecipe& recipe, const Configuration& configuration, OutputMode mode,
                 const std::vector<int>& lengths, std::uint64_t seed) {
    const Network network = random_network(recipe, seed);
    const QuantizedNetwork quantized = quantize(network, configuration.shape.formats());
    const std::vector<Step> steps = random_steps(network, lengths, seed + 1);
    const std::vector<OutputVector> expected = reference_outputs(quantized, mode, steps);
    std::vector<OutputVector> got;
    StepList source(steps);
    SimulationOptions options;
    options.mode = mode;
    const SimulationResult result =
        simulate(configuration, quantized, options, source, [&](const OutputVector& output) { got.push_back(output); });
    REQUIRE(got.size() == expected.size());
    for (std::size_t k = 0; k < got.size(); ++k) {
        INFO(fmt::format("output {}: sequence {} step {}", k, expected[k].sequence, expected[k].step));
        REQUIRE(got[k].sequence == expected[k].sequence);
        REQUIRE(got[k].step == expected[k].step);
        REQUIRE(got[k].values == expected[k].values);
    }
    CHECK(std::accumulate(result.class_cycles.begin(), result.class_cycles.end(), std::uint64_t{0}) ==
          result.total_cycles);
    CHECK(result.steps == steps.size());
    CHECK(result.latency.count == expected.size());
    check_saturations(quantized, mode, steps, result);
    check_timing_alone(configuration, quantized, options, steps, result);
}

Configuration shape(int lanes, int width, int update, int bits) {
    Configuration configuration;
    configuration.shape.lanes = lanes;
    configuration.shape.lane_width = width;
    configuration.shape.update_width = update;
    configuration.shape.activation_bits = bits;
    return configuration;
}

} // namespace

TEST_CASE("a single layer leaves its hidden vectors") {
    check_equal({}, {}, {OutputKind::hidden, OutputSteps::every}, {20}, 1);
}

TEST_CASE("random networks on random shapes equal the reference") {
    std::mt19937_64 random(20261122);
    const auto pick = [&random](std::initializer_list<int> values) { return pick_of(random, values); };
    for (int round = 0; round < 150; ++round) {
        NetworkRecipe recipe;
        recipe.inputs = pick({1, 3, 16, 17, 40, 300});
        recipe.hidden_sizes.assign(static_cast<std::size_t>(pick({1, 1, 2, 3})), 0);
        for (int& size : recipe.hidden_sizes) size = pick({1, 2, 15, 16, 33, 70});
        recipe.directions = pick({1, 1, 2, -1});
        recipe.lstm_planes = pick({1, 1, 2, 4, 8});
        recipe.dense_outputs = pick({0, 1, 10, 83, 130});
        recipe.dense_planes = pick({1, 2, 6, 8});
        recipe.one_hot = pick({0, 0, 1}) == 1;
        recipe.initial_states = pick({0, 1}) == 1;
        recipe.input_exponent = recipe.one_hot ? 0 : pick({-2, 0, 1});
        if (round % 2 == 1) recipe.gru_layers = pick({1, 2, 3, 5, 7});
        Configuration configuration =
            shape(pick({16, 32, 64, 48}), pick({4, 5, 7, 16, 32}), pick({1, 2, 4}), pick({8, 8, 1, 2, 4, 12, 16}));
        configuration.shape.lut_address_bits = pick({10, 8, 12});
        configuration.shape.output_fifo_beats = pick({512, 8, 2});
        configuration.host.output_packet_vectors = pick({0, 1, 3});
        configuration.host.input_transfer_steps = pick({1024, 1, 5});
        configuration.dma_clock_mhz = pick({150, 150, 30, 149, 1000});
        const OutputKind kind =
            recipe.dense_outputs == 0 ? OutputKind::hidden : static_cast<OutputKind>(pick({0, 1, 2}));
        const auto steps = static_cast<OutputSteps>(pick({0, 0, 1, 2}));
        INFO(fmt::format(
            "round {}: {} inputs, {} layers of {}, GRU layers {:b}, directions {}, planes {}, dense {} x {} planes, "
            "one-hot {}; L {} W {} E {} A {}; "
            "output {} {}",
            round, recipe.inputs, recipe.hidden_sizes.size(), recipe.hidden_sizes[0], recipe.gru_layers,
            recipe.directions, recipe.lstm_planes, recipe.dense_outputs, recipe.dense_planes, recipe.one_hot,
            configuration.shape.lanes, configuration.shape.lane_width, configuration.shape.update_width,
            configuration.shape.activation_bits, static_cast<int>(kind), static_cast<int>(steps)));
        check_equal(recipe, configuration, {kind, steps}, {1, 6, 2, 1, 9}, 100 + static_cast<std::uint64_t>(round));
    }
}

TEST_CASE("the machine has the cells that the network needs, and refuses others that it was not given") {
    NetworkRecipe recipe;
    recipe.hidden_sizes = {4, 4};
    const auto kinds = [&recipe](int gru_layers, std::int64_t given) {
        recipe.gru_layers = gru_layers;
        const Network network = random_network(recipe, 1);
        Configuration configuration;
        configuration.shape.cell_kinds = given;
        return resolve_shape(configuration, quantize(network, {}), {OutputKind::hidden, OutputSteps::every}).cell_kinds;
    };
    CHECK(kinds(0, kAuto) == 1);
    CHECK(kinds(2, kAuto) == 2);
    CHECK(kinds(0, 2) == 2);
    CHECK_THROWS_WITH(kinds(1, 1), ContainsSubstring("bru.cell_kinds = 1") && ContainsSubstring("--bru.cell_kinds=2"));
}
