// Core and DMA with different clocks: are their periods in proportion, is there no crossing between equal clocks, and
// does each clock bound what runs on it?
#include "support/catch.hpp"

#include "platform/platform_clocks.hpp"
#include "platform/simulation.hpp"
#include "support/random_network.hpp"

using namespace bru;
using namespace bru::test;

namespace {

Configuration with_clocks(double core_mhz, double dma_mhz) {
    Configuration configuration;
    configuration.clock_mhz = core_mhz;
    configuration.dma_clock_mhz = dma_mhz;
    return configuration;
}

std::pair<std::uint64_t, std::uint64_t> ticks(double core_mhz, double dma_mhz) {
    const PlatformClocks clocks = platform_clocks(with_clocks(core_mhz, dma_mhz));
    return {clocks.core.ticks_per_cycle(), clocks.dma.ticks_per_cycle()};
}

struct Ran {
    PortRecord ports;
    SimulationResult result;
};

Ran run(const Configuration& configuration, const Network& network, const std::vector<Step>& steps,
        bool timed = false) {
    Ran ran;
    SimulationOptions options;
    options.mode = {OutputKind::hidden, OutputSteps::every};
    options.timed_arrivals = timed;
    options.observers.record = &ran.ports;
    StepList source(steps);
    ran.result = simulate(configuration, quantize(network, configuration.shape.formats()), options, source, {});
    return ran;
}

Network network_of(int inputs, int hidden) {
    NetworkRecipe recipe;
    recipe.inputs = inputs;
    recipe.hidden_sizes = {hidden};
    return random_network(recipe, 7);
}

/// Steps that come far apart.
std::vector<Step> rare_steps(const Network& network, int count) {
    std::vector<Step> steps = random_steps(network, {count}, 8);
    for (std::size_t k = 0; k < steps.size(); ++k) steps[k].arrival_us = 50.0 + 50.0 * static_cast<double>(k);
    return steps;
}

} // namespace

TEST_CASE("the periods of two clocks are in the proportion of the clocks") {
    CHECK(ticks(150, 150) == std::pair<std::uint64_t, std::uint64_t>{1000, 1000});
    CHECK(ticks(200, 150) == std::pair<std::uint64_t, std::uint64_t>{6, 8}); // at least four ticks
    CHECK(ticks(150, 166.6) == std::pair<std::uint64_t, std::uint64_t>{833, 750});
    CHECK(ticks(1, 2000) == std::pair<std::uint64_t, std::uint64_t>{8000, 4});
    CHECK(ticks(133.333333, 200) == std::pair<std::uint64_t, std::uint64_t>{6, 4}); // rounded: no smaller numbers
    for (const auto& [core, dma] :
         {std::pair{149.999999, 150.0}, {151.234567, 150.0}, {1999.9, 3.7}, {87.654321, 166.6}}) {
        const auto [core_ticks, dma_ticks] = ticks(core, dma);
        INFO(core << " MHz and " << dma << " MHz: " << core_ticks << " and " << dma_ticks << " ticks");
        CHECK(std::max(core_ticks, dma_ticks) <= 16'384);
        CHECK(std::min(core_ticks, dma_ticks) >= 4);
        const double proportion = static_cast<double>(dma_ticks) / static_cast<double>(core_ticks);
        CHECK(core_ticks != dma_ticks);
        CHECK(std::abs(proportion * dma / core - 1) < 1.3e-4);
    }
}

TEST_CASE("equal clocks have no crossing") {
    const Network network = network_of(16, 64);
    const std::vector<Step> steps = rare_steps(network, 20);
    const Ran usual = run(with_clocks(150, 150), network, steps, true);
    Configuration other = with_clocks(150, 150);
    other.crossing.stages = 8;
    other.crossing.beats = 16;
    const Ran same = run(other, network, steps, true);
    CHECK(same.ports.input_cycles == usual.ports.input_cycles);
    CHECK(same.ports.output_cycles == usual.ports.output_cycles);
    CHECK(same.ports.counters == usual.ports.counters);
    CHECK(drain_cycles(other) == 0);
}

TEST_CASE("a crossing delays inputs and outputs by its latency, and each more stage by a cycle") {
    const Network network = network_of(16, 64);
    const std::vector<Step> steps = rare_steps(network, 20);
    const auto with_stages = [&](double dma_mhz, std::int64_t stages) {
        Configuration configuration = with_clocks(150, dma_mhz);
        configuration.ddr.refresh_interval_ns = 0;
        configuration.crossing.stages = stages;
        return run(configuration, network, steps, true);
    };
    const Ran one_clock = with_stages(150, 2);
    const Ran two = with_stages(150.02, 2); // nearly the same
    const Ran three = with_stages(150.02, 3);
    const double cycle_us = 1.0 / 150;
    // The beats of input and output cross: 1 + (N + 4) cycles, and up to one more. The writes of registers of the DMA
    // do not, but they wait for an edge of its clock.
    CHECK(two.result.latency.p50_us > one_clock.result.latency.p50_us + 13.5 * cycle_us);
    CHECK(two.result.latency.p50_us < one_clock.result.latency.p50_us + 18.5 * cycle_us);
    CHECK(three.result.latency.p50_us == Approx(two.result.latency.p50_us + 2 * cycle_us));
}

TEST_CASE("the clock of the DMA bounds the beats, and that of the core the chunks") {
    const Network network = network_of(256, 64); // 32 beats and 80 chunks per step
    const std::vector<Step> steps = random_steps(network, {50}, 8);
    const Ran slow_dma = run(with_clocks(150, 15), network, steps);
    CHECK(slow_dma.result.active_cycles > 10 * 32 * slow_dma.result.steps); // ten cycles of the core per beat
    const Ran slow_core = run(with_clocks(15, 150), network, steps);
    CHECK(slow_core.result.class_cycles[index_of(CycleClass::compute)] == 80 * 50);
    for (std::size_t beat = 1; beat < slow_core.ports.input_cycles.size(); ++beat)
        REQUIRE(slow_core.ports.input_cycles[beat] > slow_core.ports.input_cycles[beat - 1]); // one per cycle
}

TEST_CASE("a simulation with two clocks has all cycle classes, and counts the cycles of the core") {
    const Network network = network_of(40, 48);
    for (const double dma_mhz : {61.0, 149.0, 222.2}) {
        const Ran ran = run(with_clocks(150, dma_mhz), network, random_steps(network, {30, 20}, 9));
        std::uint64_t sum = 0;
        for (const std::uint64_t cycles : ran.result.class_cycles) sum += cycles;
        CHECK(sum == ran.result.total_cycles);
        std::uint64_t counted = 0;
        for (std::size_t k = 0; k < kCycleClasses; ++k) counted += ran.ports.counters[k];
        CHECK(counted == ran.result.total_cycles);
    }
}
