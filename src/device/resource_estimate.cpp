// The structural formulas of docs/resources.md, a function a block. L, W, E, U, D, A, N as in docs/architecture.md.
#include "device/resource_estimate.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "device/memory_shape.hpp"
#include "model/error.hpp"

namespace bru {

namespace {

constexpr std::int64_t kSumBits = 48;    // bias, products and their sums
constexpr std::int64_t kScaleField = 16; // a mantissa in the scale memory, whatever scale_bits says
constexpr std::int64_t kValueBits = 16;  // gates, c, table entries
constexpr std::int64_t kBeatBits = 64;
constexpr std::int64_t kPartRegisters = 2; // of a lane: one fills while scale_bias empties the other
constexpr std::int64_t kMuxInputsPerLut = 4;
constexpr std::int64_t kByteLaneBits = 9; // of a block RAM's write enables
constexpr std::int64_t kDescriptors = 32;
constexpr std::int64_t kDescriptorBits = 22 * 20; // fields of up to 20 bits each

constexpr std::int64_t divide_up(std::int64_t value, std::int64_t by) { return (value + by - 1) / by; }

std::int64_t ceil_log2(std::int64_t value) {
    std::int64_t bits = 0;
    while ((std::int64_t{1} << bits) < value) ++bits;
    return bits;
}

/// Bits of a part: one input of a DSP48E1's multiplier up to A = 8, two DSPs above.
std::int64_t part_bits(const Shape& shape) { return shape.activation_bits <= 8 ? 25 : 32; }

/// Address of an address counter or pointer into a memory.
std::int64_t address_bits(std::int64_t words) { return std::max<std::int64_t>(1, ceil_log2(words)); }

Resources memory(const MemoryCost& cost) { return {cost.memory_luts, cost.memory_luts, 0, cost.ramb18, 0}; }

/// A masked adder tree over W activations: adders of a level are as wide as their operands, and the first
/// level's LUTs also hold the masks. Registers after every second level and after the last.
Resources adder_tree(const Shape& shape, std::int64_t luts_per_bit_of_first_level) {
    Resources tree;
    const std::int64_t levels = ceil_log2(shape.lane_width);
    std::int64_t operands = shape.lane_width;
    for (std::int64_t level = 1; level <= levels; ++level) {
        const std::int64_t adders = operands / 2;
        const std::int64_t bits = shape.activation_bits + level;
        tree.lut += adders * bits * (level == 1 ? luts_per_bit_of_first_level : 1);
        operands = divide_up(operands, 2);
        if (level % 2 == 0 || level == levels) tree.ff += operands * bits;
    }
    if (levels == 0) tree = {shape.activation_bits, 0, shape.activation_bits, 0, 0};
    return tree;
}

Resources weight_bram(const Shape& shape) {
    const std::int64_t address = address_bits(shape.weight_words);
    Resources used = memory({simple_dual_port_ramb18(shape.lanes * shape.lane_width, shape.weight_words), 0});
    used.lut += 2 * address;
    used.ff += 2 * address;
    return used;
}

Resources dot_product_lanes(const Shape& shape) {
    const std::int64_t part = part_bits(shape);
    const Resources tree = adder_tree(shape, 2);
    Resources lane = tree;
    lane.lut += 2 * part;                    // accumulate; start, double or keep in front of it
    lane.ff += part + kPartRegisters * part; // accumulator and part registers
    Resources used;
    used.lut = lane.lut * shape.lanes;
    used.ff = lane.ff * shape.lanes;
    const Resources sum = adder_tree(shape, 1); // S, for all lanes
    used.lut += sum.lut + part;
    used.ff += sum.ff + part + kPartRegisters * part;
    used.lut += shape.lane_width * shape.activation_bits; // one-hot or activation
    return used;
}

Resources scale_bias(const Shape& shape) {
    const std::int64_t rows = 4 * shape.update_width;
    const std::int64_t part = part_bits(shape);
    Resources used = memory(simple_dual_port(rows * kScaleField, shape.scale_words));
    used += memory(simple_dual_port(rows * kSumBits, shape.bias_words));
    used += memory(simple_dual_port(rows * kSumBits, shape.slices_per_group())); // the earlier part's sums
    const std::int64_t select = part * divide_up(kPartRegisters * shape.slices_per_group(), kMuxInputsPerLut);
    const std::int64_t shift = 3 * kSumBits; // six stages of a 48-bit shifter, two in a LUT
    const std::int64_t saturate = 32;
    used.lut += rows * (select + part + shift + saturate); // + part: 2m - S or m
    used.ff += rows * (part + kSumBits + kSumBits + 32);
    used.dsp += rows * (shape.activation_bits <= 8 ? 1 : 2);
    return used;
}

Resources activation_lut(const Shape& shape) {
    const std::int64_t entries = std::int64_t{1} << shape.lut_address_bits;
    const std::int64_t sigmoid_ports = 3 * shape.update_width; // i, f, o
    const std::int64_t tanh_ports = 2 * shape.update_width;    // g, tanh(c')
    Resources used = memory(multi_read_table(kValueBits, entries, sigmoid_ports));
    used += memory(multi_read_table(kValueBits, entries, tanh_ports));
    used.lut += (sigmoid_ports + tanh_ports) * shape.lut_address_bits; // rounding to an address
    used.ff += (sigmoid_ports + tanh_ports) * shape.lut_address_bits;
    return used;
}

Resources cell_update(const Shape& shape) {
    const std::int64_t saturate_c = 2 * kValueBits;
    const std::int64_t round_h = shape.activation_bits + 8;
    const std::int64_t delay_o = kValueBits; // a shift register of LUTs beside tanh(c')
    Resources unit{saturate_c + round_h + delay_o, delay_o, 4 * kValueBits + shape.activation_bits, 0, 3};
    Resources used;
    for (std::int64_t i = 0; i < shape.update_width; ++i) used += unit;
    return used;
}

/// State memory is read a chunk (W) and written a slice (E) at a time. In block RAM a group of activations that
/// are always written together takes whole byte lanes; where neither width divides the other every one does.
MemoryCost state_memory(const Shape& shape) {
    const std::int64_t narrow = std::min(shape.lane_width, shape.update_width);
    const std::int64_t wide = std::max(shape.lane_width, shape.update_width);
    const bool aligned = wide % narrow == 0;
    const std::int64_t depth = divide_up(shape.state_words * shape.lane_width, wide);
    if (depth <= kDistributedRamWords) return simple_dual_port(wide * shape.activation_bits, depth);
    const std::int64_t together = (aligned ? narrow : 1) * shape.activation_bits;
    const std::int64_t columns = aligned ? wide / narrow : wide;
    const bool whole_words = columns == 1;
    const std::int64_t column_bits = whole_words ? together : divide_up(together, kByteLaneBits) * kByteLaneBits;
    return simple_dual_port(columns * column_bits, depth);
}

Resources state_registers(const Shape& shape) {
    Resources used = memory(state_memory(shape));
    used += memory(simple_dual_port(shape.update_width * kValueBits, shape.cell_words));
    const std::int64_t addresses = 2 * address_bits(shape.state_words) + 2 * address_bits(shape.cell_words);
    used.lut += 2 * addresses;
    used.ff += addresses + shape.lane_width * shape.activation_bits;
    return used;
}

Resources sequencer(const Shape& shape) {
    Resources used = memory(simple_dual_port(kDescriptorBits, kDescriptors));
    const std::int64_t counters =
        10 * 16 + 2 * address_bits(shape.weight_words); // chunk, plane, part, group, step, bases
    used.lut += 3 * counters + 200;                     // count, compare, the four stall rules
    used.ff += 2 * counters + kDescriptorBits;          // the descriptor under way
    return used;
}

Resources control_registers() {
    const std::int64_t counters = 10 * 64;
    const std::int64_t registers = 8 * 32;
    const std::int64_t read_mux = 32 * divide_up(10 * 2 + 8 + 13, kMuxInputsPerLut);
    return {counters + read_mux + 150, 0, counters + registers + 100, 0, 0};
}

Resources stream_input(const Shape& shape) {
    const std::int64_t rows = 4 * shape.update_width;
    const std::int64_t chunk = shape.lane_width * shape.activation_bits;
    // One register puts words of any target together from beats.
    const std::int64_t word = std::max({shape.lanes * shape.lane_width, rows * kSumBits, chunk, kBeatBits});
    Resources used = memory(simple_dual_port(chunk, shape.input_words));
    used.lut += divide_up(word, kBeatBits) + 200;
    used.ff += word + kBeatBits + 100;
    return used;
}

Resources stream_output(const Shape& shape) {
    const std::int64_t slice = std::max(4 * shape.update_width * 32, shape.update_width * shape.activation_bits);
    std::int64_t slices = 32;
    while (slices < 2 * shape.slices_per_group()) slices *= 2;
    Resources used = memory(simple_dual_port(slice, slices));
    used += memory(simple_dual_port(kBeatBits + 1, shape.output_fifo_beats)); // + TLAST
    const std::int64_t serialize = kBeatBits * divide_up(divide_up(slice, kBeatBits), kMuxInputsPerLut);
    used.lut += serialize + 2 * 32 + 150; // argmax compares two logits
    used.ff += 3 * kBeatBits + 150;
    return used;
}

Resources axi_dma(const DmaTiming& dma) {
    Resources used{1800, 0, 2300, 0, 0};
    for (int direction = 0; direction < 2; ++direction)
        used += memory(simple_dual_port(kBeatBits + 8 + 1, dma.fifo_beats)); // data, TKEEP, TLAST
    return used;
}

std::vector<ResourceLimit> limits_of(const Resources& total, const Device& device) {
    const auto real = [](std::int64_t value) { return static_cast<double>(value); };
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
    dsp += other.dsp;
    return *this;
}

const ResourceLimit& ResourceEstimate::limit(const std::string& name) const {
    const auto found =
        std::find_if(limits.begin(), limits.end(), [&name](const ResourceLimit& each) { return each.name == name; });
    return found != limits.end() ? *found : limits.front();
}

ResourceEstimate estimate_resources(const Configuration& configuration, const Device& device) {
    const Shape& shape = configuration.shape;
    ResourceEstimate estimate;
    estimate.device = device;
    estimate.blocks = {{"control_registers", control_registers(), ""},
                       {"stream_input", stream_input(shape), ""},
                       {"sequencer", sequencer(shape), ""},
                       {"weight_bram", weight_bram(shape), ""},
                       {"dot_product_lanes", dot_product_lanes(shape), ""},
                       {"scale_bias", scale_bias(shape), ""},
                       {"activation_lut", activation_lut(shape), ""},
                       {"cell_update", cell_update(shape), ""},
                       {"state_registers", state_registers(shape), ""},
                       {"stream_output", stream_output(shape), ""},
                       {"axi_dma", axi_dma(configuration.dma), "fixed LUT and FF, an assumption"},
                       {"axi_interconnect", Resources{1200, 0, 1500, 0, 0}, "fixed, an assumption"}};
    for (const BlockResources& block : estimate.blocks) estimate.total += block.used;
    estimate.limits = limits_of(estimate.total, device);
    const auto binding = std::max_element(
        estimate.limits.begin(), estimate.limits.end(),
        [](const ResourceLimit& a, const ResourceLimit& b) { return a.percent_of_limit() < b.percent_of_limit(); });
    estimate.binding = binding->name;
    estimate.fits = std::all_of(estimate.limits.begin(), estimate.limits.end(),
                                [](const ResourceLimit& each) { return each.fits(); });
    return estimate;
}

void check_weights_fit(const Configuration& configuration, const Device& device) {
    const Shape& shape = configuration.shape;
    const std::int64_t ramb18 = simple_dual_port_ramb18(shape.lanes * shape.lane_width, shape.weight_words);
    if (ramb18 <= 2 * device.bram36) return;
    throw InputError(fmt::format(
        "the network is larger than the block RAM: its weight memory needs {} words of {} x {} bits = {:.1f} RAMB36, "
        "and {} has "
        "{} ({}); use a smaller network, fewer weight planes{}, or a larger device (--bru.device=FILE)",
        shape.weight_words, shape.lanes, shape.lane_width, static_cast<double>(ramb18) / 2, device.name, device.bram36,
        device.path, shape.weight_words < 512 ? ", fewer lanes (a block RAM is 512 words deep)" : ""));
}

} // namespace bru
