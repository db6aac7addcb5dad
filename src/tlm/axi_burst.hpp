// The cycles of a memory burst, as an ignorable extension of the generic payload. The base protocol has one time for an
// answer; a memory that knows this extension says more: in which cycle the first beat of data comes, and in which the
// last. A memory that ignores it answers with all data at once (docs/component.md, "Timing contract").
#pragma once

#include <tlm>

#include "machine/cycle.hpp"

namespace bru {

/// Cycles of the DMA's clock, counted from the start of the simulation. request_cycle is set by the DMA; the
/// two others by a memory, before it answers. In a write, last_beat_cycle is that of the response.
struct AxiBurst : tlm::tlm_extension<AxiBurst> {
    static constexpr Cycle kNotSaid = ~Cycle{0};

    Cycle request_cycle = 0;
    Cycle first_beat_cycle = kNotSaid;
    Cycle last_beat_cycle = kNotSaid;

    bool says_cycles() const { return first_beat_cycle != kNotSaid && last_beat_cycle != kNotSaid; }

    tlm_extension_base* clone() const override { return new AxiBurst(*this); }
    void copy_from(const tlm_extension_base& other) override { *this = static_cast<const AxiBurst&>(other); }
};

} // namespace bru
