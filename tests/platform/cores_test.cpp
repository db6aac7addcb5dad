// Several cores on one chip: does each compute what it computes alone, and do they share DDR and the processor?
#include "support/catch.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "base/error.hpp"
#include "model/synthetic_network.hpp"
#include "platform/shared_ddr_memory.hpp"
#include "platform/simulation.hpp"
#include "rtl_core/rtl_core.hpp"
#include "support/draw.hpp"
#include "support/random_network.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr OutputMode kEvery{OutputKind::hidden, OutputSteps::every};

Configuration with_cores(std::int64_t cores, std::int64_t streams = 1) {
    Configuration configuration;
    configuration.platform.cores = cores;
    configuration.shape.streams = streams;
    return configuration;
}

/// One sequence per stream, and the streams take turns.
std::vector<Step> in_turn(const Network& network, std::uint32_t streams, int steps, std::uint64_t seed) {
    std::vector<std::vector<Step>> of_stream;
    for (std::uint32_t stream = 0; stream < streams; ++stream)
        of_stream.push_back(random_steps(network, {steps}, seed + stream));
    std::vector<Step> all;
    for (int step = 0; step < steps; ++step)
        for (std::uint32_t stream = 0; stream < streams; ++stream) {
            all.push_back(of_stream[stream][static_cast<std::size_t>(step)]);
            all.back().stream = stream;
        }
    return all;
}

struct Ran {
    SimulationResult result;
    std::vector<OutputVector> outputs;
    std::vector<PortRecord> ports; ///< of every core
};

Ran run(const Configuration& configuration, const Network& network, SimulationOptions options,
        const std::vector<Step>& steps) {
    Ran ran;
    ran.ports.resize(static_cast<std::size_t>(configuration.platform.cores));
    options.observers.record = &ran.ports.front();
    for (std::size_t core = 1; core < ran.ports.size(); ++core)
        options.other_cores.push_back({&ran.ports[core], nullptr, nullptr, nullptr});
    StepList source(steps);
    ran.result = simulate(configuration, quantize(network, configuration.shape.formats()), options, source,
                          [&](const OutputVector& output) { ran.outputs.push_back(output); });
    return ran;
}

void check_outputs(const Ran& got, const Ran& wanted) {
    REQUIRE(got.outputs.size() == wanted.outputs.size());
    for (std::size_t k = 0; k < got.outputs.size(); ++k) {
        CAPTURE(k);
        REQUIRE(got.outputs[k].sequence == wanted.outputs[k].sequence);
        REQUIRE(got.outputs[k].step == wanted.outputs[k].step);
        REQUIRE(got.outputs[k].stream == wanted.outputs[k].stream);
        REQUIRE(got.outputs[k].values == wanted.outputs[k].values);
    }
}

std::uint64_t sum_of(const ClassCycles& classes) {
    return std::accumulate(classes.begin(), classes.end(), std::uint64_t{0});
}

/// Every cycle of the run is counted once in each core.
void check_classes(const SimulationResult& result, std::size_t cores) {
    CHECK(sum_of(result.class_cycles) == result.total_cycles);
    REQUIRE(result.cores.size() == cores);
    std::uint64_t steps = 0;
    for (const CoreResult& core : result.cores) {
        CHECK(sum_of(core.class_cycles) == result.total_cycles);
        steps += core.steps;
    }
    CHECK(steps == result.steps);
}

} // namespace

TEST_CASE("random networks on several cores give the outputs of one core, in the same order") {
    std::mt19937_64 random(19);
    const auto pick = [&random](std::initializer_list<int> values) { return pick_of(random, values); };
    for (int round = 0; round < 24; ++round) {
        INFO("round " << round);
        NetworkRecipe recipe;
        recipe.inputs = pick({3, 20});
        recipe.hidden_sizes = {pick({7, 33})};
        recipe.directions = pick({1, 1, 2, -1});
        recipe.dense_outputs = pick({0, 5});
        recipe.initial_states = random() % 2 == 0;
        const Network network = random_network(recipe, random());
        SimulationOptions options;
        options.mode.kind = recipe.dense_outputs > 0 && random() % 2 == 0 ? OutputKind::logits : OutputKind::hidden;
        options.mode.steps = random() % 2 == 0 ? OutputSteps::every : OutputSteps::last;
        options.timed_arrivals = random() % 3 == 0;
        options.deals_sequences = recipe.directions != 1 || random() % 2 == 0;
        const std::int64_t cores = pick({2, 3, 4});
        const std::int64_t of_core = options.deals_sequences ? 1 : pick({1, 3});
        const auto streams = static_cast<std::uint32_t>(cores * of_core);
        std::vector<Step> steps = options.deals_sequences ? random_steps(network, {4, 1, 9, 2, 2, 6, 3, 1, 1}, random())
                                                          : in_turn(network, streams, 8, random());
        for (std::size_t k = 0; k < steps.size(); ++k) steps[k].arrival_us = 0.1 * static_cast<double>(k);
        const Ran one = run(with_cores(1, options.deals_sequences ? 1 : streams), network, options, steps);
        const Ran several = run(with_cores(cores, of_core), network, options, steps);
        check_outputs(several, one);
        check_classes(several.result, static_cast<std::size_t>(cores));
        CHECK(several.result.sequences == one.result.sequences);
        CHECK(several.result.latency.count == one.result.latency.count);
    }
}

TEST_CASE("a core beside idle ones has the cycles of a chip with one core") {
    const Network network = random_network({}, 5);
    const std::vector<Step> steps = random_steps(network, {200}, 6); // one sequence, so one core
    SimulationOptions options;
    options.mode = kEvery;
    options.deals_sequences = true;
    for (const auto& [bandwidth, dma_clock_mhz] : {std::pair{1200, 150.0}, {90, 150.0}, {1200, 171.3}, {90, 80.0}}) {
        Configuration configuration = with_cores(1);
        configuration.ddr.bandwidth_mb_per_s = bandwidth;
        configuration.dma_clock_mhz = dma_clock_mhz;
        configuration.host.input_transfer_steps = 30;
        const Ran one = run(configuration, network, options, steps);
        configuration.platform.cores = 3;
        const Ran several = run(configuration, network, options, steps);
        CHECK(several.result.total_cycles == one.result.total_cycles);
        CHECK(several.result.active_cycles == one.result.active_cycles);
        CHECK(several.result.cores[0].class_cycles == one.result.class_cycles);
        CHECK(several.ports[0].input_cycles == one.ports[0].input_cycles);
        CHECK(several.ports[0].output_cycles == one.ports[0].output_cycles);
        CHECK(several.ports[0].interrupt_cycles == one.ports[0].interrupt_cycles);
        CHECK(several.result.cores[2].steps == 0);
        CHECK(several.result.cores[2].class_cycles[index_of(CycleClass::idle)] == several.result.total_cycles);
    }
}

TEST_CASE("a port without a limit of its own changes no cycle of a chip with one core, and a slow one does") {
    const Network network = random_network({}, 5);
    const std::vector<Step> steps = random_steps(network, {500}, 6);
    SimulationOptions options;
    options.mode = kEvery;
    Configuration configuration = with_cores(1);
    const Ran without = run(configuration, network, options, steps);
    configuration.platform.hp_port_mb_per_s = configuration.ddr.bandwidth_mb_per_s;
    const Ran as_fast = run(configuration, network, options, steps);
    CHECK(as_fast.result.total_cycles == without.result.total_cycles);
    CHECK(as_fast.ports[0].input_cycles == without.ports[0].input_cycles);
    CHECK(as_fast.ports[0].output_cycles == without.ports[0].output_cycles);
    configuration.platform.hp_port_mb_per_s = 20;
    CHECK(run(configuration, network, options, steps).result.total_cycles > 2 * without.result.total_cycles);
}

TEST_CASE("a run on several cores is the same again, and for its timing alone") {
    const Network network = random_network({}, 8);
    const std::vector<Step> steps = in_turn(network, 8, 100, 9);
    SimulationOptions options;
    options.mode = kEvery;
    Configuration configuration = with_cores(4, 2);
    configuration.ddr.bandwidth_mb_per_s = 100;
    const Ran first = run(configuration, network, options, steps);
    const Ran second = run(configuration, network, options, steps);
    options.timing_only = true;
    const Ran timing = run(configuration, network, options, steps);
    for (const Ran* const again : {&second, &timing}) {
        CHECK(again->result.total_cycles == first.result.total_cycles);
        for (std::size_t core = 0; core < 4; ++core) {
            CHECK(again->result.cores[core].class_cycles == first.result.cores[core].class_cycles);
            CHECK(again->ports[core].output_cycles == first.ports[core].output_cycles);
        }
    }
}

TEST_CASE("where DDR is too slow for all cores, they wait for inputs or for room for their outputs") {
    const Network network = synthetic_network(64);
    const std::vector<Step> steps = in_turn(network, 32, 300, 1);
    SimulationOptions options;
    options.mode = kEvery;
    options.timing_only = true;
    const auto ran = [&](std::int64_t bandwidth) {
        Configuration configuration = with_cores(4, 8);
        configuration.shape.update_width = 4;
        configuration.ddr.bandwidth_mb_per_s = bandwidth;
        return run(configuration, network, options, steps).result;
    };
    const auto waits = [](const CoreResult& core) {
        return core.class_cycles[index_of(CycleClass::input_wait)] +
               core.class_cycles[index_of(CycleClass::output_wait)];
    };
    const SimulationResult ample = ran(100'000);
    const SimulationResult slow = ran(600);
    CHECK(slow.active_cycles > ample.active_cycles * 3 / 2);
    for (std::size_t core = 0; core < 4; ++core) {
        INFO("core " << core);
        CHECK(slow.cores[core].class_cycles[index_of(CycleClass::compute)] ==
              ample.cores[core].class_cycles[index_of(CycleClass::compute)]);
        CHECK(waits(ample.cores[core]) < ample.active_cycles / 10);
        CHECK(waits(slow.cores[core]) > slow.active_cycles / 3);
    }
}

TEST_CASE("the processor serves the tasks of the cores one after the other") {
    const Network network = random_network({}, 3);
    SimulationOptions options;
    options.mode = kEvery;
    const auto loading = [&](std::int64_t cores, std::int64_t access_ns) {
        Configuration configuration = with_cores(cores);
        configuration.ddr.bandwidth_mb_per_s = 100'000;
        configuration.host.register_access_ns = access_ns;
        const auto streams = static_cast<std::uint32_t>(cores);
        const SimulationResult result = run(configuration, network, options, in_turn(network, streams, 1, 1)).result;
        return result.class_cycles[index_of(CycleClass::weight_load)];
    };
    // Registers are all that loading waits for, so four cores need about four times as long.
    CHECK(loading(4, 10'000) > 35 * loading(1, 10'000) / 10);
    CHECK(loading(4, 10'000) < 45 * loading(1, 10'000) / 10);
}

TEST_CASE("a trace without steps is refused on several cores, too") {
    const Network network = random_network({}, 3);
    CHECK_THROWS_WITH(run(with_cores(2), network, {}, {}), ContainsSubstring("the trace has no steps"));
}

TEST_CASE("a failing task of any core ends the simulation with its message") {
    const Network network = random_network({}, 3);
    std::vector<Step> steps = in_turn(network, 3, 50, 1);
    steps[100].arrival_us = 1e30; // of core 1
    SimulationOptions options;
    options.timed_arrivals = true;
    CHECK_THROWS_WITH(run(with_cores(3), network, options, steps), ContainsSubstring("is out of range"));
}

TEST_CASE("the data of bursts passes a port in their order, no earlier than DDR moves it") {
    PortChannel port(800, 200); // four bytes per cycle
    const auto window = [](Cycle first, Cycle last) { return DdrChannel::Window{first, last}; };
    const auto passes = [&](DdrChannel::Window at_ddr, std::uint64_t bytes) {
        const DdrChannel::Window got = port.pass(at_ddr, bytes);
        return std::make_pair(got.first_beat_cycle, got.last_beat_cycle);
    };
    CHECK(passes(window(100, 109), 128) == std::make_pair<Cycle, Cycle>(100, 131)); // the port is slower
    CHECK(passes(window(110, 119), 128) == std::make_pair<Cycle, Cycle>(132, 163)); // and busy
    CHECK(passes(window(163, 180), 16) == std::make_pair<Cycle, Cycle>(164, 180));  // DDR is slower
    CHECK(passes(window(181, 181), 4) == std::make_pair<Cycle, Cycle>(181, 181));   // both are free
    PortChannel without(kAuto, 200);
    CHECK(without.pass(window(100, 100), 4096).last_beat_cycle == 100);
}

namespace {

/// Short where many differ.
std::string first_difference(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
    for (std::size_t k = 0; k < std::min(a.size(), b.size()); ++k)
        if (a[k] != b[k]) return fmt::format("number {} of {}: {} and {}", k, a.size(), a[k], b[k]);
    return a.size() == b.size() ? "" : fmt::format("{} and {} of them", a.size(), b.size());
}

void check_ports(const Ran& rtl, const Ran& systemc) {
    REQUIRE(rtl.ports.size() == systemc.ports.size());
    for (std::size_t core = 0; core < rtl.ports.size(); ++core) {
        INFO("core " << core);
        const PortRecord& ours = rtl.ports[core];
        const PortRecord& theirs = systemc.ports[core];
        CHECK(first_difference(ours.input_cycles, theirs.input_cycles) == "");
        CHECK(first_difference(ours.output_cycles, theirs.output_cycles) == "");
        CHECK(first_difference(ours.output_beats, theirs.output_beats) == "");
        CHECK(first_difference(ours.interrupt_cycles, theirs.interrupt_cycles) == "");
        CHECK(rtl.ports[core].counters == systemc.ports[core].counters);
        CHECK_FALSE(rtl.ports[core].output_beats.empty());
    }
}

} // namespace

TEST_CASE("two cores of the RTL have the cycles and the outputs of two SystemC cores") {
    std::mt19937_64 random(42);
    for (const RtlShape& built : rtl_shapes()) {
        if (built.shape.lanes > 16) continue; // the others take longer, and share DDR in the same way
        NetworkRecipe recipe;
        recipe.hidden_sizes = {9};
        recipe.dense_outputs = 3;
        const Network network = random_network(recipe, random());
        Configuration configuration = with_cores(2);
        configuration.shape = built.shape;
        configuration.ddr.bandwidth_mb_per_s = random() % 2 == 0 ? 1200 : 40; // that one is short for two
        configuration.platform.hp_ports = random() % 2 == 0 ? 4 : 1;
        if (random() % 2 == 0) configuration.platform.hp_port_mb_per_s = 100;
        if (random() % 2 == 0) configuration.dma_clock_mhz = random() % 2 == 0 ? 110 : 310;
        INFO("shape " << built.name << " bandwidth " << configuration.ddr.bandwidth_mb_per_s << " ports "
                      << configuration.platform.hp_ports << " at " << configuration.platform.hp_port_mb_per_s);
        configuration.host.input_transfer_steps = 4;
        configuration.host.output_packet_vectors = 3;
        const auto streams = static_cast<std::uint32_t>(2 * configuration.shape.streams);
        const std::vector<Step> steps = in_turn(network, streams, 8 + 12 / static_cast<int>(streams), random());
        SimulationOptions options;
        options.mode = {OutputKind::hidden, OutputSteps::every};
        const Ran systemc = run(configuration, network, options, steps);
        options.core = CoreKind::rtl;
        const Ran rtl = run(configuration, network, options, steps);
        check_ports(rtl, systemc);
        check_outputs(rtl, systemc);
        CHECK(rtl.result.total_cycles == systemc.result.total_cycles);
    }
}
