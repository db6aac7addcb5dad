// From the weights of a file to integer weights with a scale per row: recognized as they stand, or quantized
// on request by the rules of docs/architecture.md, "Number formats", last row.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/network.hpp"
#include "model/onnx/recording.hpp"

namespace bru::onnx_import {

struct RecognizedWeights {
    WeightMatrix matrix;
    std::string message; ///< empty, or that the weights were quantized
};

/// Rows of one magnitude are binary, integers of DequantizeLinear stay what they are, and float rows that are multiples
/// of one scale become the integers that they are. Other weights, and such as need more than `bits` planes, are
/// quantized to `bits`; without `bits` they are an error that lists the rows and names `option`. Throws InputError
/// (without the file's name).
RecognizedWeights recognize_weights(const RawMatrix& raw, std::optional<int> bits, const std::string& option);

/// "0-3, 7 and 90 more": at most six ranges.
std::string list_rows(const std::vector<std::int64_t>& rows);

} // namespace bru::onnx_import
