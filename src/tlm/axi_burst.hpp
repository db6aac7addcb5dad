// AXI memory bursts between DMA and DDR: generic payloads in the non-blocking protocol, each completed early: the
// memory answers BEGIN_REQ with TLM_COMPLETED, and the cycles of the data beats are in an extension. Requester and
// memory may both be ahead of kernel time; several bursts are outstanding where their cycles overlap.
#pragma once

#include <tlm>

#include "tlm/cycle_time.hpp"

namespace bru {

/// request_cycle: set by the requester, the cycle of the burst's address. The others: set by the memory before it
/// returns. Writes: last_beat_cycle is that of the write response.
struct AxiBurst : tlm::tlm_extension<AxiBurst> {
    Cycle request_cycle = 0;
    Cycle first_beat_cycle = 0;
    Cycle last_beat_cycle = 0;

    tlm_extension_base* clone() const override { return new AxiBurst(*this); }
    void copy_from(const tlm_extension_base& other) override { *this = static_cast<const AxiBurst&>(other); }
};

} // namespace bru
