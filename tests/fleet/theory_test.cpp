// Do queues wait as long as theory says? Steps at one machine (M/D/1), and sessions for k streams (M/D/k).
#include "support/catch.hpp"

#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "fleet/workloads.hpp"

using namespace bru::fleet;

namespace {

/// Mean wait of M/D/1 in service times (Pollaczek-Khinchine).
double wait_of_one(double load) { return load / (2 * (1 - load)); }

/// Mean wait of M/D/k in service times, from the distribution of the number of customers. Over one service time, those
/// in service leave and a Poisson number comes, so that the number n' = max(n - k, 0) + A (C. D. Crommelin, "Delay
/// Probability Formulae When the Holding Times Are Constant", 1932). The distribution is iterated until it stands.
double wait_of(int servers, double load) {
    const double mean = servers * load;
    const auto size = static_cast<std::size_t>(servers + 60 + 60 / (1 - load));
    std::vector<double> come(size);
    double chance = std::exp(-mean);
    for (std::size_t n = 0; n < size; ++n) {
        come[n] = chance;
        chance *= mean / static_cast<double>(n + 1);
    }
    std::vector<double> numbers(size, 0.0);
    numbers[0] = 1;
    double waiting = 0;
    for (int turn = 0; turn < 20'000; ++turn) {
        std::vector<double> next(size, 0.0);
        for (std::size_t n = 0; n < size; ++n) {
            const std::size_t stay = n > static_cast<std::size_t>(servers) ? n - static_cast<std::size_t>(servers) : 0;
            if (numbers[n] < 1e-15) continue;
            for (std::size_t a = 0; a + stay < size && come[a] > 1e-15; ++a) next[stay + a] += numbers[n] * come[a];
        }
        numbers = next;
        double mean_waiting = 0;
        for (std::size_t n = static_cast<std::size_t>(servers); n < size; ++n)
            mean_waiting += numbers[n] * static_cast<double>(n - static_cast<std::size_t>(servers));
        if (turn > 100 && std::abs(mean_waiting - waiting) < 1e-10) break;
        waiting = mean_waiting;
    }
    return waiting / mean; // Little's law: per arrival, in service times
}

} // namespace

TEST_CASE("the solution for k servers is that of Pollaczek and Khinchine for one") {
    for (const double load : {0.3, 0.6, 0.9, 0.95}) CHECK(std::abs(wait_of(1, load) / wait_of_one(load) - 1) < 1e-4);
}

TEST_CASE("steps at random wait for one machine as theory says") {
    for (const double load : {0.3, 0.5, 0.7, 0.8, 0.9, 0.95}) {
        // 200 sessions of random steps together are a Poisson process; a step takes 100 us.
        const double steps_per_s = load / 100e-6;
        const FleetResult result =
            run_whole(plain_workload(fmt::format("[fleet]\nduration_s = {}\nwarm_up_s = 5\n"
                                                 "[board]\nstep_us = 100\nstreams = 200\n"
                                                 "[sessions]\npermanent = 200\nsteps = poisson\n"
                                                 "period_ms = {}\ndeadline_ms = 10\n",
                                                 load > 0.8 ? 800 : 200, 200'000 / steps_per_s)));
        const double wait = result.response.mean_us / 100 - 1;
        INFO("load " << load << ": " << wait << " service times; theory " << wait_of_one(load));
        CHECK(std::abs(wait / wait_of_one(load) - 1) < 0.02);
        CHECK(std::abs(result.machine_share.mean / load - 1) < 0.01);
    }
}

TEST_CASE("sessions wait for k streams as theory says") {
    for (const int streams : {2, 4, 8}) {
        for (const double load : {0.3, 0.5, 0.7, 0.9, 0.95}) {
            // Sessions of 0.1 s; with few waits, many sessions are needed to count enough of them.
            const double sessions = load > 0.9 ? 16e6 : load < 0.5 && streams == 8 ? 16e6 : 4e6;
            const double per_s = streams * load * 10;
            const FleetResult result = run_whole(plain_workload(
                fmt::format("[fleet]\nduration_s = {}\nwarm_up_s = 50\nfull = wait\ndispatch = round_robin\n"
                            "[board]\nstep_us = 1\ncount = {}\n[sessions]\nper_s = {}\nduration = fixed\n"
                            "duration_s = 0.1\nperiod_ms = 1e6\ndeadline_ms = 1\n",
                            sessions / per_s, streams, per_s)));
            const double wait = result.wait.mean_us / 1e5;
            INFO(streams << " streams, load " << load << ": " << wait << " durations; theory "
                         << wait_of(streams, load));
            CHECK(std::abs(wait / wait_of(streams, load) - 1) < 0.02);
        }
    }
}
