// How much work makes the blocks work: what the power estimate weighs.
#pragma once

#include "device/power_estimate.hpp"
#include "platform/simulation.hpp"
#include "run/machine_figures.hpp"

namespace bru {

/// In steady state. Slices follow from the network's sizes; beats from inputs and outputs.
Activity steady_activity(const Network& network, const Configuration& configuration, OutputMode mode,
                         const SteadyState& steady);

/// Until the first step: the network's beats come in.
Activity loading_activity(const Configuration& configuration, const SimulationResult& result);

} // namespace bru
