// Inputs of a graph that are constants of use, such as a sampling rate: who runs the model gives their numbers, and
// they count as constants of the graph from then on.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace onnx {
class ModelProto;
} // namespace onnx

namespace bru {

/// The numbers of graph inputs, row-major, by the inputs' names. One number stands for all elements of an input.
using GivenInputs = std::map<std::string, std::vector<double>>;

/// Reads "NAME=NUMBER" or "NAME=NUMBER,NUMBER,...", as --input has them. Throws InputError.
GivenInputs read_given_inputs(const std::vector<std::string>& texts);

/// The other way round: one text for each input.
std::vector<std::string> texts_of(const GivenInputs& inputs);

namespace onnx_import {

/// The model with initializers in place of the inputs that are given. An open dimension has the size that the numbers
/// need: 1 where one number is given. Throws InputError where the graph has no such input, or the numbers do not fit.
onnx::ModelProto with_given_inputs(onnx::ModelProto model, const GivenInputs& inputs);

} // namespace onnx_import
} // namespace bru
