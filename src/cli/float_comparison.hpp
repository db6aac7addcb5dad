// The float execution of the network over a trace, beside the machine: predictions of both, and the first place
// where they part.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/session.hpp"
#include "reference/predictions.hpp"
#include "report/run_report.hpp"

namespace bru::cli {

struct FloatComparison {
    PredictionScore score;  ///< of the float network; empty for hidden outputs
    std::string divergence; ///< where `bound` was given: the first step and unit that part, or that none does
};

/// Runs the float network over the trace's first steps. With a bound the machine runs beside it once more (its own
/// speed was measured without this company).
FloatComparison compare_with_float(const Session& session, const std::string& trace_path,
                                   std::optional<std::uint64_t> steps, std::optional<double> bound);

/// nats and bits per character where labels are the next symbol of a text, accuracy in percent.
std::vector<PredictionMeasure> prediction_measures(const PredictionScore& machine, const PredictionScore& floating);

} // namespace bru::cli
