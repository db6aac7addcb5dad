// The beginning of a trace in memory.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/network.hpp"
#include "model/step.hpp"

namespace bru {

/// At most `most` steps; where the trace goes on, the last one ends its sequence. Throws InputError where the trace is
/// damaged so far, empty, of several streams, or of another model.
std::vector<Step> read_first_steps(const std::string& path, const Network& network, std::size_t most);

} // namespace bru
