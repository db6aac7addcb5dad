// Properties of every fleet: nothing is lost without being counted, more load is never faster, a seed is a result.
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>

#include <fmt/format.h>

#include "base/error.hpp"
#include "fleet/archive.hpp"
#include "fleet/workloads.hpp"
#include "support/temporary_folder.hpp"

using namespace bru;
using namespace bru::fleet;
using Catch::Matchers::ContainsSubstring;

namespace {

/// Any fleet, small enough to run at once.
std::string random_fleet(std::mt19937& random) {
    const auto one_of = [&random](std::initializer_list<const char*> words) {
        return *(words.begin() + random() % words.size());
    };
    const auto number = [&random](unsigned low, unsigned high) {
        return low + static_cast<unsigned>(random() % (high - low + 1));
    };
    std::string text = fmt::format(
        "[fleet]\nduration_s = 20\nwarm_up_s = {}\nseed = {}\ndispatch = {}\nfull = {}\nwaiting_places = {}\n",
        number(0, 5), number(0, 1000), one_of({"round_robin", "least_loaded", "sticky"}), one_of({"reject", "wait"}),
        number(1, 20));
    text += fmt::format("[board]\nstep_us = {}\nresponse_us = {}\ncount = {}\nstreams = {}\nstep_software_us = {}\n",
                        number(1, 2000), number(1, 5000), number(1, 5), number(1, 6), number(0, 100));
    text += fmt::format("[board_2]\nstep_us = {}\ncount = {}\nstreams = 2\n", number(1, 2000), number(1, 3));
    text += fmt::format("[sessions]\nper_s = {}\npermanent = {}\nduration = {}\nduration_s = {}\nsteps = {}\nperiod_ms "
                        "= {}\ndeadline_ms = 5\n",
                        number(1, 40), number(0, 8), one_of({"fixed", "exponential", "uniform"}), number(1, 5) * 0.2,
                        one_of({"periodic", "poisson"}), number(1, 40));
    text += fmt::format("[network]\ndelay_ms = {}\njitter_ms = {}\nloss_percent = {}\n", number(0, 60), number(0, 3),
                        number(0, 5));
    if (random() % 2 == 0)
        text += fmt::format("[failures]\nmtbf_h = 0.001\nmttr_min = 0.02\nsessions = {}\nmove_ms = {}\n",
                            one_of({"move", "drop"}), number(0, 50));
    return text;
}

bool is_same(const FleetResult& a, const FleetResult& b) {
    return a.steps.made == b.steps.made && a.steps.answered == b.steps.answered &&
           a.steps.within_deadline == b.steps.within_deadline && a.steps.lost_in_failures == b.steps.lost_in_failures &&
           a.sessions.arrived == b.sessions.arrived && a.sessions.ended == b.sessions.ended &&
           a.response.mean_us == b.response.mean_us && a.response.p999_us == b.response.p999_us &&
           a.wait.mean_us == b.wait.mean_us && a.energy_j == b.energy_j;
}

std::string small_fleet(const std::string& more = "") {
    return "[fleet]\nduration_s = 30\nfull = wait\n[board]\nstep_us = 900\ncount = 3\nstreams = 4\n[sessions]\nper_s = "
           "20\n"
           "duration_s = 0.5\nperiod_ms = 10\ndeadline_ms = 5\n[network]\ndelay_ms = 1\nloss_percent = 1\n"
           "[failures]\nmtbf_h = 0.002\nmttr_min = 0.01\n" +
           more;
}

} // namespace

TEST_CASE("in 200 random fleets, every session and every step is accounted for") {
    std::mt19937 random(20);
    for (int k = 0; k < 200; ++k) {
        const std::string text = random_fleet(random);
        INFO(text);
        const FleetResult result = run_whole(plain_workload(text));
        const SessionCounts& sessions = result.sessions;
        CHECK(sessions.arrived ==
              sessions.ended + sessions.rejected + sessions.dropped + sessions.alive + sessions.waiting);
        const StepCounts& steps = result.steps;
        CHECK(steps.made > 0);
        CHECK(steps.answered + steps.lost_in_network + steps.lost_in_failures <= steps.made);
        CHECK(steps.within_deadline <= steps.answered);
        CHECK(result.response.p50_us <= result.response.p99_us);
        CHECK(result.response.p99_us <= result.response.largest_us);
    }
}

TEST_CASE("steps that are neither answered nor lost are few, and those of the last moments") {
    const FleetResult result = run_whole(plain_workload(small_fleet()));
    CHECK(result.steps.in_flight() < 20);
    CHECK(result.steps.lost_in_network > 0);
    CHECK(result.steps.lost_in_failures > 0);
    CHECK(result.sessions.moved > 0);
}

TEST_CASE("a seed is a result, and another seed is another one") {
    const FleetResult first = run_whole(plain_workload(small_fleet()));
    CHECK(is_same(first, run_whole(plain_workload(small_fleet()))));
    Workload other = plain_workload(small_fleet());
    other.plan.seed = 2;
    CHECK_FALSE(is_same(first, run_whole(other)));
}

TEST_CASE("a fleet of a seed has these numbers on every platform") {
    const FleetResult result = run_whole(plain_workload(small_fleet()));
    CHECK(result.steps.made == 30'257);
    CHECK(result.steps.within_deadline == 28'923);
    CHECK(result.sessions.arrived == 619);
}

TEST_CASE("a state that was saved goes on as the run would have") {
    const Workload workload = plain_workload(small_fleet("[cost]\nlifetime_years = 4\n"));
    Simulation whole(workload);
    whole.begin_counting();
    whole.advance(of_s(30));
    Simulation begun(workload);
    begun.begin_counting();
    begun.advance(of_s(11.3));
    StateWriter writer;
    writer(begun);
    Simulation continued(workload);
    StateReader reader(writer.bytes());
    reader(continued);
    CHECK(reader.at_end());
    continued.advance(of_s(30));
    CHECK(is_same(result_of(workload, whole), result_of(workload, continued)));
}

TEST_CASE("responses get longer with the load, and fewer sessions find a stream") {
    double before_us = 0;
    double before_rejected = -1;
    for (const double scale : {0.2, 0.5, 0.8, 1.0, 1.5}) {
        Workload workload =
            plain_workload("[fleet]\nduration_s = 200\nwarm_up_s = 5\n[board]\nstep_us = 200\ncount = 4\nstreams = 20\n"
                           "[sessions]\nper_s = 60\nduration_s = 1\nsteps = poisson\nperiod_ms = 4\ndeadline_ms = 5\n");
        workload.scale = scale;
        const FleetResult result = run_whole(workload);
        CHECK(result.response.mean_us > before_us);
        CHECK(result.unserved_share() >= before_rejected);
        before_us = result.response.mean_us;
        before_rejected = result.unserved_share();
    }
    CHECK(before_rejected > 0.1);
}

TEST_CASE("sessions go where the dispatch says") {
    const auto spread = [](const char* dispatch) {
        const FleetResult result = run_whole(plain_workload(
            fmt::format("[fleet]\nduration_s = 10\ndispatch = {}\n[board]\nstep_us = 100\ncount = 10\nstreams = 50\n"
                        "[sessions]\npermanent = 100\nclients = 1\nperiod_ms = 10\ndeadline_ms = 5\n",
                        dispatch)));
        CHECK(result.sessions.rejected == 0);
        return result.machine_share;
    };
    CHECK(spread("round_robin").least == spread("round_robin").largest);
    CHECK(spread("least_loaded").least == spread("least_loaded").largest);
    const Spread sticky = spread("sticky"); // one client: two boards are full, the others are idle
    CHECK(sticky.median == 0);
    CHECK(sticky.largest > 0.4);
}

TEST_CASE("network and idle board make the whole response of a lone session") {
    const FleetResult result = run_whole(
        plain_workload("[fleet]\nduration_s = 10\n[board]\nstep_us = 100\nresponse_us = 250\nstep_software_us = 20\n"
                       "transfer_software_us = 30\n[sessions]\npermanent = 1\nperiod_ms = 10\ndeadline_ms = 5\n"
                       "[network]\ndelay_ms = 2\n"));
    CHECK(std::abs(result.response.mean_us - 4300) < 0.001);
    CHECK(std::abs(result.response.largest_us - 4300) < 0.001);
    CHECK(result.steps.answered == result.steps.within_deadline);
}

TEST_CASE("the boards needed hold the target, and one board less does not") {
    const Workload workload =
        plain_workload("[fleet]\nduration_s = 20\nwarm_up_s = 1\n[board]\nstep_us = 500\nstreams = 100\n"
                       "[sessions]\npermanent = 200\nsteps = poisson\nperiod_ms = 20\ndeadline_ms = 3\n");
    FleetRunOptions options;
    options.find_boards = true;
    const FleetAnswer answer = run_fleet(workload, options);
    REQUIRE(answer.boards_needed);
    CHECK(*answer.boards_needed > 5);
    for (const BoardTrial& trial : answer.trials) CHECK(trial.result.holds == (trial.boards >= *answer.boards_needed));
    CHECK(std::any_of(answer.trials.begin(), answer.trials.end(),
                      [&](const BoardTrial& trial) { return trial.boards + 1 == *answer.boards_needed; }));
}

TEST_CASE("no number of boards holds a deadline below the response of an idle one") {
    FleetRunOptions options;
    options.find_boards = true;
    const FleetAnswer answer =
        run_fleet(plain_workload("[fleet]\nduration_s = 2\n[board]\nstep_us = 500\nstreams = 10\n"
                                 "[sessions]\npermanent = 20\nperiod_ms = 20\ndeadline_ms = 0.4\n"),
                  options);
    CHECK_FALSE(answer.boards_needed);
}

TEST_CASE("a state file of another fleet, or a damaged one, is refused") {
    const bru::testing::TemporaryFolder folder;
    FleetRunOptions options;
    options.state_file = folder / "fleet.state";
    const FleetAnswer first = run_fleet(plain_workload(small_fleet()), options);
    CHECK_FALSE(first.was_continued);
    const FleetAnswer second = run_fleet(plain_workload(small_fleet()), options);
    CHECK(second.was_continued);
    CHECK(is_same(first.result, second.result));
    CHECK_THROWS_WITH(run_fleet(plain_workload(small_fleet("[cost]\nlifetime_years = 4\n")), options),
                      ContainsSubstring("is the state of another fleet"));
    std::fstream(options.state_file, std::ios::in | std::ios::out | std::ios::binary).seekp(40).put('x');
    CHECK_THROWS_WITH(run_fleet(plain_workload(small_fleet()), options),
                      ContainsSubstring("is damaged; remove the file"));
    std::ofstream(options.state_file) << "x";
    CHECK_THROWS_WITH(run_fleet(plain_workload(small_fleet()), options), ContainsSubstring("is no state file"));
}

TEST_CASE("random numbers are these on every platform") {
    Random random(1, Purpose::session, 0);
    double sum = 0;
    double squares = 0;
    for (int k = 0; k < 100'000; ++k) {
        const double value = static_cast<double>(random.exponential(of_us(1))) / 1e6;
        sum += value;
        squares += value * value;
    }
    CHECK(std::abs(sum / 1e5 - 1) < 0.01);
    CHECK(std::abs(squares / 1e5 - 2) < 0.05);
    for (const double value : {1.0, 0.999999, 0.5, 0.1, 1e-3, 1e-10, 0x1.0p-53})
        CHECK(std::abs(natural_logarithm(value) - std::log(value)) <= 1e-14 * std::abs(std::log(value)));
}
