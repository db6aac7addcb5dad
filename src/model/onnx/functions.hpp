// Functions that a model defines for itself: exporters of PyTorch (torch.onnx.export with dynamo=True) write a node per
// operation of PyTorch, and a function that says what it does.
#pragma once

#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {

/// The model with the nodes of a function in place of each node that calls it, so that nodes of operators remain.
/// Throws InputError where a function calls itself, and where the graph becomes larger than its file may ask for.
onnx::ModelProto with_functions_inlined(onnx::ModelProto model);

} // namespace bru::onnx_import
