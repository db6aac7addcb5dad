// The power estimate of a run: a few lines, JSON.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "device/power_estimate.hpp"

namespace bru {

std::string power_lines(const PowerEstimate& power);
nlohmann::ordered_json power_json(const PowerEstimate& power);

} // namespace bru
