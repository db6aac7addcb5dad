// What a unit of each structure term takes of a device family: the figures that tools/calibrate fits to synthesis and
// writes, with the error that they left on shapes outside the fit.
#pragma once

#include <map>
#include <string>

#include "device/device.hpp"
#include "device/structure.hpp"

namespace bru {

/// Largest deviation of the estimate from synthesis, over shapes that were not in the fit [%].
struct CalibrationError {
    double lut_percent = 0;
    double ff_percent = 0;
};

struct Calibration {
    std::string path;                               ///< of the file it came from
    std::map<std::string, double> factors;          ///< by "block.lut.term", "block.ff.term", "block.levels.term"
    std::map<std::string, CalibrationError> errors; ///< by block, and "core" for all of them together

    /// Sum of factor times quantity over the terms; `kind` is lut, ff or levels.
    double total(const std::string& block, const std::string& kind, const std::vector<StructureTerm>& terms) const;
    CalibrationError error_of(const std::string& block) const;
};

/// Reads NAME.calibration beside the device file, else among the device files that come with the program. Throws
/// InputError where it is missing, or a term of the structure has no factor.
Calibration read_calibration(const Device& device);

} // namespace bru
