// A trained, binarized network as an ONNX file in the form that bru reads and PyTorch writes (docs/models.md): LSTM
// nodes whose rows hold +a and -a, a dense layer of integers under DequantizeLinear.
#pragma once

#include <map>
#include <string>

#include "train/network.hpp"

namespace bru::train {

/// Properties of the model file; `vocabulary` and `input_encoding` among them mean something to bru.
using Metadata = std::map<std::string, std::string>;

/// `weights` act as they are: binary rows in LSTM layers. The dense layer is rounded to `dense_bits` as training does
/// it. Written whole or not at all. Throws InputError where the file cannot be written.
void write_onnx(const std::string& path, const NetworkShape& shape, const Weights& weights, int dense_bits,
                const Metadata& metadata);

} // namespace bru::train
