// The model's metadata properties: vocabulary, input_encoding, input_exponent.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/network.hpp"

namespace onnx {
class ModelProto;
} // namespace onnx

namespace bru::onnx_import {

/// Sets what the properties say on a network whose layers are known. Throws InputError (without the file's name).
Network with_metadata(Network network, const onnx::ModelProto& model);

/// The network with the input exponent that --input-exponent asks for. Throws InputError (without the file's name).
Network with_input_exponent(Network network, int exponent);

/// The properties that with_metadata() reads, as an exported file has them.
std::vector<std::pair<std::string, std::string>> metadata_of(const Network& network);

} // namespace bru::onnx_import
