// Reading ONNX files: a model's protobuf, and tensors in the layout of the ONNX backend tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/onnx/given_inputs.hpp"
#include "model/onnx/value.hpp"

namespace onnx {
class ModelProto;
class TensorProto;
} // namespace onnx

namespace bru {

struct Tensor {
    std::vector<std::int64_t> shape;
    std::vector<float> values; ///< row-major; integers are converted
};

/// Reads a file with one TensorProto (`input_0.pb`, `output_0.pb`). Throws InputError.
Tensor read_tensor_proto(const std::string& path);

namespace onnx_import {

/// Parses an .onnx file and checks that it holds a graph; reads the files beside it that hold its tensors; puts the
/// nodes of functions in place of their calls, and tensors in place of sequences; makes the inputs that are given
/// constants. Throws InputError naming the file.
onnx::ModelProto read_model(const std::string& path, const GivenInputs& inputs = {});

/// The constant a TensorProto stands for. Throws std::length_error or std::invalid_argument saying what is wrong with
/// it.
Value value_of(const onnx::TensorProto& tensor);

} // namespace onnx_import
} // namespace bru
