// Makes a failing case smaller while it still fails: fewer and shorter sequences, fewer layers, smaller sizes, plain
// numbers, no stalls.
#pragma once

#include <functional>

#include "cosim/cosim_case.hpp"

namespace bru {

/// `fails` says of a smaller case whether it still fails (false also where it is no valid case); it is asked
/// `most_attempts` times at most. What comes back fails.
CosimCase shrink(CosimCase failing, const std::function<bool(const CosimCase&)>& fails, int most_attempts);

} // namespace bru
