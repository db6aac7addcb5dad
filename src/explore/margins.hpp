// Where a point holds a limit by less than the error of the estimate: synthesis may find that the limit is missed.
#pragma once

#include <string>
#include <vector>

#include "device/calibration.hpp"
#include "device/device.hpp"
#include "explore/metrics.hpp"

namespace bru {

/// A limit that the estimate cannot tell from a missed one.
struct NarrowMargin {
    std::string metric;       ///< key: "lut"
    double value = 0;         ///< the estimate
    double limit = 0;         ///< of the constraint, or what the device allows
    double error_percent = 0; ///< largest deviation of the estimate from synthesis
    std::string limited_by;   ///< the constraint's text
};

/// Of the constraints that the point holds, those with a margin within the error. Only LUTs and flip-flops have an
/// error: cycles, latencies, block RAMs and DSPs are exact. `device`, `error`: what the point was estimated with.
std::vector<NarrowMargin> narrow_margins(const MetricValues& values, const std::vector<Constraint>& constraints,
                                         const Device& device, const CalibrationError& error);

/// "lut 44,980 is within 1.9 % (the estimate's error) of the limit 45,220 (fits)"
std::string margin_text(const NarrowMargin& margin);

} // namespace bru
