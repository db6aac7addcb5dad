// The runs that answer the questions of a fleet file: the fleet as it is, its load against its latency, and the least
// number of boards that holds the target. A state file keeps finished runs and the one under way, so that a run that
// was killed goes on where it was.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fleet/fleet_result.hpp"

namespace bru::fleet {

struct FleetRunOptions {
    bool find_boards = false;
    std::string state_file; ///< "": none
    double seconds_between_saves = 10;
    /// Told now and then how much is done; may throw to end the work.
    std::function<void(const std::string& what, std::uint64_t done, std::uint64_t total)> on_progress;
};

struct LoadPoint {
    double load = 0;
    FleetResult result;
};

/// Boards that were tried.
struct BoardTrial {
    std::int64_t boards = 0; ///< of the first kind
    FleetResult result;
};

struct FleetAnswer {
    double load = 0;                 ///< offered: a share of what the fleet can take
    bool limited_by_streams = false; ///< streams run out before the time of the machines does
    FleetResult result;
    std::vector<LoadPoint> loads;   ///< from low to high
    std::vector<BoardTrial> trials; ///< in the order in which they were tried
    std::optional<std::int64_t>
        boards_needed;          ///< of the first kind; absent: not asked for, or no number holds the target
    bool was_continued = false; ///< from a state file
};

/// Offered sessions as a share of the streams, and offered steps as a share of what the boards answer.
struct OfferedLoad {
    double of_streams = 0;
    double of_steps = 0;
    double load() const { return of_streams > of_steps ? of_streams : of_steps; }
};
OfferedLoad offered_load(const Workload& workload);

/// The place in `loads` where the load over the mean response is largest (L. Kleinrock, "Power and Deterministic Rules
/// of Thumb for Probabilistic Problems in Computer Communications", ICC 1979); nullopt below three loads, and
/// where it is the last one.
std::optional<std::size_t> knee_of(const std::vector<LoadPoint>& loads);

/// Throws InputError where the state file is damaged, or of another fleet.
FleetAnswer run_fleet(const Workload& workload, const FleetRunOptions& options);

} // namespace bru::fleet
