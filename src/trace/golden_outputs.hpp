// Fills a section of a golden file: the outputs that the reference execution computes from the steps of a trace.
#pragma once

#include <cstdint>

#include "model/quantized_network.hpp"
#include "model/step.hpp"
#include "trace/golden_writer.hpp"

namespace bru {

struct GoldenOutputs {
    GoldenChange change;
    std::uint64_t saturated_inputs = 0;
    std::uint64_t saturated_cells = 0; ///< of cell_values
    std::uint64_t cell_values = 0;
};

/// Takes all steps. `quantized` is of `network`.
GoldenOutputs write_golden_outputs(GoldenWriter& writer, const Network& network, const QuantizedNetwork& quantized,
                                   OutputMode mode, StepSource& steps);

} // namespace bru
