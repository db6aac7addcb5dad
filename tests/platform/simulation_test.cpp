// Do stalls of the surroundings show in the right class, are impossible runs refused, and are arrivals in real time
// kept?
#include "support/catch.hpp"

#include <cmath>
#include <numeric>

#include "base/error.hpp"
#include "base/member_of.hpp"
#include "modules/simd/kernels.hpp"
#include "platform/simulation.hpp"
#include "support/random_network.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr OutputMode kHidden{OutputKind::hidden, OutputSteps::every};

struct Outcome {
    SimulationResult result;
    std::vector<OutputVector> outputs;
    std::uint64_t cycles(CycleClass cycle_class) const {
        return result.class_cycles[static_cast<std::size_t>(cycle_class)];
    }
};

Outcome run(const Network& network, const Configuration& configuration, const SimulationOptions& options,
            const std::vector<Step>& steps) {
    const QuantizedNetwork quantized = quantize(network, configuration.shape.formats());
    StepList source(steps);
    Outcome outcome;
    outcome.result = simulate(configuration, quantized, options, source,
                              [&](const OutputVector& output) { outcome.outputs.push_back(output); });
    const auto& classes = outcome.result.class_cycles;
    CHECK(std::accumulate(classes.begin(), classes.end(), std::uint64_t{0}) == outcome.result.total_cycles);
    return outcome;
}

Outcome run(const NetworkRecipe& recipe, const Configuration& configuration, int steps, OutputMode mode = kHidden) {
    const Network network = random_network(recipe, 7);
    SimulationOptions options;
    options.mode = mode;
    return run(network, configuration, options, random_steps(network, {steps}, 8));
}

NetworkRecipe recipe(int inputs, std::vector<int> hidden_sizes, bool one_hot = false) {
    NetworkRecipe result;
    result.inputs = inputs;
    result.hidden_sizes = std::move(hidden_sizes);
    result.one_hot = one_hot;
    return result;
}

/// Steps of one-step sequences that arrive `period_us` apart.
std::vector<Step> periodic_steps(const Network& network, int count, double first_us, double period_us) {
    std::vector<Step> steps = random_steps(network, std::vector<int>(static_cast<std::size_t>(count), 1), 8);
    for (std::size_t k = 0; k < steps.size(); ++k) steps[k].arrival_us = first_us + period_us * static_cast<double>(k);
    return steps;
}

} // namespace

// ---------------------------------------------------------------- where the cycles go

TEST_CASE("a slow DDR read shows as input_wait") {
    // 256 inputs are 32 beats per step, 64 units in four groups 4 x (16 + 4) = 80 chunks per step.
    Configuration configuration;
    const Outcome fast = run(recipe(256, {64}), configuration, 100);
    configuration.ddr.bandwidth_mb_per_s = 50; // a third of a byte per cycle: 33 beats take 792 cycles
    const Outcome slow = run(recipe(256, {64}), configuration, 100);
    CHECK(slow.cycles(CycleClass::input_wait) > 100 * 650);
    CHECK(slow.cycles(CycleClass::input_wait) > 20 * fast.cycles(CycleClass::input_wait));
    CHECK(slow.cycles(CycleClass::compute) == 100 * 80);
    CHECK(slow.result.active_cycles > 792 * slow.result.steps);
    REQUIRE(slow.outputs.size() == fast.outputs.size());
    for (std::size_t k = 0; k < slow.outputs.size(); ++k) REQUIRE(slow.outputs[k].values == fast.outputs[k].values);
}

TEST_CASE("a long DDR latency shows as input_wait where transfers are short") {
    Configuration configuration;
    configuration.host.input_transfer_steps = 1;
    const Outcome short_latency = run(recipe(16, {64}), configuration, 50);
    configuration.ddr.latency_ns = 5150;
    const Outcome long_latency = run(recipe(16, {64}), configuration, 50);
    // A transfer per step: each of them waits 750 cycles longer.
    CHECK(long_latency.cycles(CycleClass::input_wait) > short_latency.cycles(CycleClass::input_wait) + 49 * 750);
}

TEST_CASE("LENGTH registers of few bits split transfers and change no value, and one vector must fit") {
    Configuration configuration;
    const Outcome wide = run(recipe(256, {64}), configuration, 30); // 264 bytes per step, 64 per output vector
    for (const std::int64_t bits : {8, 10, 26}) {
        configuration.dma.length_bits = bits;
        const Outcome narrow = run(recipe(256, {64}), configuration, 30);
        REQUIRE(narrow.outputs.size() == wide.outputs.size());
        for (std::size_t k = 0; k < wide.outputs.size(); ++k)
            REQUIRE(narrow.outputs[k].values == wide.outputs[k].values);
        CHECK((narrow.result.total_cycles > wide.result.total_cycles) == (bits < 23));
    }
    configuration.dma.length_bits = 8;
    CHECK_THROWS_WITH(run(recipe(16, {256}), configuration, 2),
                      "dma.length_bits = 8: a transfer has at most 248 bytes, and an output vector has 256; "
                      "set --dma.length_bits=9 or more");
}

TEST_CASE("a slow DDR write and a short FIFO show as output_wait") {
    Configuration configuration;
    const Outcome fast = run(recipe(16, {256}, true), configuration, 200);
    CHECK(fast.cycles(CycleClass::output_wait) == 0);
    configuration.ddr.bandwidth_mb_per_s = 20; // 32 beats of output take 2,560 cycles
    configuration.dma.fifo_beats = 16;
    configuration.shape.output_fifo_beats = 4;
    const Outcome slow = run(recipe(16, {256}, true), configuration, 200);
    CHECK(slow.cycles(CycleClass::output_wait) > 150 * 2000);
    CHECK(slow.cycles(CycleClass::compute) == fast.cycles(CycleClass::compute));
    REQUIRE(slow.outputs.size() == fast.outputs.size());
    for (std::size_t k = 0; k < slow.outputs.size(); ++k) REQUIRE(slow.outputs[k].values == fast.outputs[k].values);
}

TEST_CASE("one row group has nobody to overlap with: state_wait") {
    const Outcome outcome = run(recipe(16, {16}, true), {}, 200);
    // Two chunks per step; h is final 23 + 2 + 3 cycles after scale_bias begins.
    CHECK(outcome.cycles(CycleClass::compute) == 400);
    CHECK(outcome.cycles(CycleClass::state_wait) > 200 * 20);
    CHECK(outcome.cycles(CycleClass::state_wait) > 5 * outcome.cycles(CycleClass::update_wait));
}

TEST_CASE("row groups of fewer chunks than scale_bias needs cycles: update_wait") {
    Configuration configuration;
    configuration.shape.lane_width =
        64; // 128 units are two chunks, a group three chunks and 2 x 4 cycles of scale_bias
    const Outcome outcome = run(recipe(16, {128}, true), configuration, 200);
    CHECK(outcome.cycles(CycleClass::compute) == 200 * 8 * 3);
    CHECK(outcome.cycles(CycleClass::update_wait) > 200 * 8 * 4);
}

TEST_CASE("inputs that arrive late show as input_wait, and the rest of the run does not change") {
    const Network network = random_network(recipe(16, {64}), 7);
    SimulationOptions options;
    options.mode = kHidden;
    const Outcome back_to_back = run(network, {}, options, periodic_steps(network, 40, 0, 0));
    options.timed_arrivals = true;
    const Outcome late = run(network, {}, options, periodic_steps(network, 40, 0, 25)); // every 3,750 cycles
    CHECK(late.cycles(CycleClass::input_wait) > 39 * 3400);
    CHECK(late.cycles(CycleClass::compute) == back_to_back.cycles(CycleClass::compute));
    CHECK(late.result.total_cycles > 39 * 3750);
    for (std::size_t k = 0; k < late.outputs.size(); ++k)
        REQUIRE(late.outputs[k].values == back_to_back.outputs[k].values);
}

TEST_CASE("loading costs what its register accesses, interrupts and transfers cost") {
    const auto weight_load = [](std::int64_t access_cycles, std::int64_t interrupt_cycles) {
        Configuration configuration;
        configuration.ddr.refresh_interval_ns = 0;
        if (access_cycles > 0) configuration.host.register_access_ns = access_cycles * 1000 / 150; // rounded up again
        if (interrupt_cycles > 0) configuration.host.interrupt_latency_ns = interrupt_cycles * 1000 / 150;
        return run(recipe(16, {16}, true), configuration, 5).cycles(CycleClass::weight_load);
    };
    // After the write of `count`: two DMA control registers; six memories of five accesses each (load address, load
    // target, DMA address, length, interrupt cleared); load target; 22 descriptor fields; six more registers; two for
    // the output's transfer; start. An interrupt for each memory. Defaults: 19 cycles an access, 150 an interrupt.
    const std::uint64_t accesses = 2 + 6 * 5 + 1 + 22 + 6 + 2 + 1;
    CHECK(weight_load(2, 100) - weight_load(1, 100) == accesses);
    CHECK(weight_load(0, 100) - weight_load(1, 100) == 18 * accesses);
    CHECK(weight_load(10, 101) - weight_load(10, 100) == 6);
    CHECK(weight_load(10, 0) - weight_load(10, 1) == 149 * 6);
}

// ---------------------------------------------------------------- arrivals

TEST_CASE("a step enters no earlier than it arrives, and its latency counts from its arrival") {
    const Network network = random_network(recipe(16, {64}), 7);
    SimulationOptions options;
    options.mode = kHidden;
    options.timed_arrivals = true;
    const Outcome sparse = run(network, {}, options, periodic_steps(network, 30, 100, 50));
    CHECK(sparse.result.latency.count == 30);
    // Register accesses, DDR, 2 + 8 chunks... and the pipeline: some hundred cycles, and the same for every step but
    // for refresh.
    CHECK(sparse.result.latency.p50_us > 0.5);
    CHECK(sparse.result.latency.max_us < 5);
    CHECK(sparse.result.total_cycles > 150 * (100 + 29 * 50));
    // Ten steps that arrive at once: the later ones queue.
    const Outcome burst = run(network, {}, options, periodic_steps(network, 30, 100, 0));
    CHECK(burst.result.latency.max_us > sparse.result.latency.max_us);
    CHECK(burst.result.latency.p50_us > sparse.result.latency.p50_us);
}

TEST_CASE("deadlines are missed by exactly those outputs that come later") {
    const Network network = random_network(recipe(16, {64}), 7);
    SimulationOptions options;
    options.mode = kHidden;
    options.timed_arrivals = true;
    const std::vector<Step> steps = periodic_steps(network, 30, 100, 50);
    const Outcome without = run(network, {}, options, steps);
    CHECK(without.result.latency.missed_deadlines == 0);
    options.deadline_us = without.result.latency.max_us;
    CHECK(run(network, {}, options, steps).result.latency.missed_deadlines == 0);
    options.deadline_us = without.result.latency.max_us - 0.005; // a cycle less
    CHECK(run(network, {}, options, steps).result.latency.missed_deadlines > 0);
    options.deadline_us = 0.005;
    CHECK(run(network, {}, options, steps).result.latency.missed_deadlines == 30);
}

TEST_CASE("a deadline equal to the latency is met, whatever the latency's decimal fraction") {
    const Network network = random_network(recipe(16, {64}), 7);
    SimulationOptions options;
    options.mode = kHidden;
    options.timed_arrivals = true;
    const std::vector<Step> steps = periodic_steps(network, 1, 100, 50);
    Configuration configuration;
    for (int latency = 30; latency < 90; ++latency) { // 0.29 us * 200 MHz is 57.99999999999999 in binary
        configuration.ddr.latency_ns = 5 * latency;
        options.deadline_us = 0;
        options.deadline_us = run(network, configuration, options, steps).result.latency.max_us;
        INFO(options.deadline_us);
        CHECK(run(network, configuration, options, steps).result.latency.missed_deadlines == 0);
    }
}

TEST_CASE("arrival times that make no sense are refused") {
    const Network network = random_network(recipe(4, {4}), 7);
    SimulationOptions options;
    options.mode = kHidden;
    options.timed_arrivals = true;
    for (const double arrival : {-1.0, 1e300, std::nan("")}) {
        std::vector<Step> steps = periodic_steps(network, 2, 0, 1);
        steps[1].arrival_us = arrival;
        CHECK_THROWS_AS(run(network, {}, options, steps), InputError);
    }
}

// ---------------------------------------------------------------- what can't be run

TEST_CASE("a memory depth below what the network needs is refused, with the figure that would do") {
    const Network network = random_network(recipe(16, {64}), 7);
    const QuantizedNetwork quantized = quantize(network, NumberFormats{});
    const Shape automatic = resolve_shape({}, quantized, kHidden);
    const auto with = [&](MemberOf<Shape, std::int64_t> depth, std::int64_t value) {
        Configuration configuration;
        configuration.shape.*depth = value;
        return resolve_shape(configuration, quantized, kHidden);
    };
    const std::pair<MemberOf<Shape, std::int64_t>, const char*> depths[] = {
        {&Shape::weight_words, "weight_words"}, {&Shape::scale_words, "scale_words"},
        {&Shape::bias_words, "bias_words"},     {&Shape::state_words, "state_words"},
        {&Shape::cell_words, "cell_words"},     {&Shape::input_words, "input_words"}};
    for (const auto& [depth, key] : depths) {
        INFO(key);
        // The input memory's `auto` holds four steps, one is enough.
        const std::int64_t needed = depth == &Shape::input_words ? 1 : automatic.*depth;
        CHECK(with(depth, needed).*depth == needed);
        CHECK(with(depth, needed + 5).*depth == needed + 5);
        if (needed > 1)
            CHECK_THROWS_WITH(with(depth, needed - 1),
                              ContainsSubstring(key) && ContainsSubstring(std::to_string(needed)));
    }
    CHECK(automatic.weight_words == 4 * (1 + 4)); // four groups of one x chunk and four h chunks
    CHECK(automatic.scale_words == 4 * 2 * 8);    // groups, parts, slices
    CHECK(automatic.bias_words == 4 * 8);
    CHECK(automatic.state_words == 2 * 4 + 4);
    CHECK(automatic.cell_words == 2 * 32);
    CHECK(automatic.input_words == 4);
}

TEST_CASE("a given depth runs as well as an automatic one") {
    Configuration configuration;
    configuration.shape.input_words = 1;
    configuration.shape.weight_words = 100;
    const Outcome outcome = run(recipe(16, {64}), configuration, 20);
    CHECK(outcome.outputs.size() == 20);
}

TEST_CASE("logits of a network without a dense layer are refused") {
    const Network network = random_network(recipe(4, {4}), 7);
    const QuantizedNetwork quantized = quantize(network, NumberFormats{});
    for (const OutputKind kind : {OutputKind::logits, OutputKind::argmax})
        CHECK_THROWS_WITH(resolve_shape({}, quantized, {kind, OutputSteps::every}),
                          ContainsSubstring("random.onnx") && ContainsSubstring("--output hidden"));
}

TEST_CASE("more layers than descriptors are refused") {
    NetworkRecipe deep = recipe(1, std::vector<int>(32, 1));
    CHECK(run(deep, {}, 2).outputs.size() == 2);
    deep.hidden_sizes.push_back(1);
    CHECK_THROWS_WITH(run(deep, {}, 2), ContainsSubstring("33") && ContainsSubstring("32"));
}

TEST_CASE("a sequence that the on-chip buffers can't hold is refused, and one that just fits runs") {
    for (const int directions : {-1, 2}) {
        NetworkRecipe both = recipe(4, {8});
        both.directions = directions;
        Configuration configuration;
        configuration.shape.max_sequence_steps = 6;
        CHECK(run(both, configuration, 6).outputs.size() == 6);
        CHECK_THROWS_AS(run(both, configuration, 7), InputError);
        CHECK_THROWS_WITH(run(both, configuration, 70), ContainsSubstring("max_sequence_steps"));
        configuration.shape.max_sequence_steps = 128;
        configuration.shape.input_words = 5; // holds five steps of one chunk
        CHECK(run(both, configuration, 5).outputs.size() == 5);
        CHECK_THROWS_AS(run(both, configuration, 6), InputError);
    }
}

TEST_CASE("a forward network takes sequences of any length") {
    Configuration configuration;
    configuration.shape.max_sequence_steps = 1;
    CHECK(run(recipe(4, {8}), configuration, 500).outputs.size() == 500);
}

TEST_CASE("a trace without steps is refused") {
    const Network network = random_network(recipe(4, {8}), 7);
    CHECK_THROWS_WITH(run(network, {}, {kHidden, false, 0}, {}), ContainsSubstring("no steps"));
}

TEST_CASE("a trace that stops within a sequence ends it") {
    for (const int directions : {1, 2}) {
        NetworkRecipe each = recipe(4, {8});
        each.directions = directions;
        const Network network = random_network(each, 7);
        std::vector<Step> steps = random_steps(network, {3, 4}, 8);
        steps.back().last = false;
        const Outcome outcome = run(network, {}, {{OutputKind::hidden, OutputSteps::last}, false, 0}, steps);
        CHECK(outcome.outputs.size() == 2);
        CHECK(outcome.result.sequences == 2);
    }
}

TEST_CASE("a failure in one simulation does not touch the next") {
    const NetworkRecipe each = recipe(4, {8});
    const Outcome before = run(each, {}, 10);
    const Network network = random_network(each, 7);
    std::vector<Step> steps = random_steps(network, {10}, 8);
    steps[5].values.pop_back();
    CHECK_THROWS_AS(run(network, {}, {kHidden, false, 0}, steps), InputError);
    const Outcome after = run(each, {}, 10);
    CHECK(after.result.total_cycles == before.result.total_cycles);
    CHECK(after.outputs.back().values == before.outputs.back().values);
}

// ---------------------------------------------------------------- SIMD

TEST_CASE("every SIMD level of this host runs the same: outputs, cycles, classes") {
    for (const int bits : {1, 8, 12, 16}) {
        NetworkRecipe each = recipe(40, {70, 33});
        each.dense_outputs = 83;
        each.dense_planes = 4;
        Configuration configuration;
        configuration.shape.activation_bits = bits;
        std::vector<Outcome> outcomes;
        for (const simd::Kernels* kernels : simd::available_kernels()) {
            simd::select_kernels(kernels->name);
            outcomes.push_back(run(each, configuration, 20, {OutputKind::logits, OutputSteps::every}));
            INFO(kernels->name << ", A = " << bits);
            CHECK(outcomes.back().result.class_cycles == outcomes.front().result.class_cycles);
            REQUIRE(outcomes.back().outputs.size() == 20);
            for (std::size_t k = 0; k < 20; ++k)
                REQUIRE(outcomes.back().outputs[k].values == outcomes.front().outputs[k].values);
        }
        simd::select_kernels(simd::available_kernels().back()->name);
    }
}

TEST_CASE("a SIMD level that this host lacks is refused by name") {
    CHECK(simd::available_kernels().front()->name == std::string("portable"));
    CHECK_THROWS_WITH(simd::select_kernels("mmx"), ContainsSubstring("mmx") && ContainsSubstring("portable"));
    CHECK_NOTHROW(simd::select_kernels(simd::available_kernels().back()->name));
}
