// A case with everything that it stands for, made from its seed: the specification of a run, and steps.
#pragma once

#include <memory>
#include <vector>

#include "cosim/cosim_case.hpp"
#include "model/step.hpp"
#include "rtl_core/rtl_core.hpp"
#include "run/run.hpp"

namespace bru {

struct PreparedCase {
    std::unique_ptr<Library> library; ///< the run refers to it
    Run run;
    std::vector<Step> steps;
    bool timed_arrivals = false;
};

/// Throws InputError where the shape is not among those given, its memories are too small for the network, or a
/// parameter has a value that is not allowed.
PreparedCase prepare(const CosimCase& cosim_case, const std::vector<RtlShape>& shapes);

} // namespace bru
