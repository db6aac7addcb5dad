// Sequences of tensors, which exporters of PyTorch write for operations that give or take lists (unbind, split, stack).
#pragma once

#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {

/// The model with plain nodes where a piece of known place is taken from a tensor that was split into a sequence, and
/// where a sequence of given tensors is joined again. Nodes on sequences of other kinds stay.
onnx::ModelProto with_tensors_for_sequences(onnx::ModelProto model);

} // namespace bru::onnx_import
