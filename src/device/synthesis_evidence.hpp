// What synthesis made of the shapes that were synthesized: NAME.synthesis.json beside the calibration, written by
// tools/calibrate. For putting estimate and synthesis side by side.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "device/resource_estimate.hpp"

namespace bru {

struct SynthesizedShape {
    std::map<std::string, Resources> blocks; ///< by name
    Resources core;
    std::string tool; ///< "Yosys 0.23 ..."
};

/// The figures of exactly this shape (depths that are `auto`: least), where the file beside `calibration` has it.
/// Throws InputError where the file is there but is not what tools/calibrate writes.
std::optional<SynthesizedShape> synthesized(const Shape& shape, const Calibration& calibration);

} // namespace bru
