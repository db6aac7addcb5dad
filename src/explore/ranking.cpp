#include "explore/ranking.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "explore/pareto.hpp"

namespace bru {

namespace {

/// A metric that no point has would make every point infeasible without a word.
void check_measured(const std::vector<StoredPoint>& points, const RankingRules& rules, const std::string& path) {
    const bool any_ran =
        std::any_of(points.begin(), points.end(), [](const StoredPoint& point) { return !point.values.empty(); });
    if (!any_ran) return;
    const auto check = [&](std::size_t metric, const std::string& what) {
        const bool known = std::any_of(points.begin(), points.end(), [metric](const StoredPoint& point) {
            return !point.values.empty() && !std::isnan(point.values[metric]);
        });
        if (!known)
            throw InputError({path}, fmt::format("{} was not measured for any point ({}); leave out the {}, or use "
                                                 "another metric of docs/sweeps.md",
                                                 metrics()[metric].key, metrics()[metric].help, what));
    };
    for (const std::size_t objective : rules.objectives)
        check(objective, fmt::format("objective {}", metrics()[objective].key));
    for (const Constraint& constraint : rules.constraints)
        check(constraint.metric(), fmt::format("constraint '{}'", constraint.text()));
}

Judgement judgement_of(const StoredPoint& point, const std::vector<Constraint>& constraints) {
    if (point.values.empty()) return {point.number, false, ""};
    const std::string violated = violated_constraints(point.values, constraints);
    return {point.number, violated.empty(), violated};
}

} // namespace

RankingRules RankingRules::of_plan(const nlohmann::ordered_json& plan) {
    RankingRules rules;
    for (const auto& key : plan.at("objectives")) rules.objectives.push_back(metric_index(key));
    for (const auto& text : plan.at("constraints")) rules.constraints.push_back(Constraint::parse(text));
    return rules;
}

std::string violated_constraints(const MetricValues& values, const std::vector<Constraint>& constraints) {
    std::string violated;
    for (const Constraint& constraint : constraints)
        if (!constraint.holds(values)) violated += (violated.empty() ? "" : ", ") + constraint.text();
    return violated;
}

/// The front: feasible points that none dominates. The best of these in the first objective (ties: the next ones, then
/// the lowest number) is the best point.
Ranking rank(const ResultStore& store, const RankingRules& rules) {
    const std::vector<StoredPoint> points = store.points();
    check_measured(points, rules, store.path());
    Ranking ranking;
    if (const auto baseline = store.find(kBaseline))
        ranking.judgements.push_back(judgement_of(*baseline, rules.constraints));
    std::vector<std::int64_t> numbers;
    std::vector<std::vector<double>> values;
    for (const StoredPoint& point : points) {
        ranking.judgements.push_back(judgement_of(point, rules.constraints));
        if (!ranking.judgements.back().feasible) continue;
        std::vector<double> of_point = objective_values(point.values, rules.objectives);
        if (std::any_of(of_point.begin(), of_point.end(), [](double value) { return std::isnan(value); })) continue;
        numbers.push_back(point.number);
        values.push_back(std::move(of_point));
    }
    std::optional<std::size_t> best;
    for (const std::size_t place : pareto_front(values)) {
        ranking.front.push_back(numbers[place]);
        if (!best || values[place] < values[*best]) best = place;
    }
    if (best) ranking.best = numbers[*best];
    return ranking;
}

} // namespace bru
