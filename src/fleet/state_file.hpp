// The file that lets a run of a fleet go on after it was stopped or killed. It is written whole or not at all.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "fleet/fleet_result.hpp"

namespace bru::fleet {

struct FleetState {
    std::map<std::uint64_t, FleetResult> finished; ///< by the digest of what ran
    std::uint64_t running = 0;                     ///< the same of the run under way; 0: none
    std::string simulation;                        ///< its state
};

/// Everything that decides the results, and the version of the program: a state file of something else is refused.
std::uint64_t fingerprint_of(const Workload& workload);

/// An empty state where there is no such file. Throws InputError where the file is damaged, or is of another fleet.
FleetState read_state(const std::string& path, std::uint64_t fingerprint);
void write_state(const std::string& path, std::uint64_t fingerprint, const FleetState& state);

} // namespace bru::fleet
