// Does a fleet of three boards answer as three full simulations do, that get the same sessions?
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "base/error.hpp"
#include "config/load_configuration.hpp"
#include "fleet/fleet_result.hpp"
#include "run/fleet_boards.hpp"
#include "run/run.hpp"
#include "run/served_steps.hpp"
#include "support/temporary_folder.hpp"

using namespace bru;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr std::size_t kBoards = 3;
constexpr double kSeconds = 0.2;

const std::string kMachine = std::string(BRU_SOURCE_DIR) + "/configs/z7020.ini";
const std::string kModel = std::string(BRU_SOURCE_DIR) + "/models/warpeace_h256.onnx";

fleet::FleetPlan plan_of(double period_ms, const char* steps) {
    return fleet::read_fleet_plan(fmt::format("[fleet]\nduration_s = {}\ndispatch = round_robin\n[board]\nconfig = {}\n"
                                              "model = {}\nstreams = 8\ncount = {}\n[sessions]\npermanent = {}\n"
                                              "steps = {}\nperiod_ms = {}\ndeadline_ms = 1\n",
                                              kSeconds, kMachine, kModel, kBoards, 8 * kBoards, steps, period_ms),
                                  "fleet.ini", {});
}

/// The steps that board `board` gets: those of every third session.
std::vector<Step> steps_for(std::size_t board, const fleet::FleetPlan& plan) {
    fleet::SessionSource source(plan.sessions, plan.seed, 1, nullptr);
    std::vector<Step> steps;
    for (std::size_t number = 0; number < 8 * kBoards; ++number) {
        fleet::Session session = source.take().session;
        if (number % kBoards != board) continue;
        const std::size_t first = steps.size();
        for (; session.next_created <= fleet::of_s(kSeconds); session.next_created += session.draw_distance()) {
            Step step;
            step.stream = static_cast<std::uint32_t>(number / kBoards);
            step.first = steps.size() == first;
            step.arrival_us = fleet::in_us(session.next_created);
            steps.push_back(step);
        }
        steps.back().last = true;
    }
    std::stable_sort(steps.begin(), steps.end(),
                     [](const Step& a, const Step& b) { return a.arrival_us < b.arrival_us; });
    return steps;
}

std::vector<double> responses_of_all(Library& library, const fleet::FleetPlan& plan) {
    RunSpecification specification;
    specification.configuration = resolve_configuration(kMachine, {{"bru.streams", "8"}});
    specification.model.path = kModel;
    specification.output.steps = "every";
    specification.timing_only = true;
    specification.on_device = false;
    std::vector<double> responses;
    for (std::size_t board = 0; board < kBoards; ++board) {
        const std::vector<Step> steps = steps_for(board, plan);
        const ServedSteps served = serve_steps(Run(library, specification), steps);
        for (std::size_t k = 0; k < steps.size(); ++k)
            responses.push_back(served.handed_us[k] + served.machine_us[k] - steps[k].arrival_us);
    }
    std::sort(responses.begin(), responses.end());
    return responses;
}

} // namespace

TEST_CASE("three boards of a fleet answer within 2 % of three full simulations, at several loads") {
    for (const char* const steps : {"periodic", "poisson"}) {
        for (const double load : {0.2, 0.5, 0.7, 0.85}) {
            const fleet::FleetPlan plan = plan_of(8 * 3.2e-3 / load, steps); // a step takes 3.2 us in steady state
            Library library;
            const fleet::Workload workload = fleet_workload(library, plan);
            fleet::Simulation simulation(workload);
            simulation.begin_counting();
            simulation.advance(fleet::of_s(kSeconds) + fleet::of_s(0.01)); // the last steps are answered, too
            const fleet::FleetResult result = fleet::result_of(workload, simulation);
            const std::vector<double> full = responses_of_all(library, plan);
            const double mean = std::accumulate(full.begin(), full.end(), 0.0) / static_cast<double>(full.size());
            const double p99 = full[full.size() * 99 / 100];
            INFO(steps << ", load " << load << ": mean " << mean << " us and " << result.response.mean_us << ", p99 "
                       << p99 << " and " << result.response.p99_us);
            CHECK(std::abs(result.response.mean_us / mean - 1) < 0.02);
            CHECK(std::abs(result.response.p99_us / p99 - 1) < 0.02);
        }
    }
}

TEST_CASE("what a fleet file gives stands in place of what is measured") {
    const bru::testing::TemporaryFolder folder;
    fleet::FleetPlan plan = plan_of(1, "periodic");
    plan.kinds[0].step_us = 5;
    plan.kinds[0].busy_w = 3;
    plan.kinds[0].transfer_software_us = 7;
    Library library;
    const fleet::BoardService service = board_groups(library, plan).at(0).service;
    CHECK(service.streams == 8);
    CHECK(service.interval == fleet::of_us(5));
    CHECK(service.busy_w == 3);
    CHECK(service.idle_w > 0.1); // of the estimate
    CHECK(service.software_transfer == fleet::of_us(7));
    CHECK(service.software_step == fleet::of_us(0.29)); // of the configuration
    plan.kinds[0].model = folder / "none.onnx";
    CHECK_THROWS_WITH(board_groups(library, plan), ContainsSubstring("fleet.ini: [board]:"));
}
