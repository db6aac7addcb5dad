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
/// asks for what leaves the machine. `wants_end`: a Softmax or Sigmoid that is all that the machine leaves out is the
/// work of the host, too; a trace without a file of calls, as of the region alone, cannot have that.
std::unique_ptr<const WholeUse> whole_use_from(const Arguments& arguments, const ModelSpecification& model,
                                               bool wants_end);

/// Which region of which model a file of calls belongs to.
std::string calls_fingerprint(const WholeUse& use, const Network& network);

} // namespace bru::cli
