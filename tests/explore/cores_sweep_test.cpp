// Sweeps over cores, and over how many streams a chip serves: are the values those of a run and of the capacity?
#include "support/catch.hpp"

#include <cmath>

#include <fmt/format.h>

#include "base/error.hpp"
#include "config/load_configuration.hpp"
#include "explore/result_store.hpp"
#include "explore/sweep.hpp"
#include "explore/sweep_files.hpp"
#include "run/capacity.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string kDigits = "[run]\nmodel = " + source("models/digits_h128.onnx") + "\noutput = hidden\nsteps = 200\n";
constexpr const char* kChips = "[platform]\ncores = 1, 2\n[bru]\nlanes = 64, 128\nupdate_width = 4\nstreams = 4\n";

std::vector<StoredPoint> points_of(const std::string& text) {
    const TemporaryFolder folder;
    const SweepPlan plan = load_sweep_plan(folder.write("s.ini", text), {});
    const std::string database = folder / "db";
    run_sweep(plan, {database, 1, {}, "test", {}});
    return ResultStore(database).points();
}

double value(const StoredPoint& point, const char* metric) { return point.values[metric_index(metric)]; }

std::string error_of(const std::string& text) {
    const TemporaryFolder folder;
    try {
        load_sweep_plan(folder.write("s.ini", text), {});
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("streams served and throughput of a sweep are those of the chip's capacity and steady state") {
    const std::vector<StoredPoint> points = points_of(
        "[sweep]\nobjectives = streams_served, streams_per_w\nperiod_us = 4\ndeadline_us = 40\n" + kDigits + kChips);
    REQUIRE(points.size() == 4);
    const TemporaryFolder folder;
    for (const StoredPoint& point : points) {
        INFO(point.error);
        REQUIRE(point.error.empty());
        RunSpecification specification;
        specification.configuration = load_configuration(folder.write("point.ini", point.configuration));
        specification.model.path = source("models/digits_h128.onnx");
        specification.output.kind = "hidden";
        Demand demand;
        demand.arrival = {Arrival::Kind::periodic, 4};
        demand.deadline_us = 40;
        Library library;
        const Capacity capacity = measure_capacity(library, specification, demand);
        CHECK(value(point, "streams_served") == static_cast<double>(capacity.streams_served));
        CHECK(value(point, "streams_per_w") ==
              Approx(static_cast<double>(capacity.streams_served) / value(point, "power_w")));
    }
    // The first key of the file changes slowest: two points of one core, then two of two.
    for (const std::size_t shape : {0, 1}) {
        CHECK(value(points[shape + 2], "steps_per_s") == Approx(2 * value(points[shape], "steps_per_s")).epsilon(0.01));
        CHECK(value(points[shape + 2], "lut") == 2 * value(points[shape], "lut"));
    }
}

TEST_CASE("a sweep without a demand does not measure how many streams are served") {
    for (const StoredPoint& point : points_of(kDigits + kChips)) CHECK(std::isnan(value(point, "streams_served")));
}

TEST_CASE("a sweep for streams says what of their demand is missing") {
    const std::string wanted = "[sweep]\nobjectives = streams_served\n";
    CHECK_THAT(error_of(wanted + kDigits + kChips),
               ContainsSubstring("streams_served needs period_us and deadline_us under [sweep]"));
    CHECK_THAT(error_of(wanted + "period_us = 10\n" + kDigits + kChips),
               ContainsSubstring("streams_served needs deadline_us"));
    CHECK_THAT(error_of("[sweep]\nconstraints = streams_per_w > 3\ndeadline_us = 10\n" + kDigits + kChips),
               ContainsSubstring("streams_per_w needs period_us"));
    CHECK_THAT(error_of("[sweep]\ndeadline_us = 10\n" + kDigits + kChips),
               ContainsSubstring("the demand of streams needs period_us"));
    CHECK_THAT(error_of("[sweep]\nperiod_us = soon\n" + kDigits + kChips),
               ContainsSubstring("period_us = soon: not allowed; allowed is a number of microseconds"));
    CHECK_THAT(error_of("[sweep]\narrival = sometimes\n" + kDigits + kChips),
               ContainsSubstring("allowed is periodic, poisson"));
    CHECK_THAT(error_of(kDigits + "[platform]\ncores = 0, 1\n"),
               ContainsSubstring("platform.cores = 0") && ContainsSubstring("from 1 to 16"));
}

TEST_CASE("the plan of a sweep has its demand, so that a sweep with another one begins anew") {
    const TemporaryFolder folder;
    const auto text = [&](const char* period) {
        const std::string sweep = fmt::format("[sweep]\nperiod_us = {}\ndeadline_us = 5\n", period);
        return load_sweep_plan(folder.write("s.ini", sweep + kDigits + kChips), {}).text();
    };
    CHECK(text("10") != text("20"));
    CHECK(text("10") == text("10"));
}
