// What software adds to the time of the machine: figures of a preset, or those that the configuration gives. No cycle
// of a simulation depends on them.
#pragma once

#include <cstdint>
#include <string>

#include "config/configuration.hpp"

namespace bru {

struct SoftwareCost {
    std::string name;       ///< of the preset
    double step_ns = 0;     ///< encodes a step and decodes its output
    double transfer_ns = 0; ///< driver, caches and interrupts: a transfer of inputs and one of outputs
    std::int64_t transfer_steps = 1;

    /// Software and machine work at the same time, so the slower one decides. `machine_us`: the machine alone.
    double step_us(double machine_us) const;
    double software_step_us() const;
    /// Of a request of some steps that one transfer takes each way, which nothing overlaps.
    double response_us(double machine_us, double steps) const;
};

SoftwareCost software_cost(const HostTiming& host);

/// "bare-metal", "linux".
const char* software_name(SoftwareKind software);

} // namespace bru
