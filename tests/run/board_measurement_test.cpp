// Does the model of a board answer when the full simulation does?
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "base/error.hpp"
#include "fleet/board.hpp"
#include "model/synthetic_network.hpp"
#include "run/board_measurement.hpp"
#include "run/run.hpp"
#include "run/served_steps.hpp"
#include "trace/step_sources.hpp"

using namespace bru;
using Catch::Matchers::ContainsSubstring;

namespace {

RunSpecification machine_of(int hidden, std::int64_t streams) {
    RunSpecification specification;
    specification.model.network = std::make_shared<const Network>(synthetic_network(hidden));
    specification.output.kind = "hidden";
    specification.output.steps = "every";
    specification.configuration.shape.streams = streams;
    specification.on_device = false;
    specification.timing_only = true;
    return specification;
}

struct Offered {
    std::vector<fleet::Session> sessions;
    std::vector<Step> steps; ///< of all sessions, by time
};

/// Sessions that begin at 0 and make `each` steps, and their steps.
Offered offered_to(std::size_t streams, fleet::StepKind kind, double period_us, std::size_t each, std::uint64_t seed) {
    Offered offered;
    for (std::size_t stream = 0; stream < streams; ++stream) {
        fleet::Session session;
        session.random = fleet::Random(seed, fleet::Purpose::session, stream);
        session.kind = kind;
        session.period = fleet::of_us(period_us);
        session.next_created = session.random.between(0, session.period);
        session.end = fleet::kForever;
        fleet::Session copy = session;
        for (std::size_t k = 0; k < each; ++k) {
            Step step;
            step.stream = static_cast<std::uint32_t>(stream);
            step.first = k == 0;
            step.last = k + 1 == each;
            step.arrival_us = fleet::in_us(copy.next_created);
            offered.steps.push_back(step);
            copy.next_created += copy.draw_distance();
        }
        session.end = copy.next_created;
        offered.sessions.push_back(session);
    }
    std::stable_sort(offered.steps.begin(), offered.steps.end(),
                     [](const Step& a, const Step& b) { return a.arrival_us < b.arrival_us; });
    return offered;
}

struct Responses {
    double mean = 0;
    double p99 = 0;
};

Responses full_simulation(const RunSpecification& specification, const Offered& offered) {
    Library library;
    const ServedSteps served = serve_steps(Run(library, specification), offered.steps);
    std::vector<double> responses;
    for (std::size_t k = 0; k < offered.steps.size(); ++k)
        responses.push_back(served.handed_us[k] + served.machine_us[k] - offered.steps[k].arrival_us);
    std::sort(responses.begin(), responses.end());
    const double sum = std::accumulate(responses.begin(), responses.end(), 0.0);
    return {sum / static_cast<double>(responses.size()), responses[responses.size() * 99 / 100]};
}

Responses board_model(const fleet::BoardService& service, const Offered& offered) {
    const fleet::Network network;
    fleet::Tally tally;
    fleet::Board board(service, network);
    for (const fleet::Session& session : offered.sessions) board.take(session);
    board.advance(fleet::of_us(offered.steps.back().arrival_us) + fleet::of_s(1), tally);
    CHECK(tally.steps.made == offered.steps.size());
    CHECK(tally.steps.answered == offered.steps.size());
    return {tally.responses.mean_us(), tally.responses.percentile_us(0.99)};
}

struct Case {
    const char* name;
    RunSpecification specification;
};

/// Limited by the host's thread, by the core, by the software.
std::vector<Case> boards() {
    std::vector<Case> cases = {{"64 units, 32 streams", machine_of(64, 32)},
                               {"256 units, 16 streams", machine_of(256, 16)},
                               {"512 units, 8 streams", machine_of(512, 8)}};
    cases.push_back({"256 units, 16 streams, Linux", machine_of(256, 16)});
    cases.back().specification.configuration.host.software = SoftwareKind::linux_uio;
    return cases;
}

constexpr double kTolerance = 0.02;

/// The clocks of core and DMA: with each pair, the requests of core and host meet in another order.
void compare_boards(double clock_mhz, double dma_clock_mhz, std::initializer_list<std::uint64_t> seeds) {
    for (Case& each : boards()) {
        each.specification.configuration.clock_mhz = clock_mhz;
        each.specification.configuration.dma_clock_mhz = dma_clock_mhz;
        Library library;
        const fleet::BoardService service = measure_board(library, each.specification);
        const auto streams = static_cast<std::size_t>(service.streams);
        for (const std::uint64_t seed : seeds) {
            for (const auto kind : {fleet::StepKind::periodic, fleet::StepKind::poisson}) {
                for (const double load : {0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95}) {
                    const double period_us =
                        fleet::saturated_interval_us(service) * static_cast<double>(streams) / load;
                    const Offered offered = offered_to(streams, kind, period_us, 30'000 / streams, seed);
                    const Responses full = full_simulation(each.specification, offered);
                    const Responses model = board_model(service, offered);
                    INFO(each.name << (kind == fleet::StepKind::periodic ? ", periodic" : ", Poisson") << ", load "
                                   << load << ", seed " << seed << ": mean " << full.mean << " us and " << model.mean
                                   << ", p99 " << full.p99 << " and " << model.p99);
                    CHECK(std::abs(model.mean / full.mean - 1) < kTolerance);
                    CHECK(std::abs(model.p99 / full.p99 - 1) < kTolerance);
                }
            }
        }
    }
}

} // namespace

TEST_CASE("the model of a board answers within 2 % of the full simulation, in mean and 99th percentile") {
    compare_boards(150, 150, {7, 9});
}

TEST_CASE("the model of a board follows another clock") { compare_boards(200, 200, {9}); }

TEST_CASE("the model of a board follows a DMA with a clock of its own") { compare_boards(200, 150, {9}); }

TEST_CASE("one session on one board gets the latency of the full simulation") {
    Library library;
    RunSpecification specification = machine_of(256, 1);
    const fleet::BoardService service = measure_board(library, specification);
    const Offered offered = offered_to(1, fleet::StepKind::periodic, 1000, 200, 3);
    const Responses full = full_simulation(specification, offered);
    const Responses model = board_model(service, offered);
    INFO(full.mean << " " << model.mean);
    CHECK(std::abs(model.mean / full.mean - 1) < 0.005);
}

TEST_CASE("a network that takes whole sequences has no board") {
    Library library;
    RunSpecification specification = machine_of(32, 1);
    Network network = *specification.model.network;
    network.layers[0].directions[0].reverse = true;
    specification.model.network = std::make_shared<const Network>(network);
    CHECK_THROWS_WITH(measure_board(library, specification), ContainsSubstring("answer a whole sequence at a time"));
}
