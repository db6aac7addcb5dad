// Which single change of a parameter makes a step faster: every neighbour of the machine that fits its device is tried
// in the simulation of timing alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "run/run.hpp"

namespace bru {

struct Hint {
    std::string key;            ///< of the parameter
    std::string value;          ///< as an option takes it
    double cycles_per_step = 0; ///< in steady state, with this one change
    double saved_percent = 0;   ///< of the cycles per step of the machine as it is
    std::int64_t added_luts = 0;
};

/// The changes that save at least 2 % of a step, the best first. The outcome must have figures and an estimate. A
/// machine that meets its limits and its clock is not advised to break them.
std::vector<Hint> find_hints(const Run& run, const RunOutcome& outcome);

} // namespace bru
