// The resource estimate as a table and as JSON; `bru run` and `bru resources` show the same.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "device/resource_estimate.hpp"

namespace bru {

/// Used, available and share of each resource, and the line that says whether it fits.
std::string resource_table(const ResourceEstimate& estimate, bool use_colour);

/// A line a block.
std::string block_table(const ResourceEstimate& estimate);

/// {"lut": {"used", "available", "limit"}, "ff", "bram36", "dsp", "memory_lut"}
nlohmann::ordered_json resources_json(const ResourceEstimate& estimate);

/// [{"block", "lut", "ff", "bram36", "dsp", "note"}]
nlohmann::ordered_json blocks_json(const ResourceEstimate& estimate);

} // namespace bru
