// What an accelerator's parameters must be, for platforms that make it without a configuration file.
#pragma once

#include "accelerator/accelerator.hpp"

namespace bru {

/// Throws std::invalid_argument, whose text names the parameter, its value and what is allowed.
void check_parameters(const AcceleratorParameters& parameters);

} // namespace bru
