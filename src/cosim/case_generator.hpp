// Draws cases: networks, sequences and stalls that meet each rule of the timing, sized so that the RTL simulates a
// case in a fraction of a second.
#pragma once

#include <cstdint>
#include <vector>

#include "cosim/cosim_case.hpp"
#include "rtl_core/rtl_core.hpp"

namespace bru {

/// The case with this number of a seed; it depends on nothing but seed, number and shapes. `shapes` is not empty.
CosimCase draw_case(std::uint64_t seed, std::uint64_t number, const std::vector<RtlShape>& shapes);

} // namespace bru
