// The figures of a machine that no trace changes, and what a trace's latency is made of: as text and as JSON.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "report/run_report.hpp"

namespace bru {

/// Per step, per sequence, latency, deadline and throughput.
std::string speed_lines(const RunReport& report);

/// Cycles of each layer and direction in steady state, per step.
std::string layer_table(const RunReport& report);

/// What one change would save; "" where there is nothing to advise.
std::string hint_lines(const RunReport& report);
nlohmann::ordered_json hints_json(const RunReport& report);

/// Energy of each block per step, in two columns.
std::string energy_table(const RunReport& report);

nlohmann::ordered_json latency_json(const RunReport& report);
/// The machine with the software of [host].
nlohmann::ordered_json software_json(const RunReport& report);
nlohmann::ordered_json steady_state_json(const SteadyState& steady);
nlohmann::ordered_json energy_json(const RunReport& report);

} // namespace bru
