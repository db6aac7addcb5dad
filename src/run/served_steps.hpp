// Steps that come in by themselves, through the software of a board into its machine: when each is answered.
#pragma once

#include <vector>

#include "model/step.hpp"
#include "run/run.hpp"

namespace bru {

struct ServedSteps {
    std::vector<double> handed_us;  ///< when the machine gets each step from the software
    std::vector<double> machine_us; ///< from then to the last beat of its output
};

/// Lets the whole simulation serve steps in the order of their arrival at the software, with the costs of [host] in
/// front of the machine. Software takes the steps that have arrived together, each of them in `step_software_ns` and
/// all together in `transfer_software_ns`, once for each core that they are for; the machine gets them then. Stream s
/// is served by core s mod N. The run is one for timing alone, of which every
/// step has an output; its network takes no whole sequences.
ServedSteps serve_steps(const Run& run, const std::vector<Step>& offered);

} // namespace bru
