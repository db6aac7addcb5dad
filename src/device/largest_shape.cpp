#include "device/largest_shape.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/integers.hpp"
#include "machine/parameter_ranges.hpp"
#include "machine/timing.hpp"

namespace bru {

namespace {

constexpr std::int64_t kLaneStep = 4; // lanes are whole units

constexpr std::int64_t kBalanceUnits = 256; // of the layer that a machine is balanced for
constexpr std::int64_t kLstmParts = 2;      // x and h

std::int64_t macs_per_cycle(const Shape& shape) { return shape.lanes * shape.lane_width; }

/// The parameter's range, or the only value that it has.
ParameterRange range_of(const ParameterRange& all, bool is_fixed, std::int64_t value) {
    return is_fixed ? ParameterRange{value, value} : all;
}

std::string text_of(const ParameterRange& range) {
    return range.low == range.high ? fmt::format("{}", range.low) : fmt::format("{} to {}", range.low, range.high);
}

/// What keeps a larger shape out.
struct RejectedShape {
    std::int64_t macs = 0;
    std::vector<std::string> limits;
};

} // namespace

std::vector<Shape> searched_shapes(const Shape& given, const FixedParameters& fixed) {
    const ParameterRange lanes = range_of(parameter_range::kLanes, fixed.lanes, given.lanes);
    const ParameterRange widths = range_of(parameter_range::kLaneWidth, fixed.lane_width, given.lane_width);
    const ParameterRange updates = range_of(parameter_range::kUpdateWidth, fixed.update_width, given.update_width);
    std::vector<Shape> shapes;
    Shape shape = given;
    for (shape.lanes = lanes.low; shape.lanes <= lanes.high; shape.lanes += kLaneStep)
        for (shape.lane_width = widths.low; shape.lane_width <= widths.high; ++shape.lane_width)
            for (shape.update_width = updates.low; shape.update_width <= updates.high; shape.update_width *= 2)
                if (shape.units_per_group() % shape.update_width == 0) shapes.push_back(shape);
    return shapes;
}

std::string searched_range(const Shape& given, const FixedParameters& fixed) {
    const std::string lanes = text_of(range_of(parameter_range::kLanes, fixed.lanes, given.lanes));
    const std::string widths = text_of(range_of(parameter_range::kLaneWidth, fixed.lane_width, given.lane_width));
    return fmt::format("{} lanes x {}, E {} {}", lanes, widths, fixed.update_width ? "=" : "up to",
                       fixed.update_width ? given.update_width : parameter_range::kUpdateWidth.high);
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
    std::vector<Shape> largest_first = shapes;
    std::stable_sort(largest_first.begin(), largest_first.end(),
                     [](const Shape& a, const Shape& b) { return macs_per_cycle(a) > macs_per_cycle(b); });
    for (const Shape& shape : largest_first) {
        tried.shape = with_least_depths(shape);
        const std::int64_t macs = macs_per_cycle(shape);
        if (search.best && macs < search.best->macs_per_cycle()) break;
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
