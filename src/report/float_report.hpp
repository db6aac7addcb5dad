// What the float network says beside the machine: predictions of both, and where their values differ.
#pragma once

#include <string>
#include <vector>

#include "reference/predictions.hpp"
#include "report/run_report.hpp"
#include "run/float_comparison.hpp"

namespace bru {

/// nats and bits per character where labels are the next symbol of a text, accuracy in percent.
std::vector<PredictionMeasure> prediction_measures(const PredictionScore& machine, const FloatComparison& floating);

/// The answer to --explain-divergence, in one line.
std::string divergence_text(const Divergence& divergence, OutputKind kind);

} // namespace bru
