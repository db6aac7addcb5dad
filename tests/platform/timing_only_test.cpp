// Has a simulation without values every cycle of the whole one where vectors do not go like the ones before: inputs at
// odd times, outputs held up, sequences that begin and end, blocks that wait for each other?
#include "support/catch.hpp"

#include <fmt/format.h>

#include "platform/simulation.hpp"
#include "support/draw.hpp"
#include "support/random_network.hpp"

using namespace bru;
using namespace bru::test;

namespace {

struct PortTimes {
    std::vector<std::uint64_t> inputs;
    std::vector<std::uint64_t> outputs;
    std::vector<std::uint64_t> packets;
    std::vector<std::uint64_t> interrupts;
    SimulationResult result;
};

PortTimes run(const Configuration& configuration, const QuantizedNetwork& network, SimulationOptions options,
              const std::vector<Step>& steps) {
    PortRecord record;
    options.observers.record = &record;
    StepList source(steps);
    const SimulationResult result = simulate(configuration, network, options, source, {});
    return {record.input_cycles, record.output_cycles, record.output_packets, record.interrupt_cycles, result};
}

} // namespace

TEST_CASE("timing alone has every cycle at the ports of the whole simulation, whatever holds the machine up") {
    std::mt19937_64 random(20261124);
    const auto pick = [&random](std::initializer_list<int> values) { return pick_of(random, values); };
    for (int round = 0; round < 1500; ++round) {
        NetworkRecipe recipe;
        recipe.inputs = pick({1, 1, 17, 40});
        recipe.hidden_sizes.assign(static_cast<std::size_t>(pick({1, 1, 2, 3})), 0);
        for (int& size : recipe.hidden_sizes) size = pick({2, 9, 16, 33, 48, 70});
        recipe.directions = pick({1, 1, 1, 2, -1});
        recipe.lstm_planes = pick({1, 1, 3});
        recipe.dense_outputs = pick({0, 10, 83});
        recipe.dense_planes = pick({1, 4});
        recipe.one_hot = pick({0, 1}) == 1;
        Configuration configuration;
        configuration.shape.lanes = pick({16, 32, 64});
        configuration.shape.lane_width = pick({4, 7, 16, 32});
        configuration.shape.update_width = pick({1, 2, 4});
        configuration.shape.activation_bits = pick({8, 8, 12});
        configuration.shape.output_fifo_beats = pick({4, 16, 64, 512});
        configuration.dma.fifo_beats = pick({16, 64, 512});
        configuration.ddr.bandwidth_mb_per_s = pick({60, 300, 1200});
        configuration.dma_clock_mhz = pick({150, 150, 150, 70, 151, 400});
        configuration.crossing.beats = pick({16, 32});
        configuration.host.output_packet_vectors = pick({0, 1, 7});
        configuration.host.input_transfer_steps = pick({1024, 1, 3});
        configuration.host.interrupt_latency_ns = pick({50, 1000, 15000});
        SimulationOptions options;
        options.mode.kind = recipe.dense_outputs == 0 ? OutputKind::hidden : static_cast<OutputKind>(pick({0, 1, 2}));
        options.mode.steps = static_cast<OutputSteps>(pick({0, 0, 0, 1}));
        options.timed_arrivals = pick({0, 1}) == 1;
        const Network network = random_network(recipe, 500 + static_cast<std::uint64_t>(round));
        const QuantizedNetwork quantized = quantize(network, configuration.shape.formats());
        std::vector<Step> steps = random_steps(network, {pick({1, 30}), 12, 1, 40}, 7);
        double arrival = 0;
        const int spread = pick({1, 100, 1000});
        for (Step& step : steps) {
            step.arrival_us = arrival;
            arrival += static_cast<double>(random() % static_cast<std::uint64_t>(spread)) / 100;
        }
        INFO(fmt::format("round {}: {} layers, directions {}, dense {}, one-hot {}; L {} W {} E {}; fifo {}; timed {}",
                         round, recipe.hidden_sizes.size(), recipe.directions, recipe.dense_outputs, recipe.one_hot,
                         configuration.shape.lanes, configuration.shape.lane_width, configuration.shape.update_width,
                         configuration.shape.output_fifo_beats, options.timed_arrivals));
        const PortTimes whole = run(configuration, quantized, options, steps);
        options.timing_only = true;
        const PortTimes timing = run(configuration, quantized, options, steps);
        REQUIRE(timing.inputs == whole.inputs);
        REQUIRE(timing.outputs == whole.outputs);
        REQUIRE(timing.packets == whole.packets);
        REQUIRE(timing.interrupts == whole.interrupts);
        REQUIRE(timing.result.total_cycles == whole.result.total_cycles);
        REQUIRE(timing.result.class_cycles == whole.result.class_cycles);
        REQUIRE(timing.result.latency.p99_us == whole.result.latency.p99_us);
    }
}
