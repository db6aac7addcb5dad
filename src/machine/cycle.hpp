// Simulated time inside the machine: an integer count of cycles of the programmable logic (PL).
#pragma once

#include <cstdint>

namespace bru {

using Cycle = std::uint64_t;

} // namespace bru
