#include "fleet/fleet_result.hpp"

#include <algorithm>
#include <vector>

#include "base/integers.hpp"

namespace bru::fleet {

namespace {

constexpr double kJoulesPerKwh = 3.6e6;
constexpr double kSecondsPerYear = 365.25 * 86'400;

Percentiles percentiles_of(const Histogram& histogram, double target_share) {
    Percentiles result;
    result.mean_us = histogram.mean_us();
    result.p50_us = histogram.percentile_us(0.5);
    result.p90_us = histogram.percentile_us(0.9);
    result.p99_us = histogram.percentile_us(0.99);
    result.p999_us = histogram.percentile_us(0.999);
    result.largest_us = histogram.largest_us();
    result.target_us = histogram.percentile_us(target_share);
    return result;
}

Spread spread_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    Spread spread;
    for (const double value : values) spread.mean += value / real(values.size());
    spread.least = values.front();
    spread.median = values[values.size() / 2];
    spread.largest = values.back();
    return spread;
}

/// Shares and energy of the boards of all groups.
void add_boards(FleetResult& result, const Workload& workload, const Simulation& simulation) {
    std::vector<double> machine;
    std::vector<double> software;
    double up_s = 0;
    std::size_t place = 0;
    for (std::size_t group = 0; group < workload.groups.size(); ++group) {
        const BoardService& service = workload.groups[group].service;
        const BoardKind& kind = workload.plan.kinds[group];
        for (std::int64_t k = 0; k < workload.groups[group].count; ++k, ++place) {
            const Board& board = simulation.boards()[place];
            const double board_up_s = in_s(board.up_time(simulation.now()));
            machine.push_back(in_s(board.machine_busy()) / result.counted_s);
            software.push_back(in_s(board.software_busy()) / result.counted_s);
            up_s += board_up_s;
            result.energy_j += board_up_s * (service.idle_w + kind.other_w) +
                               std::min(in_s(board.machine_busy()), board_up_s) * service.busy_w;
            result.cost_boards += kind.price * result.counted_s / (workload.plan.lifetime_years * kSecondsPerYear);
        }
    }
    result.machine_share = spread_of(std::move(machine));
    result.software_share = spread_of(std::move(software));
    result.up_share = up_s / (result.counted_s * real(place));
    result.cost_electricity = result.energy_j / kJoulesPerKwh * workload.plan.electricity_per_kwh;
}

} // namespace

double FleetResult::within_share() const {
    const std::uint64_t finished = steps.made - steps.in_flight();
    return finished > 0 ? ratio(steps.within_deadline, finished) : 0;
}

double FleetResult::unserved_share() const {
    const std::uint64_t unserved = sessions.rejected + sessions.dropped + sessions.waiting;
    return sessions.arrived > 0 ? ratio(unserved, sessions.arrived) : 0;
}

double FleetResult::lost_share() const {
    return steps.made > 0 ? ratio(steps.lost_in_network + steps.lost_in_failures, steps.made) : 0;
}

double FleetResult::cost_per_million() const {
    return steps.answered > 0 ? (cost_boards + cost_electricity) * 1e6 / real(steps.answered) : 0;
}

FleetResult result_of(const Workload& workload, const Simulation& simulation) {
    const FleetPlan& plan = workload.plan;
    const Tally& tally = simulation.tally();
    FleetResult result;
    result.boards = signed_size(simulation.boards());
    result.scale = workload.scale;
    result.counted_s = plan.duration_s - plan.warm_up_s;
    result.steps = tally.steps;
    result.sessions = tally.sessions;
    result.sessions.alive = simulation.sessions_alive();
    result.sessions.waiting = simulation.sessions_waiting();
    result.response = percentiles_of(tally.responses, plan.target_percent / 100);
    result.wait = percentiles_of(tally.waits, plan.target_percent / 100);
    add_boards(result, workload, simulation);
    result.holds = result.within_share() >= plan.target_percent / 100 &&
                   result.unserved_share() <= plan.unserved_percent / 100 && result.steps.answered > 0;
    return result;
}

} // namespace bru::fleet
