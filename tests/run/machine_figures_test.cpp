// Are a machine's figures per step its own? No figure of them may depend on how long a run is, on when steps arrive or
// on how deep the input buffer is; and they must be those of long runs.
#include "support/catch.hpp"

#include <cmath>

#include "run/machine_figures.hpp"
#include "run/run.hpp"
#include "support/random_network.hpp"
#include "support/shipped.hpp"

using namespace bru;
using namespace bru::test;

namespace {

RunSpecification with_figures(const char* model, const char* trace, std::uint64_t most_steps) {
    RunSpecification specification;
    specification.model.path = source(model);
    specification.trace = {source(trace), most_steps};
    specification.timing_only = true;
    specification.figures = true;
    return specification;
}

RunSpecification character_model(std::uint64_t most_steps) {
    return with_figures("models/warpeace_h256.onnx", "traces/warpeace.trace", most_steps);
}

void check_close(double a, double b) { CHECK(std::fabs(a - b) <= 0.0005 * std::fabs(b)); }

void check_same(const RunOutcome& a, const RunOutcome& b) {
    check_close(a.figures->steady.cycles_per_step(), b.figures->steady.cycles_per_step());
    check_close(a.figures->response.cycles, b.figures->response.cycles);
    check_close(a.estimate->power->microjoules_per_step(), b.estimate->power->microjoules_per_step());
}

/// Cycles of a step of a run of the machine, as the difference of two long runs.
double cycles_added_per_step(const RunSpecification& given, const std::shared_ptr<const Network>& network,
                             const std::vector<int>& few, const std::vector<int>& many) {
    RunSpecification specification = given;
    specification.model.network = network;
    Library library;
    const Run run(library, specification);
    const auto end = [&](const std::vector<int>& lengths) {
        const std::vector<Step> steps = random_steps(*network, lengths, 3);
        StepList source(steps);
        const SimulationResult result = run.execute(source, false).simulation;
        return std::pair<double, double>(static_cast<double>(result.active_cycles), static_cast<double>(result.steps));
    };
    const auto [few_cycles, few_steps] = end(few);
    const auto [many_cycles, many_steps] = end(many);
    return (many_cycles - few_cycles) / (many_steps - few_steps);
}

} // namespace

TEST_CASE("figures per step do not depend on steps, buffers or arrivals") {
    Library library;
    const RunOutcome usual = Run(library, character_model(2000)).execute();
    CHECK(usual.figures->steady.cycles_per_step() == 480);
    for (const std::uint64_t steps : {1, 50, 500}) check_same(Run(library, character_model(steps)).execute(), usual);
    RunSpecification deep = character_model(50);
    deep.configuration.shape.input_words = 96;
    CHECK(Run(library, deep).execute().figures->response.cycles == usual.figures->response.cycles);
    CHECK(Run(library, deep).execute().figures->steady.cycles_per_step() == 480);
    const RunOutcome poisson =
        Run(library, with_figures("models/warpeace_h256.onnx", "traces/warpeace_poisson.trace", 100)).execute();
    REQUIRE(poisson.timed_arrivals);
    check_same(poisson, usual);
}

TEST_CASE("the depth of the input buffer does not change the energy of a step") {
    for (const char* model : {"models/warpeace_h256.onnx", "models/digits_h128.onnx", "models/mnist_rows_h128.onnx"}) {
        RunSpecification specification;
        specification.model.path = source(model);
        specification.trace.random_steps = 50;
        specification.figures = true;
        Library library;
        const auto step_uj = [&](std::int64_t input_words) {
            RunSpecification deep = specification;
            deep.configuration.shape.input_words = input_words;
            return Run(library, deep).execute().estimate->power->microjoules_per_step();
        };
        const double usual = step_uj(kAuto);
        for (const std::int64_t words : {16, 64, 96, 1024, 8192}) {
            CAPTURE(model, words, usual);
            CHECK(std::fabs(step_uj(words) - usual) <= 0.005 * usual);
        }
    }
}

TEST_CASE("the energy of loading is a figure of its own") {
    Library library;
    const RunOutcome few = Run(library, character_model(1)).execute();
    const RunOutcome many = Run(library, character_model(1000)).execute();
    CHECK(few.estimate->loading_uj > 0);
    CHECK(few.estimate->loading_uj == many.estimate->loading_uj);
}

TEST_CASE("layers of a step sum to it: 480 cycles are 288 of the LSTM and 192 of the dense layer") {
    Library library;
    const MachineFigures figures = *Run(library, character_model(10)).execute().figures;
    REQUIRE(figures.steady.layers.size() == 2);
    CHECK(figures.steady.layers[0].name == "layer 0");
    CHECK(figures.steady.per_step(figures.steady.layers[0].cycles()) == 288);
    CHECK(figures.steady.layers[1].name == "dense");
    CHECK(figures.steady.per_step(figures.steady.layers[1].cycles()) == 192);
    CHECK(figures.steady.per_step(figures.steady.classes()[static_cast<std::size_t>(CycleClass::state_wait)]) == 16);
}

TEST_CASE("the steady state is that of long runs, whatever limits the machine") {
    const auto check = [](const NetworkRecipe& recipe, const Configuration& configuration, OutputMode mode,
                          const std::vector<int>& few, const std::vector<int>& many, const SequencePattern& pattern) {
        const auto network = std::make_shared<const Network>(random_network(recipe, 5));
        RunSpecification specification;
        specification.model.network = network;
        specification.configuration = configuration;
        specification.output = OutputSpecification::of(mode);
        specification.timing_only = true;
        specification.on_device = false;
        Library library;
        const SteadyState steady = measure_steady_state(library, specification, pattern);
        const double wanted = cycles_added_per_step(specification, network, few, many);
        INFO(steady.cycles_per_step() << " " << wanted);
        CHECK(steady.reached);
        CHECK(std::fabs(steady.cycles_per_step() - wanted) <= 0.003 * wanted);
    };
    NetworkRecipe small;
    small.inputs = 28;
    small.hidden_sizes = {64};
    small.dense_outputs = 10;
    const OutputMode every{OutputKind::logits, OutputSteps::every};
    const OutputMode last{OutputKind::logits, OutputSteps::last};
    check(small, {}, every, {2048}, {6144}, {});
    check(small, {}, last, std::vector<int>(20, 28), std::vector<int>(120, 28), {{28}});
    Configuration slow;
    slow.ddr.bandwidth_mb_per_s = 20;
    check(small, slow, every, {2048}, {6144}, {});
    Configuration host;
    host.host.input_transfer_steps = 4;
    check(small, host, every, {2048}, {6144}, {});
    Configuration interrupts; // the host's time between transfers limits, which the first 1,024 steps do not show
    interrupts.host.interrupt_latency_ns = 100'000;
    check(small, interrupts, every, {4096}, {12288}, {});
    interrupts.host.input_transfer_steps = 4000;
    check(small, interrupts, every, {4000}, {68000}, {}); // lcm(4000, 256) is 32,000
    Configuration one_by_one;                             // outputs fill the FIFOs more slowly than steps go by
    one_by_one.host.output_packet_vectors = 1;
    one_by_one.host.interrupt_latency_ns = 20'000;
    check(small, one_by_one, last, std::vector<int>(400, 28), std::vector<int>(800, 28), {{28}});
    NetworkRecipe both = small;
    both.directions = 2;
    both.hidden_sizes = {32, 32};
    check(both, {}, last, std::vector<int>(20, 12), std::vector<int>(120, 12), {{12}});
    check(both, {}, {OutputKind::hidden, OutputSteps::every}, std::vector<int>(20, 12), std::vector<int>(120, 12),
          {{12}});
}

TEST_CASE("without arrival times a deadline is held against the response, whatever the depth of the input buffer") {
    Library library;
    for (const std::int64_t words : {std::int64_t{kAuto}, std::int64_t{512}})
        for (const double deadline_us : {3.8, 3.9}) {
            RunSpecification specification = character_model(500);
            specification.configuration.shape.input_words = words;
            specification.deadline_us = deadline_us;
            const SimulationResult result = Run(library, specification).execute().simulation; // response: 3.83 us
            CHECK(result.latency.missed_deadlines == (deadline_us < 3.83 ? 500 : 0));
        }
}

TEST_CASE("the response does not depend on the length of the trace's sequences, however often memory is refreshed") {
    RunSpecification specification = character_model(1);
    specification.configuration.shape.output_fifo_beats = 4;
    specification.configuration.ddr.refresh_ns = 3000;
    Library library;
    const double cycles = measure_figures(library, specification, {}).response.cycles;
    CHECK(measure_figures(library, specification, {{300}}).response.cycles == cycles);
    CHECK(measure_figures(library, specification, {{7, 9}}).response.cycles == cycles);
}

TEST_CASE("the response of a machine that must have a whole sequence is that to the sequence") {
    NetworkRecipe recipe;
    recipe.directions = 2;
    RunSpecification specification;
    specification.model.network = std::make_shared<const Network>(random_network(recipe, 5));
    specification.timing_only = true;
    specification.on_device = false;
    Library library;
    const MachineFigures short_ones = measure_figures(library, specification, {{4}});
    const MachineFigures long_ones = measure_figures(library, specification, {{4, 40}});
    CHECK(short_ones.response.steps == 4);
    CHECK(long_ones.response.steps == 40);
    CHECK(long_ones.response.cycles > 5 * short_ones.response.service);
    CHECK(short_ones.response.service < short_ones.response.cycles);
    CHECK(long_ones.steady.steps_per_sequence() == 22);
}

TEST_CASE("random sequences are no longer than the machine takes") {
    NetworkRecipe recipe;
    recipe.directions = 2;
    RunSpecification specification;
    specification.model.network = std::make_shared<const Network>(random_network(recipe, 5));
    specification.configuration.shape.max_sequence_steps = 9;
    specification.figures = true;
    specification.on_device = false;
    specification.trace.random_steps = 20;
    Library library;
    const RunOutcome outcome = Run(library, specification).execute();
    CHECK(outcome.simulation.sequences == 3);
    CHECK(outcome.figures->response.steps == 9);
    CHECK(outcome.figures->steady.steps_per_sequence() == 9);
}
