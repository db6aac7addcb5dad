// Runs of several streams: what enters, what each stream gets, and what the machine does in steady state.
#include "support/catch.hpp"

#include "model/synthetic_network.hpp"
#include "run/run.hpp"
#include "run/stream_figures.hpp"
#include "support/temporary_folder.hpp"
#include "trace/trace_file.hpp"

using namespace bru;

namespace {

RunSpecification machine_of(std::int64_t streams) {
    RunSpecification specification;
    specification.model.network = std::make_shared<const Network>(synthetic_network(64));
    specification.output = {"hidden", "every"};
    specification.configuration.shape.streams = streams;
    specification.configuration.shape.update_width = 4; // its unit does not limit a step of 64 units
    specification.on_device = false;
    return specification;
}

StreamResult stream_of(double mean_us, double p99_us, std::uint64_t missed = 0) {
    StreamResult stream;
    stream.steps = 10;
    stream.latency = {10, mean_us, mean_us, p99_us, p99_us, missed};
    return stream;
}

/// Steps of `streams` streams in turn, each of them at its time.
std::vector<Step> periodic_steps(const Network& network, std::uint32_t streams, std::size_t count, double period_us) {
    std::vector<Step> steps = synthetic_steps(network, count, count);
    for (std::size_t k = 0; k < count; ++k) {
        steps[k].stream = static_cast<std::uint32_t>(k % streams);
        steps[k].first = k < streams;
        steps[k].last = k + streams >= count;
        steps[k].arrival_us = period_us * static_cast<double>(k) / streams;
    }
    return steps;
}

} // namespace

TEST_CASE("best, median and worst stream are those of the 99th percentile, and Jain's index is that of the means") {
    const std::vector<StreamResult> streams = {
        stream_of(1, 9, 2), stream_of(3, 4), {}, stream_of(2, 5, 1), stream_of(2, 7)};
    const auto figures = stream_figures(streams);
    REQUIRE(figures);
    CHECK(figures->served == 4);
    CHECK(figures->best == 1);
    CHECK(figures->median == 3);
    CHECK(figures->worst == 0);
    CHECK(figures->late == 2);
    CHECK(figures->fairness == Approx(64.0 / (4 * 18)));
    CHECK(stream_figures({stream_of(2, 3), stream_of(2, 4)})->fairness == Approx(1));
    CHECK_FALSE(stream_figures({stream_of(2, 3)}));
    CHECK_FALSE(stream_figures({}));
}

TEST_CASE("random steps are dealt to all streams of the machine in turn") {
    RunSpecification specification = machine_of(8);
    specification.trace.random_steps = 83;
    Library library;
    std::vector<Step> seen;
    RunObservers observers;
    observers.on_step = [&](const Step& step) { seen.push_back(step); };
    const RunOutcome outcome = Run(library, specification).execute(observers);
    REQUIRE(seen.size() == 83);
    for (std::size_t k = 0; k < seen.size(); ++k) {
        CHECK(seen[k].stream == k % 8);
        CHECK(seen[k].first == (k < 8));
        CHECK(seen[k].last == (k >= 75));
    }
    REQUIRE(outcome.simulation.streams.size() == 8);
    CHECK(outcome.simulation.streams[2].steps == 11);
    CHECK(outcome.simulation.streams[3].steps == 10);
    CHECK(outcome.simulation.streams[3].latency.count == 10);
    CHECK(outcome.simulation.sequences == 8);
}

TEST_CASE("cycles per step of several streams are those of long runs, and fewer than of one stream") {
    Library library;
    const auto steady = [&](std::int64_t streams) {
        const RunSpecification specification = machine_of(streams);
        return measure_steady_state(library, specification, Run(library, specification).pattern());
    };
    const SteadyState one = steady(1);
    const SteadyState eight = steady(8);
    CHECK((one.streams == 1 && eight.streams == 8));
    CHECK(eight.reached);
    CHECK(eight.cycles_per_step() < 0.7 * one.cycles_per_step());
    const auto cycles = [&](std::uint64_t steps) {
        RunSpecification specification = machine_of(8);
        specification.trace.random_steps = steps;
        return Run(library, specification).execute().simulation.active_cycles;
    };
    CHECK(static_cast<double>(cycles(8000) - cycles(4000)) / 4000 == Approx(eight.cycles_per_step()).epsilon(0.002));
}

TEST_CASE("streams that arrive evenly wait equally long; one that comes behind another waits longer") {
    Library library;
    const Run run(library, machine_of(4));
    const auto results = [&](const std::vector<Step>& steps) {
        StepList source(steps);
        return run.execute(source, true).simulation.streams;
    };
    std::vector<Step> steps = periodic_steps(run.network(), 4, 400, 20);
    CHECK(stream_figures(results(steps))->fairness > 0.999);
    for (std::size_t k = 0; k < steps.size(); ++k) {
        const std::size_t period = k / 4; // all four streams send at once
        steps[k].arrival_us = 20.0 * static_cast<double>(period);
    }
    const auto together = stream_figures(results(steps));
    CHECK(together->best == 0);
    CHECK(together->worst == 3);
    CHECK(together->fairness < 0.99);
}

TEST_CASE("a trace of several streams runs with the states of each, and its pattern has its streams") {
    const bru::testing::TemporaryFolder folder;
    RunSpecification specification = machine_of(4);
    const Network& network = *specification.model.network;
    TraceWriter writer(folder / "t.trace", trace_header_for(network, true, 3), "");
    for (const Step& step : periodic_steps(network, 3, 90, 30)) writer.write(step);
    writer.finish();
    writer.commit();
    specification.trace.path = folder / "t.trace";
    Library library;
    std::vector<OutputVector> outputs;
    RunObservers observers;
    observers.on_output = [&](const OutputVector& output) { outputs.push_back(output); };
    const Run run(library, specification);
    const RunOutcome outcome = run.execute(observers);
    CHECK(run.pattern().streams == 3);
    CHECK(run.pattern().lengths == std::vector<std::uint64_t>{30});
    CHECK(run.pattern().steps() == 90);
    CHECK(outcome.simulation.sequences == 3);
    TraceReader reader(folder / "t.trace", network);
    Reference reference(run.quantized(), run.mode());
    std::size_t place = 0;
    reference.run(reader, [&](const OutputVector& output) {
        REQUIRE(place < outputs.size());
        CHECK(outputs[place].values == output.values);
        CHECK(outputs[place].stream == output.stream);
        CHECK(outputs[place].sequence == output.sequence);
        CHECK(outputs[place++].step == output.step);
    });
    CHECK(place == 90);
}
