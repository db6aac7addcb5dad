// The largest machine that a device holds: most multiply-accumulates a cycle within its limits.
#pragma once

#include <optional>

#include "device/resource_estimate.hpp"

namespace bru {

struct LargestShape {
    Configuration configuration;
    ResourceEstimate estimate;

    std::int64_t macs_per_cycle() const { return configuration.shape.lanes * configuration.shape.lane_width; }
};

/// Tries lanes, lane width and update width over the range that the estimate is calibrated for, everything else as in
/// the configuration (depths that are `auto`: least). Of shapes that do as much, the one with the fewest LUTs.
/// Nothing where no shape fits.
std::optional<LargestShape> largest_shape(const Configuration& configuration, const Device& device);

} // namespace bru
