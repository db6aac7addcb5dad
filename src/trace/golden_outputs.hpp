// Fills a section of a golden file: the outputs that the reference execution computes from the steps of a trace.
#pragma once

#include "model/quantized_network.hpp"
#include "model/step.hpp"
#include "reference/reference.hpp"
#include "trace/golden_writer.hpp"

namespace bru {

struct GoldenOutputs {
    GoldenChange change;
    Saturations saturations;
};

/// Takes all steps. `quantized` is of `network`.
GoldenOutputs write_golden_outputs(GoldenWriter& writer, const Network& network, const QuantizedNetwork& quantized,
                                   OutputMode mode, StepSource& steps);

} // namespace bru
