// What a shape takes of a device, block by block. Block RAMs and DSPs are exact by construction (memory
// shapes and multipliers); LUTs and flip-flops are the documented formulas of docs/resources.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "device/device.hpp"

namespace bru {

struct Resources {
    std::int64_t lut = 0;        ///< all LUTs, those used as memory included
    std::int64_t memory_lut = 0; ///< of these, used as memory
    std::int64_t ff = 0;
    std::int64_t ramb18 = 0;
    std::int64_t dsp = 0;

    double bram36() const { return static_cast<double>(ramb18) / 2; }
    Resources& operator+=(const Resources& other);
};

struct BlockResources {
    std::string block; ///< as docs/architecture.md calls it
    Resources used;
    std::string note; ///< "" or what the figures stand on
};

/// One resource against its budget.
struct ResourceLimit {
    std::string name; ///< "lut", "memory_lut", "ff", "bram36", "dsp"
    double used = 0;
    double available = 0; ///< what the device has
    double limit = 0;     ///< what a design may use of it

    double percent_of_available() const { return percent(available); }
    double percent_of_limit() const { return percent(limit); }
    bool fits() const { return used <= limit; }

private:
    double percent(double whole) const { return whole > 0 ? 100 * used / whole : used > 0 ? 1e9 : 0; }
};

struct ResourceEstimate {
    Device device;
    std::vector<BlockResources> blocks;
    Resources total;
    std::vector<ResourceLimit> limits;
    bool fits = false;
    std::string binding; ///< the resource with the largest share of its limit

    const ResourceLimit& limit(const std::string& name) const;
};

/// Estimates the shape with its DMA on the device. Depths that are still `auto` count as no memory.
ResourceEstimate estimate_resources(const Configuration& configuration, const Device& device);

/// Throws InputError where the weight memory alone needs more block RAM than the device has: such a machine cannot
/// hold its network, so running it would say nothing.
void check_weights_fit(const Configuration& configuration, const Device& device);

} // namespace bru
