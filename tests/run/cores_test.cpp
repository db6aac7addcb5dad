// Runs on several cores: throughput, what limits it, capacity, golden outputs, and what the chip takes of a device.
#include "support/catch.hpp"

#include <random>

#include "base/error.hpp"
#include "model/synthetic_network.hpp"
#include "run/board_measurement.hpp"
#include "run/capacity.hpp"
#include "run/run.hpp"
#include "support/shipped.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr std::uint64_t kFewSteps = 1; ///< a draw: for tests that compare answers of the same draws

RunSpecification chip_of(std::int64_t cores, std::int64_t streams, int hidden = 64) {
    RunSpecification specification;
    specification.model.network = std::make_shared<const Network>(synthetic_network(hidden));
    specification.output = {"hidden", "every"};
    specification.configuration.platform.cores = cores;
    specification.configuration.shape.streams = streams;
    specification.configuration.shape.update_width = 4;
    specification.on_device = false;
    return specification;
}

SteadyState steady_of(RunSpecification specification, std::int64_t bandwidth_mb_per_s) {
    specification.configuration.ddr.bandwidth_mb_per_s = bandwidth_mb_per_s;
    Library library;
    return measure_steady_state(library, specification, Run(library, specification).pattern());
}

double waiting_share(const CoreSteadyState& core) {
    return ratio(core.classes[index_of(CycleClass::input_wait)] + core.classes[index_of(CycleClass::output_wait)],
                 core.cycles());
}

RunSpecification digits_on(std::int64_t cores) {
    RunSpecification specification;
    specification.model.path = source("models/mnist_rows_h128.onnx");
    specification.trace.path = source("traces/digits.trace");
    specification.output = {"argmax", "last"};
    specification.configuration.platform.cores = cores;
    specification.compare_golden = true;
    return specification;
}

} // namespace

TEST_CASE("with ample bandwidth two and four cores have two and four times the throughput") {
    constexpr std::int64_t kAmple = 100'000;
    for (const std::int64_t streams : {1, 8}) {
        const SteadyState one = steady_of(chip_of(1, streams), kAmple);
        CHECK(one.cores.empty());
        for (const std::int64_t cores : {2, 4}) {
            INFO(cores << " cores of " << streams << " streams");
            const SteadyState several = steady_of(chip_of(cores, streams), kAmple);
            CHECK(several.reached);
            CHECK(several.cores.size() == static_cast<std::size_t>(cores));
            CHECK(several.streams == static_cast<std::uint64_t>(cores * streams));
            CHECK(one.cycles_per_step() / several.chip_cycles_per_step() ==
                  Approx(static_cast<double>(cores)).epsilon(0.01));
        }
    }
}

TEST_CASE("with 600 MB/s DDR limits four cores, and the classes of every core say so") {
    const SteadyState one = steady_of(chip_of(1, 8), 600);
    const SteadyState four = steady_of(chip_of(4, 8), 600);
    CHECK(one.cycles_per_step() / four.chip_cycles_per_step() < 3);
    // 64 bytes of hidden values per step are what DDR has to take most of.
    const double bytes_per_cycle = 64 / four.chip_cycles_per_step();
    CHECK(bytes_per_cycle <= 600.0 / 150);
    CHECK(bytes_per_cycle > 0.9 * 600 / 150);
    for (const CoreSteadyState& core : four.cores) CHECK(waiting_share(core) > 0.25);
    for (const CoreSteadyState& core : steady_of(chip_of(4, 8), 100'000).cores) CHECK(waiting_share(core) < 0.02);
}

TEST_CASE("a trace of sequences on several cores has the golden outputs, and takes a part of the time") {
    Library library;
    const RunOutcome one = Run(library, digits_on(1)).execute();
    for (const std::int64_t cores : {2, 4}) {
        const RunOutcome several = Run(library, digits_on(cores)).execute();
        REQUIRE(several.golden);
        CHECK(several.golden->checked == one.golden->checked);
        CHECK(several.golden->mismatches == 0);
        CHECK(several.simulation.cores.size() == static_cast<std::size_t>(cores));
        CHECK(static_cast<double>(one.simulation.active_cycles) /
                  static_cast<double>(several.simulation.active_cycles) ==
              Approx(static_cast<double>(cores)).epsilon(0.03));
    }
}

TEST_CASE("a chip takes the resources of its cores, and says where they do not fit") {
    Library library;
    const RunOutcome one = Run(library, digits_on(1)).execute();
    const RunOutcome two = Run(library, digits_on(2)).execute();
    const RunOutcome four = Run(library, digits_on(4)).execute();
    CHECK(two.estimate->resources.total.lut == 2 * one.estimate->resources.total.lut);
    CHECK(four.estimate->resources.total.dsp == 4 * one.estimate->resources.total.dsp);
    CHECK(four.estimate->resources.total.bram36() == 4 * one.estimate->resources.total.bram36());
    CHECK(four.estimate->resources.core.lut == one.estimate->resources.core.lut);
    CHECK(two.estimate->resources.fits);
    CHECK_FALSE(four.estimate->resources.fits);
}

TEST_CASE("two cores take twice the dynamic power, and share the static one") {
    RunSpecification specification = digits_on(1);
    specification.figures = true;
    Library library;
    const PowerEstimate one = *Run(library, specification).execute().estimate->power;
    specification.configuration.platform.cores = 2;
    const PowerEstimate two = *Run(library, specification).execute().estimate->power;
    CHECK(two.static_watts == one.static_watts);
    CHECK(two.dynamic_watts() == Approx(2 * one.dynamic_watts()).epsilon(0.01));
    CHECK(two.microjoules_per_step() ==
          Approx(one.microjoules_per_step() - one.per_step(one.static_watts) / 2).epsilon(0.01));
}

TEST_CASE("the cycles of a golden file are those of one core, unless the key says otherwise") {
    Library library;
    RunSpecification specification = digits_on(1);
    const std::string one = cycles_manifest(Run(library, specification), false);
    CHECK(one.find("platform") == std::string::npos);
    specification.configuration.platform.cores = 2;
    CHECK_THAT(cycles_manifest(Run(library, specification), false), ContainsSubstring("platform.cores = 2"));
}

TEST_CASE("a trace with more streams than the cores have is refused") {
    // Streams above the machine's are told before the simulation, by Run; here the encoder of a core finds them.
    Library library;
    const RunSpecification specification = chip_of(2, 2);
    std::vector<Step> steps = synthetic_steps(*specification.model.network, 6, 1);
    for (std::size_t k = 0; k < steps.size(); ++k) steps[k].stream = static_cast<std::uint32_t>(k);
    StepList source(steps);
    CHECK_THROWS_WITH(Run(library, specification).execute(source, false), ContainsSubstring("stream"));
}

TEST_CASE("the capacity of random chips is served, and one stream more is not") {
    std::mt19937 random(7);
    int limited = 0;
    for (int chip = 0; chip < 6; ++chip) {
        RunSpecification specification =
            chip_of(2 + static_cast<std::int64_t>(random() % 3), 8 + static_cast<std::int64_t>(random() % 24), 32);
        specification.configuration.shape.update_width = 1 << random() % 3;
        specification.configuration.host.step_software_ns = 20 + static_cast<std::int64_t>(random() % 60);
        specification.configuration.host.transfer_software_ns = 50 + static_cast<std::int64_t>(random() % 300);
        Demand demand;
        demand.arrival = {random() % 2 == 0 ? Arrival::Kind::periodic : Arrival::Kind::poisson,
                          5 + static_cast<double>(random() % 20)};
        demand.deadline_us = 4 + static_cast<double>(random() % 20);
        INFO("chip " << chip);
        Library library;
        const Capacity capacity = measure_capacity(library, specification, demand, kFewSteps);
        const std::int64_t all = specification.configuration.streams();
        if (capacity.streams_served > 0)
            CHECK(probe_capacity(library, specification, demand, capacity.streams_served, kFewSteps).served);
        CHECK(capacity.limited_by_streams == (capacity.streams_served == all));
        if (capacity.limited_by_streams) continue;
        ++limited;
        CHECK_FALSE(probe_capacity(library, specification, demand, capacity.streams_served + 1, kFewSteps).served);
    }
    CHECK(limited >= 3); // the chips, not their streams, decided
}

TEST_CASE("trying every number of streams finds the capacity of a chip with three cores") {
    Library library;
    RunSpecification specification = chip_of(3, 8, 32);
    specification.configuration.host.step_software_ns = 30;
    specification.configuration.host.transfer_software_ns = 100;
    Demand demand;
    demand.arrival = {Arrival::Kind::periodic, 10};
    demand.deadline_us = 20;
    std::int64_t most = 0;
    for (std::int64_t streams = 1; streams <= 24; ++streams)
        if (probe_capacity(library, specification, demand, streams, kFewSteps).served) most = streams;
    CHECK(measure_capacity(library, specification, demand, kFewSteps).streams_served == most);
    CHECK((most > 1 && most < 24));
}

TEST_CASE("where software costs nothing, four cores serve four times as many streams") {
    Library library;
    Demand demand;
    demand.arrival = {Arrival::Kind::periodic, 20};
    demand.deadline_us = 1000;
    const auto served = [&](std::int64_t cores) {
        RunSpecification specification = chip_of(cores, 128);
        specification.configuration.ddr.bandwidth_mb_per_s = 100'000;
        specification.configuration.host.step_software_ns = 1;
        specification.configuration.host.transfer_software_ns = 1;
        specification.configuration.host.register_access_ns = 10; // four cores have one processor
        specification.configuration.host.interrupt_latency_ns = 10;
        specification.configuration.host.output_packet_vectors = 64;
        return measure_capacity(library, specification, demand, kFewSteps);
    };
    const Capacity one = served(1);
    const Capacity four = served(4);
    CHECK_FALSE(one.limited_by_streams);
    CHECK_FALSE(four.limited_by_streams);
    CHECK(static_cast<double>(four.streams_served) ==
          Approx(4 * static_cast<double>(one.streams_served)).epsilon(0.01).margin(4));
}

TEST_CASE("a board of a fleet has one core") {
    Library library;
    CHECK_THROWS_WITH(measure_board(library, chip_of(2, 4)), ContainsSubstring("platform.cores = 2"));
}
