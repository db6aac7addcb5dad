// One beat of a 64-bit AXI4-Stream.
#pragma once

#include <cstddef>
#include <cstdint>

#include "machine/cycle.hpp"

namespace bru {

struct StreamBeat {
    std::uint64_t data = 0;
    Cycle valid_cycle = 0; ///< TVALID from this cycle on
    bool last = false;     ///< TLAST
};

} // namespace bru
