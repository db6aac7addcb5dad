// What each stream of a run got: as text that stays short for any number of streams, and as JSON with all of them.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "report/run_report.hpp"

namespace bru {

/// The best, the median and the worst stream, and the fairness; "" for fewer than two streams, and where the trace has
/// no arrival times, since latencies then tell how deep the input buffer is.
std::string streams_table(const RunReport& report);

/// Absent (null) of a machine with one stream.
nlohmann::ordered_json streams_json(const RunReport& report);

} // namespace bru
