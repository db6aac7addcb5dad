// The resource estimate as a table and as JSON; `bru run` and `bru resources` show the same.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "device/resource_estimate.hpp"
#include "device/synthesis_evidence.hpp"

namespace bru {

/// "LUT as memory" of "memory_lut", a name of ResourceEstimate::limits.
std::string resource_title(const std::string& name);

/// Used, available and share of each resource.
std::string resource_table(const ResourceEstimate& estimate, bool use_colour);

/// One line per block.
std::string block_table(const ResourceEstimate& estimate);

/// The error to expect, for every version of the synthesis tool that the estimate was checked with.
std::string error_lines(const ResourceEstimate& estimate, const SynthesisEvidence& evidence);

/// What decides: whether the machine fits, and whether the longest path meets the clock.
std::string verdict_lines(const ResourceEstimate& estimate, bool use_colour);

/// A line per device, of one machine.
std::string device_table(const std::vector<ResourceEstimate>& estimates, bool use_colour);

/// Estimate and synthesis of the core's blocks side by side, and the core alone for each further version; a line that
/// says so where this shape was not synthesized.
std::string synthesis_table(const ResourceEstimate& estimate, const SynthesisEvidence& evidence);

/// {"lut": {"used", "available", "limit"}, "ff", "bram36", "dsp", "memory_lut"}
nlohmann::ordered_json resources_json(const ResourceEstimate& estimate);

/// [{"block", "lut", "memory_lut", "ff", "bram36", "ramb18", "ramb36", "dsp", "path_ns", "note"}]
nlohmann::ordered_json blocks_json(const ResourceEstimate& estimate);

/// {"path_ns", "clock_mhz", "met", "limiting", "reachable_mhz"}
nlohmann::ordered_json timing_json(const ResourceEstimate& estimate);

/// {"tool", "core": {...}, "blocks": {...}, "others": [{"tool", "core", "blocks"}]}: a shape that was synthesized, by
/// the version that the factors are fitted to and by others.
nlohmann::ordered_json synthesis_json(const std::vector<SynthesizedShape>& measured);

/// [{"tool", "lut_percent", "ff_percent"}]: largest error of the core's estimate on shapes outside the fit.
nlohmann::ordered_json errors_json(const std::vector<VersionError>& errors);

/// {"blocks": [{"block", "lut": {term: quantity}, "ff", "levels", "ramb18", "ramb36", "memory_lut", "dsp"}]}
nlohmann::ordered_json structure_json(const std::vector<BlockStructure>& blocks);

} // namespace bru
