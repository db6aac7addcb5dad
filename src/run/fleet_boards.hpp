// From the boards of a fleet file to the figures of their models.
#pragma once

#include "fleet/simulation.hpp"
#include "run/library.hpp"

namespace bru {

/// Measures the machines of the plan's boards, and puts what the file gives in place of what was measured. Throws
/// InputError that names the section.
std::vector<fleet::BoardGroup> board_groups(Library& library, const fleet::FleetPlan& plan);

/// All that runs: the boards, and the trace of sessions where the plan names one.
fleet::Workload fleet_workload(Library& library, const fleet::FleetPlan& plan);

} // namespace bru
