// Which values of a network reached the limits of their formats, as lines and as JSON.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "reference/reference.hpp"

namespace bru {

/// One line per quantity of which values saturated; "" where none did.
std::string saturation_lines(const Saturations& saturations);

nlohmann::ordered_json saturations_json(const Saturations& saturations);

} // namespace bru
