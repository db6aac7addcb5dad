// What software on the board reads (docs/driver.md, "Files for software"): network images and encoded steps.
#pragma once

#include <cstdint>
#include <string>

#include "driver/bru.h"
#include "model/step.hpp"
#include "platform/step_encoder.hpp"

namespace bru {

/// The bytes of an image file; every region of the image has its beats.
std::string image_bytes(const bru_image& image);

/// The same bytes as C source: `const uint64_t bru_image[]` and `const size_t bru_image_bytes`. `comment`: one line.
std::string image_c_source(const std::string& bytes, const std::string& comment);

struct WrittenSteps {
    std::uint64_t steps = 0;
    std::uint64_t bytes = 0; ///< of the file
};

/// Writes the steps, encoded, in constant memory. The last one ends the run. Throws InputError where there is none,
/// where a step does not fit the network, or where the file would have 4 GiB or more.
WrittenSteps write_steps_file(const std::string& path, StepSource& steps, StepEncoder& encoder,
                              std::uint32_t step_beats);

} // namespace bru
