// What `bru fleet` says: the table on the terminal and the JSON of the same facts. docs/fleet.md lists the keys.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "fleet/fleet_run.hpp"

namespace bru {

struct FleetReport {
    fleet::Workload workload;
    fleet::FleetAnswer answer;
};

/// `schema` of the JSON below; a new number where a key changes its meaning.
inline constexpr const char* kFleetSchema = "bru-fleet-1";

std::string fleet_table(const FleetReport& report);
nlohmann::ordered_json fleet_json(const FleetReport& report);

} // namespace bru
