// The quantization of a network, held against data: which input exponent serves the data best, and how far the outputs
// of the machine are from those of the original network in float.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "model/network.hpp"
#include "model/number_formats.hpp"
#include "reference/predictions.hpp"
#include "trace/data_source.hpp"

namespace bru {

/// Outputs beside those of the original network in float: hidden values, or logits also where the graph puts out
/// argmax.
struct OutputError {
    double rms = 0;
    double largest = 0;
    std::uint64_t same_largest = 0; ///< outputs whose largest logit is the same; 0 for hidden values
};

/// What the machine gives with one input exponent.
struct ExponentTrial {
    int exponent = 0;
    std::uint64_t saturated_inputs = 0;
    OutputError error;
    PredictionScore score; ///< empty for hidden values
};

struct QuantizationFigures {
    OutputMode mode; ///< of the outputs that were compared
    std::uint64_t steps = 0;
    std::uint64_t sequences = 0;
    std::uint64_t input_values = 0;
    double largest_input = 0;          ///< magnitude; vector inputs
    std::uint64_t outputs = 0;         ///< vectors
    double float_rms = 0;              ///< of all values that the original network puts out
    int exponent = 0;                  ///< asked for, or the one with the smallest rms error
    std::vector<ExponentTrial> trials; ///< of the exponent and its neighbours, in their order; one for one-hot inputs
    PredictionScore original;          ///< in float; empty for hidden values
    std::optional<OutputError> quantized_error; ///< of the quantized weights in float, where bru quantized weights
    std::optional<PredictionScore> quantized;   ///< the same
    std::string remark;                         ///< what the data was taken for (DataSet::remark)

    const ExponentTrial& chosen() const;
};

struct QuantizationOptions {
    DataChoice data;
    NumberFormats formats;
    std::optional<int> exponent;                                          ///< in place of the best; vector inputs
    std::function<void(const char* phase, std::uint64_t steps)> progress; ///< with every step; may throw to stop
};

/// Reads the data a few times. The exponent is found by trying: from the one that holds 999 of 1,000 inputs to the
/// neighbour with the smaller error, as long as there is one. Throws InputError.
QuantizationFigures measure_quantization(const Network& network, const QuantizationOptions& options);

} // namespace bru
