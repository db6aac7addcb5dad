// Taking the nodes of an If that holds recurrent layers, or reads what they put out, into the graph around it, so that
// the graph can be cut there.
#pragma once

#include "model/onnx/understanding.hpp"

namespace bru::onnx_import {

/// The model without the Ifs of the graph itself that hold recurrent layers or read what they put out, and of which
/// both walks take the same branch: the nodes of that branch stand in the place of each. Nothing where there is no such
/// If.
std::optional<onnx::ModelProto> with_branches_inlined(const onnx::ModelProto& model, const Walk& walk,
                                                      const Walk& other);

} // namespace bru::onnx_import
