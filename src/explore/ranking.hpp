// What objectives and constraints make of evaluated points: what each point violates, the front, the best point. It
// needs no simulation, so a database can be ranked again under other objectives and constraints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "explore/result_store.hpp"

namespace bru {

struct RankingRules {
    std::vector<std::size_t> objectives; ///< metrics; the first one chooses the best point
    std::vector<Constraint> constraints;

    /// The same of a database's plan, as ResultStore::plan() gives it.
    static RankingRules of_plan(const nlohmann::ordered_json& plan);
};

/// The constraints that do not hold, with commas between them; "" where all hold.
std::string violated_constraints(const MetricValues& values, const std::vector<Constraint>& constraints);

/// Ranks everything in the database. Throws InputError that names a metric of the rules that no point has.
Ranking rank(const ResultStore& store, const RankingRules& rules);

} // namespace bru
