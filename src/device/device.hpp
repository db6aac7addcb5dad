// A device file: what an FPGA has, and how much of it a design may use.
#pragma once

#include <cstdint>
#include <string>

namespace bru {

struct Device {
    std::string name;
    std::string path; ///< of the file it came from
    std::int64_t luts = 0;
    std::int64_t memory_luts = 0; ///< of the LUTs, those usable as distributed RAM
    std::int64_t flip_flops = 0;
    std::int64_t bram36 = 0; ///< RAMB36, each two RAMB18
    std::int64_t dsp = 0;
    double lut_limit_percent = 100; ///< share of the LUTs up to which a design still counts as fitting
    double clock_mhz = 0;           ///< that the design is expected to reach here

    std::int64_t bram_bits() const { return bram36 * 36 * 1024; }
};

/// Throws InputError where a key is missing, unknown or out of range.
Device read_device(const std::string& path);

} // namespace bru
