// How much a run made the blocks work, counted from its result: what the power estimate weighs.
#pragma once

#include "device/power_estimate.hpp"
#include "platform/simulation.hpp"

namespace bru {

/// What the run made the machine do. Slices follow from the network's sizes; beats from inputs and outputs.
Activity activity_of(const Network& network, const Configuration& configuration, OutputMode mode,
                     const SimulationResult& result);

} // namespace bru
