// The table of a sweep as JSON (what `bru report` draws, too) and as CSV. docs/sweeps.md lists the keys.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "explore/margins.hpp"
#include "explore/result_store.hpp"

namespace bru {

/// The plan as the database keeps it: what the JSON says of axes, fixed keys, objectives and constraints.
nlohmann::ordered_json plan_json(const SweepPlan& plan);

/// Where the best point holds a constraint only within the error of the estimate; empty where it is not known.
std::vector<NarrowMargin> margins_of_best(const ResultStore& store);

nlohmann::ordered_json sweep_json(const ResultStore& store);
std::string sweep_csv(const ResultStore& store);

} // namespace bru
