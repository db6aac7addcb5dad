// A device file: what an FPGA has, and how much of it a design may use.
#pragma once

#include <cstdint>
#include <string>

namespace bru {

/// Delays of the fabric. A device file that says none has those of configs/devices/xc7z020.ini, where their source
/// stands.
struct DeviceTiming {
    double flip_flop_ns = 0.303; ///< clock to output
    double lut_ns = 0.42;        ///< any input to output
    double net_ns = 0.74;        ///< from a LUT or flip-flop to the next LUT: a routed net with four loads
    double setup_ns = 0.05;      ///< of a flip-flop
};

/// First-order power: what the part takes when nothing happens, and energies of an operation; else as xc7z020.ini.
struct DevicePower {
    double static_w = 0.15; ///< of the programmable logic
    double lut_pj = 0.044;  ///< a LUT with its net and register, in a cycle in which its block works
    double bram_pj = 10;    ///< one access of a RAMB36 over its full width
    double dsp_pj = 1.4;    ///< one multiplication
};

struct Device {
    std::string name;
    std::string path; ///< of the file it came from
    std::int64_t luts = 0;
    std::int64_t memory_luts = 0; ///< of the LUTs, those usable as distributed RAM
    std::int64_t flip_flops = 0;
    std::int64_t bram36 = 0; ///< RAMB36, each two RAMB18
    std::int64_t dsp = 0;
    double lut_limit_percent = 100;  ///< share of the LUTs up to which a design still counts as fitting
    double clock_mhz = 0;            ///< that the design is expected to reach here
    double dma_clock_mhz = 150;      ///< up to which AXI DMA is characterized here; else as xc7z020.ini
    std::string calibration = "xc7"; ///< name of the file with what synthesis for this family takes

    DeviceTiming timing;
    DevicePower power;

    std::int64_t bram_bits() const { return bram36 * 36 * 1024; }
};

/// Throws InputError where a key of what the device has is missing, or any key is unknown or out of range. The
/// clock of the DMA, calibration, delays and energies may be left out.
Device read_device(const std::string& path);

} // namespace bru
