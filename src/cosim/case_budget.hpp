// How much a case may cost: the memories of its shape, and cycles that the RTL simulates in a fraction of a second.
#pragma once

#include <vector>

#include "cosim/cosim_case.hpp"
#include "rtl_core/rtl_core.hpp"

namespace bru {

enum class CaseFit {
    fits,
    too_large,  ///< for the shape's memories or the formats of its numbers
    loads_long, ///< the network takes too many cycles to load
    runs_long
};

/// `load_share` is the part of the budget that loads may take; the runs have the rest.
CaseFit fit_of(const CosimCase& cosim_case, const std::vector<RtlShape>& shapes, double load_share);

} // namespace bru
