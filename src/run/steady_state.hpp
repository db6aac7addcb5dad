// The steady state of a machine: a run back to back, long enough that its middle shows what the machine does for ever.
#pragma once

#include "run/machine_figures.hpp"

namespace bru {

/// Repeats the pattern, and counts over a stretch in the middle. A stretch is steady where its halves take the same
/// time and outputs leave at the rate at which steps are issued: no buffer fills or empties any more. A first stretch
/// of about kLeastSteadySteps is enough for a machine that never waits for the host. Otherwise whole transfers of the
/// host are counted, after longer and longer runs. The specification is one of timing alone.
SteadyState steady_state_of(Library& library, const RunSpecification& specification, const SequencePattern& pattern);

} // namespace bru
