// The way back from a network to an ONNX file, which other tools run, too (docs/models.md says what is in it).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/network.hpp"

namespace bru {

using ModelProperties = std::vector<std::pair<std::string, std::string>>;

/// The bytes of an ONNX file that import_onnx() reads as this network, number by number, if import_onnx() has made it:
/// then its scales are float32 numbers and its LSTM biases sums of two. Others are rounded. A matrix without `values`
/// stands for its real weights, `original`. `more` are further metadata properties; keys that bru reads among them are
/// left out.
std::string onnx_model(const Network& network, const ModelProperties& more = {});

} // namespace bru
