// Is the SystemC core equal to the Verilated RTL, in the cycle of every beat and interrupt, every value and
// every counter? A few cases of each built shape; bru-cosim runs thousands. Skipped without Verilator.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include "platform/simulation.hpp"
#include "rtl_core/rtl_core.hpp"
#include "support/random_network.hpp"

using namespace bru;
using namespace bru::test;

namespace {

struct Observed {
    PortRecord ports;
    std::vector<OutputVector> outputs;
    SimulationResult result;
};

Observed observe(CoreKind core, const Configuration& configuration, const QuantizedNetwork& network, OutputMode mode,
                 const std::vector<Step>& steps) {
    Observed observed;
    VectorSource source(steps);
    SimulationOptions options;
    options.core = core;
    options.mode = mode;
    options.record = &observed.ports;
    observed.result = simulate(configuration, network, options, source,
                               [&](const OutputVector& output) { observed.outputs.push_back(output); });
    return observed;
}

/// Where two lists of cycles part, as text; empty where they do not.
std::string first_difference(const std::vector<std::uint64_t>& systemc, const std::vector<std::uint64_t>& rtl) {
    for (std::size_t k = 0; k < std::min(systemc.size(), rtl.size()); ++k)
        if (systemc[k] != rtl[k]) return fmt::format("event {}: SystemC in cycle {}, RTL in {}", k, systemc[k], rtl[k]);
    return systemc.size() == rtl.size() ? "" : fmt::format("SystemC has {} events, RTL {}", systemc.size(), rtl.size());
}

} // namespace

TEST_CASE("the RTL equals the SystemC core in every cycle") {
    if (rtl_shapes().empty()) {
        WARN("built without Verilator: the RTL is not compared");
        return;
    }
    std::mt19937_64 random(7);
    const auto pick = [&](std::initializer_list<int> values) {
        return *(values.begin() + static_cast<std::ptrdiff_t>(random() % values.size()));
    };
    for (const Shape& shape : rtl_shapes())
        for (int round = 0; round < 8; ++round) {
            NetworkRecipe recipe;
            recipe.inputs = pick({1, 3, 20});
            recipe.hidden_sizes.assign(static_cast<std::size_t>(pick({1, 1, 2})), 0);
            for (int& size : recipe.hidden_sizes) size = pick({1, 5, 16, 21});
            recipe.directions = pick({1, 2, -1});
            recipe.lstm_planes = pick({1, 1, 3});
            recipe.dense_outputs = pick({0, 1, 30});
            recipe.dense_planes = pick({1, 4});
            recipe.one_hot = pick({0, 1}) == 1;
            recipe.initial_states = true;
            Configuration configuration;
            configuration.shape = shape;
            configuration.shape.max_sequence_steps = 8;
            for (auto depth : {&Shape::weight_words, &Shape::scale_words, &Shape::bias_words, &Shape::state_words,
                               &Shape::cell_words, &Shape::input_words})
                configuration.shape.*depth = kAuto;
            configuration.host.output_packet_vectors = pick({0, 1, 2});
            const OutputMode mode{recipe.dense_outputs == 0 ? OutputKind::hidden
                                                            : static_cast<OutputKind>(pick({0, 1, 2})),
                                  static_cast<OutputSteps>(pick({0, 1, 2}))};
            INFO(fmt::format("round {}: L {} W {} E {} A {}; {} inputs, {} layers of {}, directions {}, planes {}, "
                             "dense {} x {}, one-hot {}, output {} {}",
                             round, shape.lanes, shape.lane_width, shape.update_width, shape.activation_bits,
                             recipe.inputs, recipe.hidden_sizes.size(), recipe.hidden_sizes[0], recipe.directions,
                             recipe.lstm_planes, recipe.dense_outputs, recipe.dense_planes, recipe.one_hot,
                             static_cast<int>(mode.kind), static_cast<int>(mode.steps)));
            const Network network = random_network(recipe, 1000 + static_cast<std::uint64_t>(round));
            const QuantizedNetwork quantized = quantize(network, configuration.shape.formats());
            const std::vector<Step> steps = random_steps(network, {1, 4, 2, 8}, 5);
            const Observed systemc = observe(CoreKind::systemc, configuration, quantized, mode, steps);
            const Observed rtl = observe(CoreKind::rtl, configuration, quantized, mode, steps);
            REQUIRE(systemc.outputs.size() == rtl.outputs.size());
            for (std::size_t k = 0; k < rtl.outputs.size(); ++k)
                REQUIRE(systemc.outputs[k].values == rtl.outputs[k].values);
            CHECK(first_difference(systemc.ports.input_cycles, rtl.ports.input_cycles) == "");
            CHECK(first_difference(systemc.ports.output_cycles, rtl.ports.output_cycles) == "");
            CHECK(first_difference(systemc.ports.interrupt_cycles, rtl.ports.interrupt_cycles) == "");
            CHECK(systemc.ports.counters == rtl.ports.counters);
            CHECK(systemc.result.total_cycles == rtl.result.total_cycles);
        }
}
