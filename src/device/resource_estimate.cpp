#include "device/resource_estimate.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"

namespace bru {

namespace {

/// Outside bru_core, not synthesizable here: assumptions, with room above what AXI DMA (PG021) in direct register mode
/// with 64-bit streams, and an AXI interconnect (PG059) from one master to two slaves and from two masters to one port,
/// are reported to take on 7-series parts. A utilization report of one's own block design replaces them.
constexpr Resources kDmaLogic{1800, 0, 2300, 0, 0, 0};
constexpr Resources kInterconnect{1200, 0, 1500, 0, 0, 0};
constexpr std::int64_t kDmaBeatBits = 64 + 8 + 1; // data, TKEEP, TLAST

Resources axi_dma(const DmaTiming& dma) {
    Resources used = kDmaLogic;
    for (int direction = 0; direction < 2; ++direction) {
        const MemoryMapping fifo = map_memory({kDmaBeatBits, dma.fifo_beats});
        used.ramb18 += fifo.ramb18;
        used.ramb36 += fifo.ramb36;
        used.memory_lut += fifo.memory_luts;
        used.lut += fifo.memory_luts;
    }
    return used;
}

double path_of(const BlockStructure& block, const Calibration& calibration, const DeviceTiming& timing) {
    const double levels = calibration.total(block.block, "levels", block.levels);
    return timing.flip_flop_ns + levels * (timing.lut_ns + timing.net_ns) + timing.setup_ns;
}

/// The terms with what of them changes in a cycle in which the block works.
std::vector<StructureTerm> moving(std::vector<StructureTerm> terms) {
    for (StructureTerm& term : terms) term.quantity = term.moving;
    return terms;
}

BlockResources estimate_block(const BlockStructure& block, const Calibration& calibration, const DeviceTiming& timing) {
    BlockResources result;
    result.block = block.block;
    const auto whole = [](double value) { return std::llround(value); };
    result.used.memory_lut = block.memory.memory_luts;
    result.used.lut = block.memory.memory_luts + whole(calibration.total(block.block, "lut", block.lut));
    result.used.ff = whole(calibration.total(block.block, "ff", block.ff));
    result.used.ramb18 = block.memory.ramb18;
    result.used.ramb36 = block.memory.ramb36;
    result.used.dsp = block.dsp;
    result.path_ns = path_of(block, calibration, timing);
    result.error = calibration.error_of(block.block);
    result.moving_luts = calibration.total(block.block, "lut", moving(block.lut)) + block.access.lut_bits;
    result.ram_bits = block.access.ram_bits;
    return result;
}

BlockResources fixed_block(const std::string& name, const Resources& used, const std::string& note) {
    BlockResources block;
    block.block = name;
    block.used = used;
    block.note = note;
    block.moving_luts = real(used.lut - used.memory_lut);
    return block;
}

/// A beat is written into a FIFO and read from it.
BlockResources dma_block(const DmaTiming& dma) {
    BlockResources block = fixed_block("axi_dma", axi_dma(dma), "LUT and FF are an assumption");
    constexpr double kMovedBits = 2 * kDmaBeatBits;
    (block.used.memory_lut > 0 ? block.moving_luts : block.ram_bits) += kMovedBits;
    return block;
}

std::vector<ResourceLimit> limits_of(const Resources& total, const Device& device) {
    return {{"lut", real(total.lut), real(device.luts), real(device.luts) * device.lut_limit_percent / 100},
            {"memory_lut", real(total.memory_lut), real(device.memory_luts), real(device.memory_luts)},
            {"ff", real(total.ff), real(device.flip_flops), real(device.flip_flops)},
            {"bram36", total.bram36(), real(device.bram36), real(device.bram36)},
            {"dsp", real(total.dsp), real(device.dsp), real(device.dsp)}};
}

} // namespace

Resources& Resources::operator+=(const Resources& other) {
    lut += other.lut;
    memory_lut += other.memory_lut;
    ff += other.ff;
    ramb18 += other.ramb18;
    ramb36 += other.ramb36;
    dsp += other.dsp;
    return *this;
}

Resources& Resources::operator*=(std::int64_t count) {
    for (std::int64_t* const number : {&lut, &memory_lut, &ff, &ramb18, &ramb36, &dsp}) *number *= count;
    return *this;
}

const ResourceLimit& ResourceEstimate::limit(const std::string& name) const {
    const auto found =
        std::find_if(limits.begin(), limits.end(), [&name](const ResourceLimit& each) { return each.name == name; });
    return found != limits.end() ? *found : limits.front();
}

ResourceEstimate estimate_resources(const Configuration& configuration, const Device& device,
                                    const Calibration& calibration) {
    ResourceEstimate estimate;
    estimate.device = device;
    estimate.clock_mhz = configuration.clock_mhz;
    estimate.error = calibration.error_of("core");
    for (const BlockStructure& block : structure_of(with_least_depths(configuration.shape))) {
        estimate.blocks.push_back(estimate_block(block, calibration, device.timing));
        estimate.core += estimate.blocks.back().used;
    }
    const auto longest =
        std::max_element(estimate.blocks.begin(), estimate.blocks.end(),
                         [](const BlockResources& a, const BlockResources& b) { return a.path_ns < b.path_ns; });
    estimate.path_ns = longest->path_ns;
    estimate.limiting = longest->block;
    estimate.blocks.push_back(dma_block(configuration.dma));
    estimate.blocks.push_back(fixed_block("axi_interconnect", kInterconnect, "an assumption"));
    estimate.cores = configuration.platform.cores;
    for (BlockResources& block : estimate.blocks) {
        block.of_core = block.used;
        block.used *= estimate.cores;
        block.moving_luts *= real(estimate.cores);
        block.ram_bits *= real(estimate.cores);
        estimate.total += block.used;
    }
    estimate.limits = limits_of(estimate.total, device);
    const auto binding = std::max_element(
        estimate.limits.begin(), estimate.limits.end(),
        [](const ResourceLimit& a, const ResourceLimit& b) { return a.percent_of_limit() < b.percent_of_limit(); });
    estimate.binding = binding->name;
    estimate.fits = std::all_of(estimate.limits.begin(), estimate.limits.end(),
                                [](const ResourceLimit& each) { return each.fits(); });
    return estimate;
}

ResourceEstimate estimate_resources(const Configuration& configuration, const Device& device) {
    return estimate_resources(configuration, device, read_calibration(device));
}

double weight_memory_bram36(const Shape& shape) {
    for (const BlockStructure& block : structure_of(with_least_depths(shape))) {
        if (block.block == "weight_bram") return real(block.memory.ramb36) + real(block.memory.ramb18) / 2;
    }
    return 0;
}

void check_weights_fit(const Configuration& configuration, const Device& device, const std::string& network) {
    const Shape& shape = configuration.shape;
    const double bram36 = weight_memory_bram36(shape);
    if (bram36 <= real(device.bram36)) return;
    throw InputError(fmt::format(
        "{}: the network is larger than the block RAM: its weight memory needs {} words of {} x {} bits = {:.1f} "
        "RAMB36, and {} has {} ({}); use a smaller network, fewer weight planes{}, or a larger device "
        "(--bru.device=FILE)",
        network, shape.weight_words, shape.lanes, shape.lane_width, bram36, device.name, device.bram36, device.path,
        shape.weight_words < 512 ? ", fewer lanes (a block RAM is 512 words deep)" : ""));
}

} // namespace bru
