// AXI memory bursts between DMA and DDR: generic payloads in the non-blocking protocol, several outstanding,
// with the cycles of their data beats in an extension.
#pragma once

#include <tlm>

#include "tlm/cycle_time.hpp"

namespace bru {

/// Set by the memory before BEGIN_RESP. Reads: BEGIN_RESP comes in the cycle of the first beat; writes: in
/// that of the write response, which is last_beat_cycle.
struct AxiBurst : tlm::tlm_extension<AxiBurst> {
    Cycle first_beat_cycle = 0;
    Cycle last_beat_cycle = 0;

    tlm_extension_base* clone() const override { return new AxiBurst(*this); }
    void copy_from(const tlm_extension_base& other) override { *this = static_cast<const AxiBurst&>(other); }
};

} // namespace bru
