#include "report/fleet_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/integers.hpp"
#include "base/printable.hpp"
#include "report/aligned_table.hpp"
#include "report/text.hpp"

namespace bru {

namespace {

using fleet::FleetResult;

std::string time_text(double us) {
    if (us < 1000) return short_number(us) + " us";
    if (us < 1e6) return short_number(us / 1000) + " ms";
    return short_number(us / 1e6) + " s";
}

std::string percent(double share) {
    if (share > 0 && share < 5e-7) return "< 0.0001 %";
    if (share < 1 && share > 0.99995) return fmt::format("{:.5f} %", std::min(100 * share, 99.99999));
    return fmt::format("{:.4g} %", 100 * share);
}

std::string boards_text(std::int64_t boards) {
    return boards == 1 ? "1 board" : grouped(static_cast<std::uint64_t>(boards)) + " boards";
}

std::string deadline_text(const fleet::FleetPlan& plan) { return time_text(plan.sessions.deadline_ms * 1000); }

std::string fleet_verdict(const FleetReport& report) {
    const fleet::FleetPlan& plan = report.workload.plan;
    const FleetResult& result = report.answer.result;
    return fmt::format("{}: {} answered within {}, {} wanted; {} of sessions not served, {:.4g} % allowed",
                       result.holds ? "the target holds" : "the target does not hold", percent(result.within_share()),
                       deadline_text(plan), percent(plan.target_percent / 100), percent(result.unserved_share()),
                       plan.unserved_percent);
}

std::string needed_text(const FleetReport& report) {
    const fleet::FleetAnswer& answer = report.answer;
    const std::string section = report.workload.plan.kinds.size() > 1 ? " of [board]" : "";
    if (!answer.boards_needed)
        return fmt::format("no number of boards holds the target: with {}{}, {} are answered in time",
                           boards_text(answer.trials.back().boards), section,
                           percent(answer.trials.back().result.within_share()));
    const auto of = [&answer](std::int64_t boards) {
        for (const fleet::BoardTrial& trial : answer.trials)
            if (trial.boards == boards) return &trial.result;
        return static_cast<const FleetResult*>(nullptr);
    };
    std::string text = fmt::format("{}{} hold the target", boards_text(*answer.boards_needed), section);
    if (*answer.boards_needed == 1) text = fmt::format("1 board{} holds the target", section);
    if (const FleetResult* const fewer = of(*answer.boards_needed - 1))
        text += fmt::format("; with {}, {} are answered in time and {} of sessions not served",
                            boards_text(*answer.boards_needed - 1), percent(fewer->within_share()),
                            percent(fewer->unserved_share()));
    return text;
}

std::string load_text(const FleetReport& report) {
    const fleet::OfferedLoad offered = fleet::offered_load(report.workload);
    return fmt::format("{} of the streams taken, {} of the steps that the boards can answer; {} limit",
                       percent(offered.of_streams), percent(offered.of_steps),
                       report.answer.limited_by_streams ? "streams" : "steps");
}

std::string sessions_text(const FleetResult& result) {
    const fleet::SessionCounts& counts = result.sessions;
    std::string text = fmt::format("{} arrived, {} ended, {} rejected, {} alive", grouped(counts.arrived),
                                   grouped(counts.ended), grouped(counts.rejected), grouped(counts.alive));
    if (counts.waiting > 0) text += fmt::format(", {} waiting", grouped(counts.waiting));
    if (counts.moved + counts.dropped > 0)
        text +=
            fmt::format("; {} moved and {} dropped when boards failed", grouped(counts.moved), grouped(counts.dropped));
    return text;
}

std::string steps_text(const FleetResult& result) {
    const fleet::StepCounts& steps = result.steps;
    return fmt::format("{} made, {} answered; {} lost in the network, {} with boards; {} under way",
                       grouped(steps.made), grouped(steps.answered), grouped(steps.lost_in_network),
                       grouped(steps.lost_in_failures), grouped(steps.in_flight()));
}

std::string percentiles_text(const fleet::Percentiles& percentiles) {
    return fmt::format("median {}, 90 % {}, 99 % {}, 99.9 % {}; mean {}, largest {}", time_text(percentiles.p50_us),
                       time_text(percentiles.p90_us), time_text(percentiles.p99_us), time_text(percentiles.p999_us),
                       time_text(percentiles.mean_us), time_text(percentiles.largest_us));
}

std::string spread_text(const fleet::Spread& spread) {
    return fmt::format("{} ({} to {})", percent(spread.mean), percent(spread.least), percent(spread.largest));
}

std::string fleet_energy_text(const FleetResult& result) {
    const double steps = real(std::max<std::uint64_t>(result.steps.answered, 1));
    return fmt::format("{} W on average, {} uJ per answered step", short_number(result.energy_j / result.counted_s),
                       short_number(result.energy_j / steps * 1e6));
}

std::string cost_text(const FleetResult& result) {
    return fmt::format(
        "{:.4g} per million answered steps; {} per year", result.cost_per_million(),
        short_number((result.cost_boards + result.cost_electricity) / result.counted_s * 365.25 * 86'400));
}

std::string loads_table(const FleetReport& report) {
    const fleet::FleetAnswer& answer = report.answer;
    if (answer.loads.empty()) return "";
    const auto knee = fleet::knee_of(answer.loads);
    AlignedTable table({2, true, 1, {8, 12, 11, 11, 11, 11, 12}});
    table.add({"load", "sessions", "p50 us", "p99 us", "p99.9 us", "in time", "not served"});
    for (std::size_t k = 0; k < answer.loads.size(); ++k) {
        const fleet::LoadPoint& point = answer.loads[k];
        const FleetResult& result = point.result;
        table.add({fmt::format("{:.4g}{}", point.load, knee && *knee == k ? " knee" : ""),
                   grouped(result.sessions.arrived), short_number(result.response.p50_us),
                   short_number(result.response.p99_us), short_number(result.response.p999_us),
                   percent(result.within_share()), percent(result.unserved_share())});
    }
    return "\n" + table.text();
}

std::string best_load_text(const FleetReport& report) {
    double best = 0;
    for (const fleet::LoadPoint& point : report.answer.loads)
        if (point.result.holds) best = std::max(best, point.load);
    return best > 0 ? fmt::format("the target holds up to a load of {:.4g}, of those that were tried", best)
                    : "the target holds at none of the loads that were tried";
}

} // namespace

std::string fleet_table(const FleetReport& report) {
    const fleet::FleetPlan& plan = report.workload.plan;
    const FleetResult& result = report.answer.result;
    std::int64_t streams = 0;
    for (const fleet::BoardGroup& group : report.workload.groups) streams += group.count * group.service.streams;
    std::string text = report_line("answer", fleet_verdict(report));
    if (!report.answer.trials.empty()) text += report_line("boards needed", needed_text(report));
    if (!report.answer.loads.empty()) text += report_line("loads", best_load_text(report));
    text += "\n";
    text += report_line("fleet", fmt::format("{}: {}, {} streams", printable(plan.file), boards_text(result.boards),
                                             grouped(static_cast<std::uint64_t>(streams))));
    text += report_line("offered", load_text(report));
    text += report_line("sessions", sessions_text(result));
    if (result.wait.largest_us > 0) text += report_line("waits", percentiles_text(result.wait));
    text += report_line("steps", steps_text(result));
    text += report_line("response", percentiles_text(result.response));
    text += report_line("machine works", spread_text(result.machine_share));
    text += report_line("software works", spread_text(result.software_share));
    if (plan.failures.mtbf_h > 0) text += report_line("boards up", percent(result.up_share) + " of the time");
    if (result.energy_j > 0) text += report_line("power", fleet_energy_text(result));
    if (result.cost_boards + result.cost_electricity > 0) text += report_line("cost", cost_text(result));
    return text + loads_table(report);
}

} // namespace bru
