// What a shape takes of a device, block by block. Block RAMs, LUT RAMs and DSPs follow exactly from the RTL; logic and
// flip-flops are the RTL's structure times what synthesis was measured to make of it (docs/resources.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/integers.hpp"
#include "config/configuration.hpp"
#include "device/calibration.hpp"
#include "device/device.hpp"

namespace bru {

struct Resources {
    std::int64_t lut = 0;        ///< all LUTs: logic, shift registers and memory
    std::int64_t memory_lut = 0; ///< of these, distributed RAM
    std::int64_t ff = 0;
    std::int64_t ramb18 = 0;
    std::int64_t ramb36 = 0;
    std::int64_t dsp = 0;

    double bram36() const { return real(ramb36) + real(ramb18) / 2; }
    Resources& operator+=(const Resources& other);
    Resources& operator*=(std::int64_t count);
};

struct BlockResources {
    std::string block;      ///< as docs/architecture.md calls it
    Resources used;         ///< of all cores
    Resources of_core;      ///< of one of them
    std::string note;       ///< "" or what the figures stand on
    double path_ns = 0;     ///< longest path that ends in the block; 0 where it is not estimated
    CalibrationError error; ///< largest deviation seen; 0 for what has none
    double moving_luts = 0; ///< LUTs whose outputs change in a cycle in which the block works; bits of LUT RAM count
    double ram_bits = 0;    ///< of block RAM, read or written in such a cycle
};

/// One resource against its budget.
struct ResourceLimit {
    std::string name; ///< "lut", "memory_lut", "ff", "bram36", "dsp"
    double used = 0;
    double available = 0; ///< what the device has
    double limit = 0;     ///< what a design may use of it

    double percent_of_available() const { return percent(available); }
    double percent_of_limit() const { return percent(limit); }
    bool fits() const { return used <= limit; }

private:
    double percent(double whole) const { return whole > 0 ? 100 * used / whole : used > 0 ? 1e9 : 0; }
};

struct ResourceEstimate {
    Device device;
    std::int64_t cores = 1;
    std::vector<BlockResources> blocks; ///< of all cores
    Resources core;                     ///< bru_core, one of them: what tools/synthesize can measure
    Resources total;                    ///< with DMA and interconnect
    CalibrationError error;             ///< of `core`
    std::vector<ResourceLimit> limits;
    bool fits = false;
    std::string binding;  ///< the resource with the largest share of its limit
    double clock_mhz = 0; ///< that the machine is asked to reach
    double path_ns = 0;   ///< the longest of the blocks' paths
    std::string limiting; ///< the block that it ends in

    const ResourceLimit& limit(const std::string& name) const;
    bool meets_clock() const { return path_ns * clock_mhz <= 1000; }
    double reachable_mhz() const { return path_ns > 0 ? 1000 / path_ns : 0; }
};

/// Estimates the shape with its DMA on the device, as often as the chip has cores: each brings a DMA, two masters and
/// two slaves for the interconnect, and the processing system is hard logic. Depths that are still `auto` count as
/// with_least_depths says.
ResourceEstimate estimate_resources(const Configuration& configuration, const Device& device,
                                    const Calibration& calibration);

/// With the calibration that the device names.
ResourceEstimate estimate_resources(const Configuration& configuration, const Device& device);

/// Throws InputError where the weight memory alone needs more block RAM than the device has: such a machine cannot
/// hold its network, so running it would say nothing. The weights are those of one core. `network`: its name, for the
/// message.
void check_weights_fit(const Configuration& configuration, const Device& device, const std::string& network);

/// RAMB36 of the weight memory alone.
double weight_memory_bram36(const Shape& shape);

} // namespace bru
