#include "device/power_estimate.hpp"

#include <map>

#include "base/integers.hpp"

namespace bru {

namespace {

constexpr double kPicojoule = 1e-12;

/// The width of a RAMB36, over which DevicePower::bram_pj counts.
constexpr double kBlockRamBits = 72;

/// Cycles in which a block works. What has no count of its own works when chunks are issued.
double working_cycles(const std::string& block, const Activity& activity) {
    const double beats = activity.input_beat_cycles + activity.output_beat_cycles;
    const std::map<std::string, double> own = {
        {"scale_bias", activity.part_slice_cycles},
        {"activation_lut", activity.unit_slice_cycles},
        {"cell_update", activity.unit_slice_cycles},
        {"delays", activity.unit_slice_cycles},
        {"stream_input", activity.input_beat_cycles + activity.input_chunk_cycles},
        {"stream_output", activity.output_beat_cycles},
        {"axi_dma", beats},
        {"axi_interconnect", beats},
        {"clock_crossing", beats}};
    const auto found = own.find(block);
    return found != own.end() ? found->second : activity.chunk_cycles;
}

} // namespace

double PowerEstimate::dynamic_watts() const {
    double sum = 0;
    for (const BlockPower& block : blocks) sum += block.watts;
    return sum;
}

PowerEstimate estimate_power(const ResourceEstimate& estimate, const Activity& activity) {
    PowerEstimate power;
    const DevicePower& device = estimate.device.power;
    power.static_watts = device.static_w;
    power.seconds = activity.seconds;
    power.steps = activity.steps;
    for (const BlockResources& block : estimate.blocks) {
        const double cycle_pj = block.moving_luts * device.lut_pj + block.ram_bits / kBlockRamBits * device.bram_pj +
                                real(block.used.dsp) * device.dsp_pj;
        const double joules = cycle_pj * kPicojoule * working_cycles(block.block, activity);
        power.blocks.push_back({block.block, activity.seconds > 0 ? joules / activity.seconds : 0});
    }
    return power;
}

} // namespace bru
