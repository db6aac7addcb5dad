// What synthesis made of the shapes that were synthesized, for putting estimate and synthesis side by side.
// tools/calibrate writes one file per version of Yosys beside the calibration: NAME.synthesis.json of the version that
// the factors are fitted to, NAME.synthesis-VERSION.json of every other version that the estimate was checked with.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "device/resource_estimate.hpp"

namespace bru {

struct SynthesizedShape {
    std::map<std::string, Resources> blocks; ///< by name
    Resources core;
    std::string tool; ///< "Yosys 0.23 ..."
};

/// The largest error of the estimate of `bru_core` against one version of the tool, on shapes outside the fit.
struct VersionError {
    std::string tool; ///< "Yosys 0.23"
    CalibrationError error;
};

/// "Yosys 0.23 (git sha1 ...)" is Yosys 0.23.
std::string short_tool_name(const std::string& tool);

struct SynthesisEvidence {
    std::vector<VersionError> errors;     ///< one entry per version; that of the fit is the first
    std::vector<SynthesizedShape> shapes; ///< of exactly the shape in question, in the same order
    /// What lies outside of all shapes that were synthesized for the fit: "bru.lanes = 1024 (16 to 256)". The errors
    /// say nothing of such a shape.
    std::vector<std::string> outside;
};

/// The evidence beside `calibration` for this shape (depths that are `auto`: least). A version that did not synthesize
/// the shape has an error only. Throws InputError where a file is there but is not what tools/calibrate writes.
SynthesisEvidence synthesis_evidence(const Shape& shape, const Calibration& calibration);

} // namespace bru
