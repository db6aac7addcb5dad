// The float execution of the network over the trace of a run: its predictions and, beside the machine, the first value
// in which the two differ.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "reference/predictions.hpp"
#include "run/run.hpp"

namespace bru {

/// One value of an output, from both executions.
struct DivergingValue {
    std::uint64_t sequence = 0;
    std::uint64_t step = 0; ///< within the sequence
    std::size_t unit = 0;   ///< within the output
    double machine = 0;
    double floating = 0;
};

/// How far machine and float network are apart over a trace.
struct Divergence {
    double bound = 0;
    double largest_difference = 0;
    std::optional<DivergingValue> first; ///< the first value that differs by more than `bound`
};

struct FloatComparison {
    PredictionScore score;                    ///< of the network as its file has it; empty for hidden outputs
    std::optional<PredictionScore> quantized; ///< of the quantized weights in float, where bru quantized them
    std::optional<Divergence> divergence;
};

/// Runs the float network over the trace of the run. With a bound, values are compared: those of the output layer also
/// where the output is argmax, since an index is not to be compared with a value. Then the machine runs beside it once
/// more (its own speed was measured without this company). `on_step` sees every step, and may be empty.
FloatComparison compare_with_float(const Run& run, std::optional<double> bound,
                                   const std::function<void(const Step&)>& on_step);

/// Predictions of the float network over the labels of a trace.
PredictionScore float_predictions(const Network& network, OutputSteps steps, const TraceSpecification& trace);

} // namespace bru
