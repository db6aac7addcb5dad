// The model's metadata properties: vocabulary, input_encoding, input_exponent.
#pragma once

#include <string>
#include <vector>

#include "model/network.hpp"

namespace onnx {
class ModelProto;
} // namespace onnx

namespace bru::onnx_import {

/// Sets what the properties say on a network whose layers are known. Throws InputError (without the file's name).
Network with_metadata(Network network, const onnx::ModelProto& model);

} // namespace bru::onnx_import
