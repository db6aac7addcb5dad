// What each core of a chip with several did in a run: a small table, and JSON.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "report/run_report.hpp"

namespace bru {

/// A row per core: its steps, its latencies and its cycle classes; "" for one core.
std::string cores_table(const RunReport& report);

/// A list of one object per core; null for one core.
nlohmann::ordered_json cores_json(const RunReport& report);

} // namespace bru
