// What a search for the largest or the fastest machine found, what it tried and what limits it: as text and as JSON.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "device/largest_shape.hpp"
#include "run/fastest_shape.hpp"

namespace bru {

/// The lines under "largest". `configuration` says what was asked for: clock and activation bits.
std::string largest_lines(const LargestShapeSearch& search, const Configuration& configuration, const Device& device);
std::string fastest_lines(const FastestShapeSearch& search, const Configuration& configuration, const Device& device);

/// {"found", "shapes", "macs_per_cycle", "balance": {"lane_cycles", "stage_cycles"}, "options", "limits"}
nlohmann::ordered_json largest_json(const LargestShapeSearch& search);

/// {"found", "shapes", "fitting", "simulated", "cycles_per_step", "us_per_step", "options",
/// "limits"}
nlohmann::ordered_json fastest_json(const FastestShapeSearch& search);

} // namespace bru
