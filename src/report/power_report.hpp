// The power estimate of a run: its activity counted from the report, a few lines, JSON.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "device/power_estimate.hpp"
#include "platform/simulation.hpp"

namespace bru {

/// What the run made the machine do. Slices follow from the network's sizes; beats from inputs and outputs.
Activity activity_of(const Network& network, const Configuration& configuration, OutputMode mode,
                     const SimulationResult& result);

std::string power_lines(const PowerEstimate& power);
nlohmann::ordered_json power_json(const PowerEstimate& power);

} // namespace bru
