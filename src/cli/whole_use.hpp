// Options of models that the machine and the host run together.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/shared_options.hpp"
#include "whole/front.hpp"

namespace bru::cli {

/// What the host has to do for the model; nothing where the machine does all of it, or where --output or --output-steps
/// asks for what leaves the machine. `trace_path`: the trace that is run; none while it is being made. A Softmax or
/// Sigmoid that is all that the machine leaves out is the work of the host, too, unless that trace has no file of
/// calls. `inputs`: the files of inputs beside the data, while a trace is being made.
std::unique_ptr<const WholeUse> whole_use_from(const Arguments& arguments, const ModelSpecification& model,
                                               const std::optional<std::string>& trace_path,
                                               const InputFiles& inputs = {});

/// Which region of which model a file of calls belongs to.
std::string calls_fingerprint(const WholeUse& use, const Network& network);

} // namespace bru::cli
