// Shapes that fit into a device: the space that `bru resources --largest` searches, why shapes are left out, and the
// largest balanced machine. run/fastest_shape.hpp searches the same space for a network.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "device/resource_estimate.hpp"

namespace bru {

/// Parameters that a search does not vary.
struct FixedParameters {
    bool lanes = false;
    bool lane_width = false;
    bool update_width = false;
};

/// Lanes, lane width and update width over all that a machine can have, all else as given. What is fixed is as given,
/// too. In a fixed order. Of most of these shapes the error of the estimate is not known (synthesis_evidence.hpp).
std::vector<Shape> searched_shapes(const Shape& given, const FixedParameters& fixed = {});

/// "4 to 1024 lanes x 1 to 64, E up to 8"; of a parameter that is fixed, its value: "64 lanes x 1 to 64, E = 2".
std::string searched_range(const Shape& given, const FixedParameters& fixed);

/// The limits of the device that the machine breaks: names of resources, and "clock" where it is too slow.
std::vector<std::string> broken_limits(const ResourceEstimate& estimate);

/// A limit, and how many shapes it keeps out.
struct ShapeLimit {
    std::string name; ///< a resource of ResourceEstimate::limits, "clock", "balance" or "depth"
    std::size_t shapes = 0;
};

/// Counts shapes by the limits that keep them out. A shape that breaks several limits counts for each of them.
class LimitCounts {
public:
    void add(const std::vector<std::string>& broken) {
        for (const std::string& name : broken) ++shapes_[name];
    }
    /// The limit of most shapes first.
    std::vector<ShapeLimit> sorted() const;

private:
    std::map<std::string, std::size_t> shapes_;
};

/// Whether the blocks behind the lanes follow the lanes in the row groups of a layer.
struct Balance {
    std::int64_t lane_cycles = 0;  ///< chunks of a row group
    std::int64_t stage_cycles = 0; ///< that scale_bias needs for the parts of the group
    bool holds() const { return stage_cycles <= lane_cycles; }
};

/// Of a layer of 256 units with a one-hot input: one chunk of x and all chunks of h per group, which makes two parts.
/// An input of more chunks leaves the blocks behind the lanes more time.
Balance balance_of(const Shape& shape);

struct LargestShape {
    Configuration configuration;
    ResourceEstimate estimate;

    std::int64_t macs_per_cycle() const { return configuration.shape.lanes * configuration.shape.lane_width; }
};

struct LargestShapeSearch {
    std::size_t shapes = 0;           ///< that were given
    std::string range = {};           ///< of these, as searched_range() says it
    std::optional<LargestShape> best; ///< nothing where no shape is balanced, fits and meets the clock
    std::vector<ShapeLimit> limits;   ///< what keeps the larger shapes out
};

/// Of the given shapes, the balanced machine with the most multiply-accumulates per cycle that fits the device and
/// meets the clock; depths that are `auto` count as least. Of machines that do as much, the one with the fewest LUTs.
LargestShapeSearch find_largest_shape(const Configuration& configuration, const std::vector<Shape>& shapes,
                                      const Device& device, const Calibration& calibration);

} // namespace bru
