// What a run of a fleet came to: numbers alone, so that a state file keeps finished runs.
#pragma once

#include <cstdint>

#include "fleet/simulation.hpp"

namespace bru::fleet {

struct Percentiles {
    double mean_us = 0;
    double p50_us = 0;
    double p90_us = 0;
    double p99_us = 0;
    double p999_us = 0;
    double largest_us = 0;
    double target_us = 0; ///< at the percentage of the target
};

/// Over the boards.
struct Spread {
    double mean = 0;
    double least = 0;
    double median = 0;
    double largest = 0;
};

struct FleetResult {
    std::int64_t boards = 0;
    double scale = 1;     ///< of the number of sessions
    double counted_s = 0; ///< simulated time without the warm-up
    StepCounts steps;
    SessionCounts sessions;
    Percentiles response;
    Percentiles wait;      ///< of sessions, for a stream
    Spread machine_share;  ///< of a board's time that its machine works
    Spread software_share; ///< the same of its software
    double up_share = 1;   ///< of the boards' time
    double energy_j = 0;
    double cost_boards = 0;      ///< wear of the boards in the time that was counted
    double cost_electricity = 0; ///< in the same time
    bool holds = false;          ///< the target

    double within_share() const;   ///< of the steps that were made and are not under way
    double unserved_share() const; ///< sessions that were rejected or dropped, or wait at the end
    double lost_share() const;
    double cost_per_million() const; ///< answered steps
};

/// `simulation` has advanced to the end of the plan.
FleetResult result_of(const Workload& workload, const Simulation& simulation);

} // namespace bru::fleet
