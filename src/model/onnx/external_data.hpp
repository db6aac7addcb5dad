// Tensors whose numbers lie in a file beside the model ("external data"), as exporters write large models.
#pragma once

#include <filesystem>

namespace onnx {
class ModelProto;
} // namespace onnx

namespace bru::onnx_import {

/// The model with the numbers of such tensors inside. The files lie in `folder`, the one of the model: a path that
/// leads out of it is refused. Of a file only what tensors need is read. Throws InputError where a file is not there,
/// or does not hold what a tensor needs.
onnx::ModelProto with_external_data(onnx::ModelProto model, const std::filesystem::path& folder);

} // namespace bru::onnx_import
