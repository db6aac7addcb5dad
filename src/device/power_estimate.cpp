#include "device/power_estimate.hpp"

#include <map>

#include "base/integers.hpp"

namespace bru {

namespace {

constexpr double kPicojoule = 1e-12;

/// Cycles in which a block works. What has no count of its own works when chunks are issued.
double working_cycles(const std::string& block, const Activity& activity) {
    static const std::map<std::string, double Activity::*> kOwn = {
        {"scale_bias", &Activity::part_slice_cycles},  {"activation_lut", &Activity::unit_slice_cycles},
        {"cell_update", &Activity::unit_slice_cycles}, {"delays", &Activity::unit_slice_cycles},
        {"stream_input", &Activity::stream_cycles},    {"stream_output", &Activity::stream_cycles},
        {"axi_dma", &Activity::stream_cycles},         {"axi_interconnect", &Activity::stream_cycles}};
    const auto found = kOwn.find(block);
    return found != kOwn.end() ? activity.*(found->second) : activity.chunk_cycles;
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
        const double cycle_pj = real(block.used.lut) * device.lut_pj + block.used.bram36() * device.bram_pj +
                                real(block.used.dsp) * device.dsp_pj;
        const double joules = cycle_pj * kPicojoule * working_cycles(block.block, activity);
        power.blocks.push_back({block.block, activity.seconds > 0 ? joules / activity.seconds : 0});
    }
    return power;
}

} // namespace bru
