#include "device/largest_shape.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/integers.hpp"
#include "machine/timing.hpp"

namespace bru {

namespace {

// The range of docs/resources.md. No shape beyond was synthesized, so nothing is known of the estimate's error there.
constexpr std::int64_t kFewestLanes = 16, kMostLanes = 256;
constexpr std::int64_t kLaneStep = 4; // lanes are whole units
constexpr std::int64_t kNarrowestLane = 4, kWidestLane = 31;
constexpr std::int64_t kWidestUpdate = 8;
constexpr std::int64_t kMostActivationBits = 32768; // L * W * A

constexpr std::int64_t kBalanceUnits = 256; // of the layer that a machine is balanced for
constexpr std::int64_t kLstmParts = 2;      // x and h

std::int64_t macs_per_cycle(const Shape& shape) { return shape.lanes * shape.lane_width; }

struct Range {
    std::int64_t low, high;
};

/// What keeps a larger shape out.
struct RejectedShape {
    std::int64_t macs = 0;
    std::vector<std::string> limits;
};

} // namespace

std::vector<Shape> searched_shapes(const Shape& given, const FixedParameters& fixed) {
    const Range lanes = fixed.lanes ? Range{given.lanes, given.lanes} : Range{kFewestLanes, kMostLanes};
    const Range widths =
        fixed.lane_width ? Range{given.lane_width, given.lane_width} : Range{kNarrowestLane, kWidestLane};
    const Range updates = fixed.update_width ? Range{given.update_width, given.update_width} : Range{1, kWidestUpdate};
    std::vector<Shape> shapes;
    Shape shape = given;
    for (shape.lanes = lanes.low; shape.lanes <= lanes.high; shape.lanes += kLaneStep)
        for (shape.lane_width = widths.low; shape.lane_width <= widths.high; ++shape.lane_width)
            for (shape.update_width = updates.low; shape.update_width <= updates.high; shape.update_width *= 2) {
                if (macs_per_cycle(shape) * shape.activation_bits > kMostActivationBits) continue;
                if (shape.units_per_group() % shape.update_width == 0) shapes.push_back(shape);
            }
    return shapes;
}

std::string searched_range() {
    return fmt::format("{} to {} lanes x {} to {}, E up to {}, L*W*A up to {}", kFewestLanes, kMostLanes,
                       kNarrowestLane, kWidestLane, kWidestUpdate, kMostActivationBits);
}

std::vector<std::string> broken_limits(const ResourceEstimate& estimate) {
    std::vector<std::string> broken;
    for (const ResourceLimit& limit : estimate.limits)
        if (!limit.fits()) broken.push_back(limit.name);
    if (!estimate.meets_clock()) broken.emplace_back("clock");
    return broken;
}

std::vector<ShapeLimit> LimitCounts::sorted() const {
    std::vector<ShapeLimit> limits;
    for (const auto& [name, shapes] : shapes_) limits.push_back({name, shapes});
    std::stable_sort(limits.begin(), limits.end(),
                     [](const ShapeLimit& a, const ShapeLimit& b) { return a.shapes > b.shapes; });
    return limits;
}

Balance balance_of(const Shape& shape) {
    const std::int64_t part_cycles = std::max<std::int64_t>(shape.slices_per_group(), kScaleBiasTurnaround);
    return {1 + divide_up(kBalanceUnits, shape.lane_width), kLstmParts * part_cycles};
}

LargestShapeSearch find_largest_shape(const Configuration& configuration, const std::vector<Shape>& shapes,
                                      const Device& device, const Calibration& calibration) {
    LargestShapeSearch search;
    search.shapes = shapes.size();
    std::vector<RejectedShape> rejected;
    Configuration tried = configuration;
    for (const Shape& shape : shapes) {
        tried.shape = with_least_depths(shape);
        const std::int64_t macs = macs_per_cycle(shape);
        if (search.best && macs < search.best->macs_per_cycle()) continue;
        const ResourceEstimate estimate = estimate_resources(tried, device, calibration);
        std::vector<std::string> broken = broken_limits(estimate);
        if (!balance_of(shape).holds()) broken.emplace_back("balance");
        if (!broken.empty()) {
            rejected.push_back({macs, std::move(broken)});
        } else if (!search.best || macs > search.best->macs_per_cycle() ||
                   estimate.total.lut < search.best->estimate.total.lut) {
            search.best = LargestShape{tried, estimate};
        }
    }
    LimitCounts counts;
    for (const RejectedShape& shape : rejected)
        if (!search.best || shape.macs > search.best->macs_per_cycle()) counts.add(shape.limits);
    search.limits = counts.sorted();
    return search;
}

} // namespace bru
