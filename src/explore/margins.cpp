#include "explore/margins.hpp"

#include <cmath>

#include <fmt/format.h>

#include "base/integers.hpp"

namespace bru {

namespace {

/// An estimated resource: its metrics, what the device has and allows, and the estimate's error.
struct EstimatedResource {
    std::string key;
    double available = 0;
    double allowed = 0;
    double error_percent = 0;
};

std::vector<EstimatedResource> estimated_resources(const Device& device, const CalibrationError& error) {
    const auto luts = real(device.luts);
    const auto flip_flops = real(device.flip_flops);
    return {{"lut", luts, luts * device.lut_limit_percent / 100, error.lut_percent},
            {"ff", flip_flops, flip_flops, error.ff_percent}};
}

} // namespace

std::vector<NarrowMargin> narrow_margins(const MetricValues& values, const std::vector<Constraint>& constraints,
                                         const Device& device, const CalibrationError& error) {
    std::vector<NarrowMargin> narrow;
    for (const Constraint& constraint : constraints) {
        const std::string& key = metrics()[constraint.metric()].key;
        for (const EstimatedResource& resource : estimated_resources(device, error)) {
            double limit = 0;
            if (key == "fits")
                limit = resource.allowed;
            else if (key == resource.key)
                limit = constraint.bound();
            else if (key == resource.key + "_percent")
                limit = constraint.bound() * resource.available / 100;
            else
                continue;
            const double value = values[metric_index(resource.key)];
            if (constraint.holds(values) && std::fabs(limit - value) <= value * resource.error_percent / 100)
                narrow.push_back({resource.key, value, limit, resource.error_percent, constraint.text()});
        }
    }
    return narrow;
}

std::string margin_text(const NarrowMargin& margin) {
    return fmt::format("{} {:.0f} is within {:.1f} % (the estimate's error) of the limit {:.0f} ({})", margin.metric,
                       margin.value, margin.error_percent, margin.limit, margin.limited_by);
}

} // namespace bru
