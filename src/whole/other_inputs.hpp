// Inputs of a graph beside the one that the data fill: each has an array of its own, with a part for each call.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/onnx/whole_model.hpp"
#include "whole/call_data.hpp"

namespace bru {

/// Paths of NumPy arrays by the names of the inputs.
using InputFiles = std::map<std::string, std::string>;

/// Reads "NAME=FILE", as --input-npy has them. Throws InputError.
InputFiles read_input_files(const std::vector<std::string>& texts);

/// `data` with the other inputs in each of its calls. An array with the values of one call serves all calls. `inputs`
/// are those of the graph and have an entry for each file; `model` names it in messages. Throws InputError where an
/// array does not fit its input, or has another number of calls than the data.
std::unique_ptr<CallSource> with_other_inputs(std::unique_ptr<CallSource> data, const std::vector<GraphInput>& inputs,
                                              const InputFiles& files, const std::string& model);

} // namespace bru
