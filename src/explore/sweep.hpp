// A sweep from plan to table: takes up what the database has, evaluates the rest in worker processes, marks the front.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "explore/result_store.hpp"
#include "explore/sweep_plan.hpp"

namespace bru {

struct SweepOptions {
    std::string database;
    unsigned processes = 1;
    Shard shard;
    std::string version; ///< of the program, for the database
    /// Points that are there, and those of the shard in all. Called often; what it throws ends the sweep, and what was
    /// evaluated stays.
    std::function<void(std::uint64_t done, std::uint64_t total)> on_progress;
};

struct SweepSummary {
    std::uint64_t planned = 0;   ///< points of this shard
    std::uint64_t evaluated = 0; ///< now; the others were in the database
    std::uint64_t not_built = 0; ///< points with an error
    std::uint64_t feasible = 0;
    double seconds = 0; ///< of the evaluations
};

/// Throws InputError on a database that cannot be used.
SweepSummary run_sweep(const SweepPlan& plan, const SweepOptions& options);

/// Joins the databases of shards into a new or existing one, and marks the front. Returns the number of planned points
/// that are still missing. Throws InputError where they are of different sweeps, or differ in a row that both have.
std::uint64_t merge_sweeps(const std::string& into, const std::vector<std::string>& parts);

} // namespace bru
