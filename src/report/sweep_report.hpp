// What `bru sweep` says at its end: how many points, the front, the best point beside the default.
#pragma once

#include <string>

#include "explore/result_store.hpp"
#include "explore/sweep.hpp"

namespace bru {

std::string sweep_table(const ResultStore& store, const SweepSummary& summary, unsigned processes, bool use_colour);

} // namespace bru
