// The fastest machine for a network on a device: branch and bound over shapes. Each shape has a lower bound of its
// cycles per step (run/cycle_bound.hpp). Shapes are simulated in the order of their bounds, until no bound is below the
// best number of cycles found, so that the result is that of simulating all of them.
#pragma once

#include <optional>
#include <vector>

#include "device/largest_shape.hpp"
#include "run/run.hpp"

namespace bru {

struct FastestShape {
    Configuration configuration; ///< every depth known
    ResourceEstimate estimate;
    SteadyState steady;
};

struct FastestShapeSearch {
    std::size_t shapes = 0;           ///< that were given
    std::string range = {};           ///< of these, as searched_range() says it
    std::size_t fitting = 0;          ///< of these, those that fit the device and meet the clock
    std::size_t simulated = 0;        ///< of those that fit
    std::optional<FastestShape> best; ///< nothing where no shape fits
    std::vector<ShapeLimit> limits;   ///< what keeps out shapes whose bound is below the best
};

/// Network, output, device and clock as in `run`. Of shapes with equally many cycles per step, the one with the fewest
/// LUTs wins; then the one that is given first.
FastestShapeSearch find_fastest_shape(const Run& run, const std::vector<Shape>& shapes);

} // namespace bru
