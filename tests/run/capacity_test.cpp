// Is the capacity that bisection finds the number of streams after which answers come too late?
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "base/error.hpp"
#include "model/synthetic_network.hpp"
#include "run/capacity.hpp"
#include "run/run.hpp"
#include "run/served_steps.hpp"
#include "support/random_network.hpp"

using namespace bru;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr std::uint64_t kFewSteps = 1; ///< a draw: for tests that compare answers of the same draws

RunSpecification machine_of(std::int64_t streams, int hidden) {
    RunSpecification specification;
    specification.model.network = std::make_shared<const Network>(synthetic_network(hidden));
    specification.output.kind = "hidden";
    specification.configuration.shape.streams = streams;
    specification.on_device = false;
    return specification;
}

Demand demand_of(double period_us, double deadline_us, Arrival::Kind kind = Arrival::Kind::periodic) {
    Demand demand;
    demand.arrival = {kind, period_us};
    demand.deadline_us = deadline_us;
    return demand;
}

/// The share of late steps with arrivals of one's own: 400 draws of phases, or ten runs of Poisson arrivals.
double late_by_brute_force(Library& library, const RunSpecification& specification, const Demand& demand,
                           std::int64_t streams) {
    RunSpecification timing = for_timing_alone(specification);
    timing.output.steps = "every";
    const Run run(library, timing);
    const bool periodic = demand.arrival.kind == Arrival::Kind::periodic;
    const std::int64_t each = periodic ? 6 : 10'000 / streams;
    std::mt19937_64 random(4711);
    std::uniform_real_distribution<double> share(0, 1);
    std::int64_t late = 0;
    std::int64_t counted = 0;
    for (int draw = 0; draw < (periodic ? 400 : 20); ++draw) {
        std::vector<Step> steps;
        for (std::int64_t stream = 0; stream < streams; ++stream) {
            double time_us = share(random) * demand.arrival.interval_us;
            for (std::int64_t k = 0; k < each; ++k) {
                Step step;
                step.stream = static_cast<std::uint32_t>(stream);
                step.first = k == 0;
                step.last = k + 1 == each;
                step.arrival_us = time_us;
                steps.push_back(step);
                time_us +=
                    periodic ? demand.arrival.interval_us : -std::log(1 - share(random)) * demand.arrival.interval_us;
            }
        }
        std::stable_sort(steps.begin(), steps.end(),
                         [](const Step& a, const Step& b) { return a.arrival_us < b.arrival_us; });
        const ServedSteps served = serve_steps(run, steps);
        for (std::size_t k = steps.size() / 3; k < steps.size(); ++k, ++counted)
            if (served.machine_us[k] + served.handed_us[k] - steps[k].arrival_us > demand.deadline_us) ++late;
    }
    return static_cast<double>(late) / static_cast<double>(counted);
}

} // namespace

TEST_CASE("arrivals of one's own find the same capacity, whatever the seed") {
    for (const auto kind : {Arrival::Kind::periodic, Arrival::Kind::poisson}) {
        Library library;
        const RunSpecification specification = machine_of(32, 32);
        Demand demand = demand_of(60, 12, kind);
        const Capacity capacity = measure_capacity(library, specification, demand);
        const std::int64_t served = capacity.streams_served;
        INFO("served " << served);
        CHECK((served > 1 && served < 32));
        constexpr double kNoise = 0.002; // of both shares
        CHECK(late_by_brute_force(library, specification, demand, served) < 0.01 + kNoise);
        CHECK(late_by_brute_force(library, specification, demand, served + 1) > 0.01 - kNoise);
        const auto of_served = std::find_if(capacity.probes.begin(), capacity.probes.end(),
                                            [&](const CapacityProbe& probe) { return probe.streams == served; });
        CHECK(of_served->late_share <= 0.01);
        REQUIRE(of_served->late_share_error);
        CHECK(*of_served->late_share_error < 0.002);
        CHECK(of_served->steps >= 300 * 100); // few phases can make many steps late, so many draws were counted
        if (kind == Arrival::Kind::poisson) continue;
        demand.seed = 2;
        CHECK(std::abs(measure_capacity(library, specification, demand).streams_served - served) <= 1);
    }
}

TEST_CASE("no more steps run than the caller allows, but one draw") {
    Library library;
    const CapacityProbe probe = probe_capacity(library, machine_of(48, 32), demand_of(60, 12), 23, 1);
    CHECK(probe.steps <= 23 * 3); // half of 6 periods, which are at least 100 steps
    CHECK_FALSE(probe.late_share_error);
}

TEST_CASE("the capacity of ten random machines is served, and one stream more is not") {
    std::mt19937 random(20);
    int limited = 0;
    for (int machine = 0; machine < 10; ++machine) {
        RunSpecification specification = machine_of(32 + static_cast<std::int64_t>(random() % 64), 32);
        specification.configuration.shape.lanes = 32 << random() % 2;
        specification.configuration.shape.update_width = 1 << random() % 3;
        specification.configuration.host.step_software_ns = 50 + static_cast<std::int64_t>(random() % 300);
        specification.configuration.host.transfer_software_ns = 200 + static_cast<std::int64_t>(random() % 1000);
        const Demand demand = demand_of(5 + static_cast<double>(random() % 20), 4 + static_cast<double>(random() % 20),
                                        random() % 2 == 0 ? Arrival::Kind::periodic : Arrival::Kind::poisson);
        INFO("machine " << machine);
        Library library;
        const Capacity capacity = measure_capacity(library, specification, demand, kFewSteps);
        const std::int64_t streams = capacity.streams_served;
        CHECK(capacity.probes.size() <= 8);
        if (streams > 0) CHECK(probe_capacity(library, specification, demand, streams, kFewSteps).served);
        CHECK(capacity.limited_by_streams == (streams == specification.configuration.shape.streams));
        limited += capacity.limited_by_streams ? 0 : 1;
        if (!capacity.limited_by_streams)
            CHECK_FALSE(probe_capacity(library, specification, demand, streams + 1, kFewSteps).served);
    }
    CHECK(limited >= 5); // the machines, not their streams, decided
}

TEST_CASE("bisection finds what trying every number of streams finds") {
    for (const auto kind : {Arrival::Kind::periodic, Arrival::Kind::poisson}) {
        Library library;
        const RunSpecification specification = machine_of(20, 32);
        const Demand demand = demand_of(12, 20, kind);
        std::int64_t most = 0;
        for (std::int64_t streams = 1; streams <= 20; ++streams)
            if (probe_capacity(library, specification, demand, streams, kFewSteps).served) most = streams;
        CHECK(measure_capacity(library, specification, demand, kFewSteps).streams_served == most);
        CHECK((most > 1 && most < 20));
    }
}

TEST_CASE("where no deadline presses, the throughput of the machine decides") {
    Library library;
    RunSpecification specification = machine_of(64, 64);
    specification.configuration.host.step_software_ns = 1;
    specification.configuration.host.transfer_software_ns = 1;
    SequencePattern pattern;
    pattern.streams = 64;
    const double step_us =
        measure_steady_state(library, specification, pattern).cycles_per_step() / specification.configuration.clock_mhz;
    const Demand demand = demand_of(40.5 * step_us, 1e6);
    specification.configuration.host.output_packet_vectors = 64;
    const std::int64_t served = measure_capacity(library, specification, demand).streams_served;
    CHECK((served >= 39 && served <= 40));
    // With a packet per output, the host is slower than the machine.
    specification.configuration.host.output_packet_vectors = 1;
    const Capacity of_packets = measure_capacity(library, specification, demand);
    CHECK(of_packets.streams_served < 30);
    CHECK(of_packets.probes.front().queue_grows);
}

TEST_CASE("growth decides whether a machine keeps up with periodic streams, and its share with random ones") {
    Library library;
    const auto probe = [&](RunSpecification specification, double share, Arrival::Kind kind) {
        specification.configuration.host.step_software_ns = 1;
        specification.configuration.host.transfer_software_ns = 1;
        const std::int64_t streams = specification.configuration.shape.streams;
        SequencePattern pattern;
        pattern.streams = static_cast<std::uint64_t>(streams);
        const SteadyState steady = measure_steady_state(library, specification, pattern);
        const double period_us =
            static_cast<double>(streams) * steady.cycles_per_step() / specification.configuration.clock_mhz / share;
        return probe_capacity(library, specification, demand_of(period_us, 1e6, kind), streams, kFewSteps);
    };
    RunSpecification slower_back_to_back = machine_of(41, 256);
    slower_back_to_back.configuration.shape.update_width = 4;
    slower_back_to_back.configuration.host.output_packet_vectors = 1;
    CHECK(probe(slower_back_to_back, 1.003, Arrival::Kind::periodic).served);
    CHECK_FALSE(probe(slower_back_to_back, 1.003, Arrival::Kind::poisson).served);

    RunSpecification exact = machine_of(32, 64);
    exact.configuration.host.output_packet_vectors = 64;
    CHECK(probe(exact, 0.9999, Arrival::Kind::periodic).served);
    CHECK(probe(exact, 1.002, Arrival::Kind::periodic).queue_grows); // a bound of 2 % would let it pass
}

TEST_CASE("all streams of a machine that has time to spare are served, and then they are the limit") {
    Library library;
    const Capacity capacity = measure_capacity(library, machine_of(8, 32), demand_of(1000, 100));
    CHECK(capacity.streams_served == 8);
    CHECK(capacity.limited_by_streams);
    CHECK(capacity.probes.size() == 1);
}

TEST_CASE("a deadline below the response of the idle machine serves none") {
    Library library;
    CHECK(measure_capacity(library, machine_of(8, 32), demand_of(1000, 0.5)).streams_served == 0);
}

TEST_CASE("the response has the software in front of the machine in it") {
    Library library;
    RunSpecification specification = machine_of(4, 32);
    specification.configuration.host.step_software_ns = 1;
    specification.configuration.host.transfer_software_ns = 1;
    const Demand demand = demand_of(1000, 1e6);
    const double fast = probe_capacity(library, specification, demand, 1).median_us;
    specification.configuration.host.transfer_software_ns = 20'001;
    CHECK(std::abs(probe_capacity(library, specification, demand, 1).median_us - fast - 20) < 0.02);
}

TEST_CASE("software that cannot keep up serves no more streams, however fast the machine is") {
    Library library;
    RunSpecification specification = machine_of(64, 32);
    specification.configuration.host.step_software_ns = 10'000;
    const Capacity capacity = measure_capacity(library, specification, demand_of(100, 1000));
    CHECK(capacity.streams_served <= 10);
    CHECK(capacity.streams_served >= 8);
}

TEST_CASE("a network that takes whole sequences has no capacity in streams") {
    Library library;
    RunSpecification specification = machine_of(1, 32);
    Network network = *specification.model.network;
    network.layers[0].directions[0].reverse = true;
    specification.model.network = std::make_shared<const Network>(network);
    CHECK_THROWS_WITH(measure_capacity(library, specification, demand_of(100, 100)),
                      ContainsSubstring("answer a whole sequence at a time"));
}
