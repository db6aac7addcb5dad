// The regions of a model as text and JSON: what the machine can run, and why the rest is left to the host.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "model/onnx/import.hpp"

namespace bru {

std::string regions_table(const ModelRegions& regions, const std::string& path);
nlohmann::ordered_json regions_json(const ModelRegions& regions);

} // namespace bru
