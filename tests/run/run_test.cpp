// From a specification to an outcome: does a run load, check, simulate, compare and estimate what it was asked to?
#include "support/catch.hpp"

#include <numeric>

#include "base/error.hpp"
#include "run/run.hpp"
#include "support/random_network.hpp"
#include "support/shipped.hpp"
#include "support/temporary_folder.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

/// The character model over the first steps of its trace.
RunSpecification warpeace(std::uint64_t most_steps) {
    RunSpecification specification;
    specification.model.path = source("models/warpeace_h256.onnx");
    specification.trace = {source("traces/warpeace.trace"), most_steps};
    return specification;
}

RunSpecification random_run(const std::shared_ptr<const Network>& network) {
    RunSpecification specification;
    specification.model.network = network;
    specification.on_device = false;
    return specification;
}

std::string message_of(const RunSpecification& specification) {
    Library library;
    try {
        Run(library, specification).execute();
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("a run over a whole trace is compared with its golden file and estimated on its device") {
    RunSpecification specification = warpeace(0);
    specification.trace.most_steps = std::nullopt;
    specification.compare_golden = true;
    specification.figures = true;
    Library library;
    const Run run(library, specification);
    const RunOutcome outcome = run.execute();
    CHECK(outcome.simulation.steps == 2000);
    CHECK(std::accumulate(outcome.simulation.class_cycles.begin(), outcome.simulation.class_cycles.end(),
                          std::uint64_t{0}) == outcome.simulation.total_cycles);
    REQUIRE(outcome.golden);
    CHECK(outcome.golden->checked == 2000 * 82);
    CHECK(outcome.golden->mismatches == 0);
    CHECK(outcome.golden_remark.empty());
    REQUIRE(outcome.estimate);
    CHECK(outcome.estimate->resources.fits);
    CHECK(outcome.estimate->power->dynamic_watts() > 0);
    CHECK(run.configuration().shape.weight_words > 0);
    CHECK(run.device().name == "XC7Z020-1");
    const auto cycles = find_cycles(golden_path(specification.trace.path), golden_cycles(run, outcome).key);
    REQUIRE(cycles);
    CHECK(cycles->counts == golden_cycles(run, outcome).counts);
}

TEST_CASE("a run of part of a trace, or of other outputs, says why nothing was compared") {
    RunSpecification specification = warpeace(20);
    specification.compare_golden = true;
    Library library;
    const RunOutcome cut = Run(library, specification).execute();
    CHECK(cut.simulation.steps == 20);
    CHECK(!cut.golden);
    CHECK_THAT(cut.golden_remark, ContainsSubstring("--steps"));
    specification.configuration.shape.activation_bits = 5;
    const RunOutcome other = Run(library, specification).execute();
    CHECK(!other.golden);
    CHECK_THAT(other.golden_remark, ContainsSubstring("A5 N10 S16") && ContainsSubstring("bru check --update"));
    specification.compare_golden = false;
    CHECK(Run(library, specification).execute().golden_remark.empty());
}

TEST_CASE("a run without values takes the cycles of a whole run") {
    RunSpecification specification = warpeace(100);
    Library library;
    const SimulationResult whole = Run(library, specification).execute().simulation;
    specification.timing_only = true;
    const Run timing(library, specification);
    const SimulationResult first = timing.execute().simulation;
    const SimulationResult again = timing.execute().simulation;
    CHECK(first.total_cycles == whole.total_cycles);
    CHECK(first.class_cycles == whole.class_cycles);
    CHECK(first.latency.p99_us == whole.latency.p99_us);
    CHECK(again.total_cycles == whole.total_cycles);
}

TEST_CASE("a network and steps in memory run without files and without a device") {
    NetworkRecipe recipe;
    recipe.dense_outputs = 3;
    const auto network = std::make_shared<const Network>(random_network(recipe, 1));
    const std::vector<Step> list = random_steps(*network, {4, 2}, 2);
    RunSpecification specification = random_run(network);
    specification.output = OutputSpecification::of({OutputKind::argmax, OutputSteps::last});
    Library library;
    const Run run(library, specification);
    StepList steps(list);
    int seen = 0;
    int put_out = 0;
    PortRecord ports;
    RunObservers observers;
    observers.on_step = [&](const Step&) { ++seen; };
    observers.on_output = [&](const OutputVector& output) {
        CHECK(output.values.size() == 1);
        ++put_out;
    };
    observers.ports = &ports;
    const RunOutcome outcome = run.execute(steps, false, observers);
    CHECK(run.mode().kind == OutputKind::argmax);
    CHECK(seen == 6);
    CHECK(put_out == 2);
    CHECK(!ports.output_cycles.empty());
    CHECK(!outcome.estimate);
}

TEST_CASE("one library reads each file once, and notes each warning once") {
    std::vector<std::string> notes;
    Library library([&](const std::string& message) { notes.push_back(message); });
    RunSpecification specification = warpeace(10);
    specification.configuration.clock_mhz = 250;
    const Run first(library, specification);
    specification.configuration.shape.lanes = 128;
    const Run second(library, specification);
    CHECK(&first.network() == &second.network());
    CHECK(&first.quantized() == &second.quantized());
    CHECK(&first.device() == &second.device());
    REQUIRE(notes.size() == 1);
    CHECK_THAT(notes[0], ContainsSubstring("bru.clock_mhz = 250"));
    specification.configuration.shape.activation_bits = 4;
    CHECK(&Run(library, specification).quantized() != &first.quantized());
    specification.model.quantization.dense_weight_bits = 2;
    CHECK(&Run(library, specification).network() != &first.network());
}

TEST_CASE("a specification that cannot run says what is wrong, and where, once") {
    RunSpecification specification = warpeace(10);
    specification.configuration.file = "my.ini";
    SECTION("a memory that is too small") {
        specification.configuration.shape.weight_words = 5;
        CHECK_THAT(message_of(specification), StartsWith("my.ini: bru.weight_words = 5 is too small"));
    }
    SECTION("a device that is not there") {
        specification.configuration.device = "nothing";
        CHECK_THAT(message_of(specification), StartsWith("my.ini: bru.device = nothing: no such device file"));
    }
    SECTION("a model that is not there") {
        specification.model.path = "none.onnx";
        CHECK_THAT(message_of(specification), StartsWith("none.onnx: cannot be read: there is no such file"));
    }
    SECTION("a trace that is not there") {
        specification.trace.path = "none.trace";
        CHECK_THAT(message_of(specification), StartsWith("none.trace: cannot be read"));
    }
    SECTION("a trace of another model") {
        specification.trace.path = source("traces/digits.trace");
        CHECK_THAT(message_of(specification), StartsWith(specification.trace.path + ": its input is vector 28"));
    }
    SECTION("weights beyond the block RAM of the device") {
        specification.configuration.shape.weight_words = 1 << 20;
        CHECK_THAT(message_of(specification), ContainsSubstring("larger than the block RAM"));
        specification.on_device = false;
        CHECK(message_of(specification).empty());
    }
}

TEST_CASE("a trace of more streams than the machine has is refused") {
    const bru::testing::TemporaryFolder folder;
    RunSpecification specification = warpeace(0);
    const std::string head = "bru trace 1\nmodel 359a485e685a98c6 m.onnx\ninput onehot 82\narrival back-to-back\n";
    specification.trace = {folder.write("t.trace", head + "streams 2\nbegin\n0 FL 1\n1 FL 2\nend 2\n"), std::nullopt};
    for (const bool timing_only : {false, true}) {
        specification.timing_only = timing_only;
        CHECK_THAT(message_of(specification),
                   ContainsSubstring("t.trace: the trace has 2 streams, and the machine has bru.streams = 1; set "
                                     "--bru.streams=2"));
    }
}

TEST_CASE("an error of an observer keeps its own place; one without gets the trace") {
    Library library;
    const Run run(library, warpeace(10));
    const auto failing = [&](const InputError& error) -> std::string {
        RunObservers observers;
        observers.on_step = [&](const Step&) { throw error; };
        try {
            run.execute(observers);
        } catch (const InputError& caught) {
            return caught.what();
        }
        return "";
    };
    CHECK(failing(InputError("bad step")) == run.specification().trace.path + ": bad step");
    CHECK(failing(InputError({"out.csv"}, "disk full")) == "out.csv: disk full");
}

TEST_CASE("a run that is longer than it may be ends with its own exception") {
    RunSpecification specification = warpeace(10);
    specification.most_cycles = 1000;
    Library library;
    CHECK_THROWS_AS(Run(library, specification).execute(), NotFinished);
}
