// The fewest cycles that a step of a network can take on a machine: a lower bound in closed form, from the rules of
// docs/architecture.md ("When a chunk issues"). What is not in it - the input stream, the output, the host - only adds
// cycles. A search for the fastest machine simulates no machine whose bound is above a step that it has seen.
#pragma once

#include "run/library.hpp"
#include "run/run.hpp"

namespace bru {

/// No machine has fewer cycles per step in steady state (measure_steady_state()). Often it is the exact number.
double least_cycles_per_step(const Run& run, const SequencePattern& pattern);

} // namespace bru
