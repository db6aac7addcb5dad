#include "device/largest_shape.hpp"

namespace bru {

namespace {

// The range of docs/resources.md.
constexpr std::int64_t kFewestLanes = 16, kMostLanes = 256;
constexpr std::int64_t kNarrowestLane = 4, kWidestLane = 32;
constexpr std::int64_t kWidestUpdate = 8;
constexpr std::int64_t kMostActivationBits = 32768; // L * W * A

} // namespace

std::optional<LargestShape> largest_shape(const Configuration& configuration, const Device& device) {
    const Calibration calibration = read_calibration(device);
    std::optional<LargestShape> best;
    Configuration tried = configuration;
    Shape& shape = tried.shape;
    shape = with_least_depths(shape);
    const auto is_better = [&best](const Shape& candidate, const ResourceEstimate& estimate) {
        if (!best) return true;
        const std::int64_t macs = candidate.lanes * candidate.lane_width;
        if (macs != best->macs_per_cycle()) return macs > best->macs_per_cycle();
        return estimate.total.lut < best->estimate.total.lut;
    };
    for (shape.lanes = kFewestLanes; shape.lanes <= kMostLanes; shape.lanes += 4) {
        for (shape.lane_width = kNarrowestLane; shape.lane_width <= kWidestLane; ++shape.lane_width) {
            if (shape.lanes * shape.lane_width * shape.activation_bits > kMostActivationBits) continue;
            if (best && shape.lanes * shape.lane_width < best->macs_per_cycle()) continue;
            for (shape.update_width = 1; shape.update_width <= kWidestUpdate; shape.update_width *= 2) {
                if (shape.units_per_group() % shape.update_width != 0) continue;
                const ResourceEstimate estimate = estimate_resources(tried, device, calibration);
                if (estimate.fits && is_better(shape, estimate)) best = LargestShape{tried, estimate};
            }
        }
    }
    return best;
}

} // namespace bru
