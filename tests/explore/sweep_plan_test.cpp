// Does a sweep file mean the points that it should, and is a wrong one told where it is wrong?
#include "support/catch.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "explore/sweep_files.hpp"
#include "explore/sweep_plan.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

SweepPlan plan_of(const std::string& text, const std::vector<Override>& overrides = {}) {
    const TemporaryFolder folder;
    return load_sweep_plan(folder.write("s.ini", text), overrides);
}

std::string error_of(const std::string& text, const std::vector<Override>& overrides = {}) {
    try {
        plan_of(text, overrides);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("the grid has every combination once, the last key fastest") {
    const SweepPlan plan =
        plan_of(warpeace_run(5) + "[bru]\nlanes = 32, 64\nlane_width = 4..12 step 4\nclock_mhz = 100\n");
    REQUIRE(plan.axes.size() == 2);
    CHECK(plan.grid_size() == 6);
    CHECK(plan.points == 6);
    CHECK(plan.setup(plan.grid_assignment(0)).configuration.shape.lanes == 32);
    CHECK(plan.setup(plan.grid_assignment(1)).configuration.shape.lane_width == 8);
    const PointSetup last = plan.setup(plan.grid_assignment(5));
    CHECK(last.configuration.shape.lanes == 64);
    CHECK(last.configuration.shape.lane_width == 12);
    CHECK(last.configuration.clock_mhz == 100);
    CHECK(last.run_option("steps") == std::string("5"));
    // The baseline has the defaults of what varies, and what the sweep fixes.
    const PointSetup baseline = plan.baseline();
    CHECK(baseline.configuration.shape.lanes == Shape{}.lanes);
    CHECK(baseline.configuration.clock_mhz == 100);
}

TEST_CASE("models and traces in lists of the same length go together") {
    const std::string both = fmt::format("[run]\nmodel = {}, {}\ntrace = {}, {}\n", source("models/warpeace_h256.onnx"),
                                         source("models/mnist_rows_h128.onnx"), source("traces/warpeace.trace"),
                                         source("traces/digits.trace"));
    const SweepPlan plan = plan_of(both + "[bru]\nlanes = 32, 64\n");
    REQUIRE(plan.axes.size() == 2);
    CHECK(plan.grid_size() == 4);
    const PointSetup point = plan.setup(plan.grid_assignment(3));
    CHECK_THAT(point.run.at("model"), ContainsSubstring("mnist"));
    CHECK_THAT(point.run.at("trace"), ContainsSubstring("digits"));
    CHECK_THAT(error_of(fmt::format("[run]\nmodel = {}\ntrace = {}, {}\n", source("models/warpeace_h256.onnx"),
                                    source("traces/warpeace.trace"), source("traces/digits.trace"))),
               ContainsSubstring("run.trace has 2 values, run.model 1"));
}

TEST_CASE("overrides replace lists, and a value is kept as the configuration writes it") {
    const std::string text = warpeace_run(5) + "[bru]\nlanes = 32, 64\nlane_width = 8, 08\n";
    CHECK(plan_of(text).axes.size() == 1);
    const SweepPlan plan =
        plan_of(text, {{"bru.lanes", "16..64 step *2"}, {"sweep.seed", "7"}, {"dma.fifo_beats", "64,128"}});
    CHECK(plan.axes.size() == 2);
    CHECK(plan.grid_size() == 6);
    CHECK(plan.seed == 7);
    CHECK(plan.text() != plan_of(text).text());
}

TEST_CASE("a wrong sweep file is told where it is wrong") {
    const std::string run = warpeace_run(5);
    CHECK_THAT(error_of("[bru]\nlanes = 32, 64\n"), ContainsSubstring("no run.model"));
    CHECK_THAT(error_of("[bru]\nlanes = 32\n"),
               ContainsSubstring("s.ini: has nothing to sweep") && ContainsSubstring("'lanes = 32, 64' under [bru]"));
    CHECK_THAT(error_of("[bru]\nlanes = 32\n[sweep]\nconstraints = fits\n"), ContainsSubstring("no run.model"));
    CHECK_THAT(error_of("[sweep]\nobjectives = lut ; small\n"), ContainsSubstring("a comment begins with # here"));
    CHECK_THAT(error_of(fmt::format("[run]\nmodel = {}\n[bru]\nlanes = 32, 64\n[sweep]\npredictions = yes\n",
                                    source("models/warpeace_h256.onnx"))),
               ContainsSubstring("no run.trace, and predictions are scored"));
    CHECK_THAT(error_of(run + "[bru]\nlanes = 32, 63\n"),
               ContainsSubstring("s.ini:6") && ContainsSubstring("bru.lanes = 63"));
    CHECK_THAT(error_of(run + "[bru]\nlanse = 32\n"), ContainsSubstring("Did you mean 'bru.lanes'"));
    CHECK_THAT(error_of(run + "[bru]\nlanes = 64..32\n"),
               ContainsSubstring("s.ini:6") && ContainsSubstring("no range"));
    CHECK_THAT(error_of(run + "[bru]\ndevice = xc7z020, xc7z99\n"), ContainsSubstring("xc7z99"));
    CHECK_THAT(error_of(run + "[sweep]\nsampling = sobol\n"), ContainsSubstring("grid, random, lhs, nsga2"));
    CHECK_THAT(error_of(run + "[sweep]\nsampling = random\n"), ContainsSubstring("needs points = N"));
    CHECK_THAT(error_of(run + "[sweep]\npoints = 5\n"), ContainsSubstring("grid takes all points"));
    CHECK_THAT(error_of(run + "[sweep]\nobjectives = cycles_per_stp\n"),
               ContainsSubstring("Did you mean 'cycles_per_step'"));
    CHECK_THAT(error_of(run + "[sweep]\nobjectives = cycles_idle\n"), ContainsSubstring("cannot be an objective"));
    CHECK_THAT(error_of(run + "[sweep]\nconstraints = fits, latency_us\n"),
               ContainsSubstring("a comparison is missing"));
    CHECK_THAT(error_of(run + "[sweep]\nconstraints = latency_us <\n"), ContainsSubstring("constraint 'latency_us <'"));
    CHECK_THAT(error_of(run + "[sweep]\nconstraints = accuracy_loss < 0.01\npredictions = no\n"),
               ContainsSubstring("predictions = no"));
    CHECK_THAT(error_of("[run]\nmodel = absent.onnx\n"),
               ContainsSubstring("s.ini:2") && ContainsSubstring("there is no such model"));
    CHECK_THAT(error_of(run, {{"bru.lane", "4"}}), ContainsSubstring("unknown parameter"));
    const std::string large = run + "[bru]\nweight_words = 1..99999\nscale_words = 1..99999\n";
    CHECK_THAT(error_of(large), ContainsSubstring("use sampling = nsga2"));
    CHECK(plan_of(large + "[sweep]\nsampling = lhs\npoints = 10\n").points == 10);
}

TEST_CASE("constraints hold or tell how far they are from it") {
    MetricValues values(metrics().size(), 0);
    values[metric_index("latency_us")] = 6;
    values[metric_index("fits")] = 1;
    CHECK(Constraint::parse("fits").holds(values));
    CHECK_FALSE(Constraint::parse("meets_clock").holds(values));
    CHECK(Constraint::parse("latency_us<=6").holds(values));
    CHECK_FALSE(Constraint::parse("latency_us < 6").holds(values));
    CHECK(Constraint::parse("latency_us >= 6").holds(values));
    CHECK(Constraint::parse("latency_us = 6").holds(values));
    CHECK(Constraint::parse("latency_us < 5").violation(values) == Approx(0.2));
    CHECK(Constraint::parse("latency_us < 3").violation(values) == Approx(1.0));
    values[metric_index("accuracy_loss")] = std::nan("");
    CHECK_FALSE(Constraint::parse("accuracy_loss < 1").holds(values));
}
