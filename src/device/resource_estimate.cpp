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
/// Of the channels of AXI4-Lite between interconnect and core: AW and AR with address and protection, W with strobes, B
/// and R with the response.
constexpr std::int64_t kRegisterChannelBits[] = {16, 16, 36, 2, 34};
constexpr std::int64_t kRegisterPlaces = 16;

void add_memory(Resources& used, const MemoryMapping& memory) {
    used.ramb18 += memory.ramb18;
    used.ramb36 += memory.ramb36;
    used.memory_lut += memory.memory_luts;
    used.lut += memory.memory_luts;
}

Resources axi_dma(const DmaTiming& dma) {
    Resources used = kDmaLogic;
    for (int direction = 0; direction < 2; ++direction) add_memory(used, map_memory({kDmaBeatBits, dma.fifo_beats}));
    return used;
}

/// A FIFO between two clocks: memory and output register; on each side a counter, its Gray code, and the other side's
/// Gray code in N registers; increment and comparison in four LUTs per bit. An asynchronous FIFO written for this count
/// takes 76 LUTs and 122 flip-flops in Yosys 0.23 with 73 bits, 32 places and N = 2, as counted here.
Resources crossing_fifo(std::int64_t bits, std::int64_t places, std::int64_t stages) {
    const std::int64_t address = ceil_log2(places);
    const std::int64_t pointer = address + 1;
    Resources used;
    used.lut = 4 * pointer;
    used.ff =
        bits + (4 + 2 * stages) * pointer + 1; // `full`, `empty`, `valid`; a Gray code's highest bit is the counter's
    add_memory(used, map_memory({bits, std::int64_t{1} << address}));
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

/// With FIFOs: a beat is written into one and read from it.
BlockResources stream_block(const std::string& name, const Resources& used, const std::string& note) {
    BlockResources block = fixed_block(name, used, note);
    constexpr double kMovedBits = 2 * kDmaBeatBits;
    (used.ramb18 + used.ramb36 == 0 ? block.moving_luts : block.ram_bits) += kMovedBits;
    return block;
}

/// The FIFOs of both streams and of the registers, where core and DMA have different clocks.
Resources clock_crossing(const CrossingTiming& crossing) {
    Resources used;
    for (int direction = 0; direction < 2; ++direction)
        used += crossing_fifo(kDmaBeatBits, crossing.beats, crossing.stages);
    for (const std::int64_t bits : kRegisterChannelBits) used += crossing_fifo(bits, kRegisterPlaces, crossing.stages);
    return used;
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
    estimate.blocks.push_back(stream_block("axi_dma", axi_dma(configuration.dma), "LUT and FF are an assumption"));
    estimate.blocks.push_back(fixed_block("axi_interconnect", kInterconnect, "an assumption"));
    if (!configuration.has_one_clock())
        estimate.blocks.push_back(
            stream_block("clock_crossing", clock_crossing(configuration.crossing), "counted, not synthesized"));
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
