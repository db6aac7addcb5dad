#include "cosim/port_network.hpp"

#include <algorithm>
#include <random>

#include "base/integers.hpp"
#include "machine/bit_fields.hpp"
#include "machine/core_shape.hpp"
#include "machine/memory_layout.hpp"
#include "machine/stream_format.hpp"
#include "platform/network_placement.hpp"
#include "platform/step_encoder.hpp"

namespace bru {

namespace {

NetworkImage image_of(const Run& run) {
    const NetworkPlacement placement = resolved_placement(run.configuration(), run.quantized(), run.mode());
    return make_network_image(placement, run.quantized(), run.mode());
}

const Shape& built_shape(const CosimCase& c, const std::vector<RtlShape>& shapes) {
    return std::find_if(shapes.begin(), shapes.end(), [&](const RtlShape& each) { return each.name == c.shape; })
        ->shape; // prepare() has found it, too
}

std::int64_t words_of(const Shape& built, LoadTarget target) {
    switch (target) {
    case LoadTarget::weights: return built.weight_words;
    case LoadTarget::scales: return built.scale_words;
    case LoadTarget::biases: return built.bias_words;
    case LoadTarget::state: return built.streams > 1 ? 0 : built.state_words; // areas of streams stay where they are
    case LoadTarget::cell: return built.streams > 1 ? 0 : built.cell_words;
    case LoadTarget::run:
    case LoadTarget::tables: break;
    }
    return 0; // the tables lie at 0
}

void move_bases(Descriptor& descriptor, LoadTarget target, std::uint32_t words) {
    switch (target) {
    case LoadTarget::weights: descriptor.weight_base += words; break;
    case LoadTarget::scales: descriptor.scale_base += words; break;
    case LoadTarget::biases: descriptor.bias_base += words; break;
    case LoadTarget::state:
        for (const auto base : {&Descriptor::x_base, &Descriptor::h_base, &Descriptor::h_initial})
            descriptor.*base += words;
        break;
    case LoadTarget::cell:
        descriptor.cell_base += words;
        descriptor.cell_initial += words;
        break;
    case LoadTarget::run:
    case LoadTarget::tables: break;
    }
}

/// Of every size, so that sums saturate and do not. Each of the two parts of a sum is below 2^39 (8-bit activations) or
/// 2^46, so that 48 bits hold the sum.
std::uint64_t wild_bias(std::uint64_t random, int activation_bits) {
    constexpr std::uint64_t kField = (std::uint64_t{1} << kBiasBits) - 1;
    constexpr std::int64_t kMost = (std::int64_t{1} << (kBiasBits - 1)) - (std::int64_t{1} << 40);
    const int bits = activation_bits <= 8 ? kBiasBits : 44;
    const std::int64_t bias = std::clamp(sign_extended(random, bits), -kMost, kMost);
    return static_cast<std::uint64_t>(bias >> (random >> kBiasBits) % bits) & kField;
}

void flip_bias(std::uint64_t* word, std::int64_t bit, std::uint64_t bits) {
    const std::int64_t offset = bit % kBeatBits;
    word[bit / kBeatBits] ^= bits << offset;
    if (offset + kBiasBits > kBeatBits) word[bit / kBeatBits + 1] ^= bits >> (kBeatBits - offset);
}

} // namespace

PortNetwork::PortNetwork(const CosimCase& c, const std::vector<RtlShape>& shapes, std::uint64_t seed)
    : prepared_(prepare(c, shapes)), image_(image_of(prepared_.run)) {
    int open_sequences = 0; // of all streams
    for (std::size_t k = 0; k < prepared_.steps.size(); ++k) {
        open_sequences += (prepared_.steps[k].first ? 1 : 0) - (prepared_.steps[k].last ? 1 : 0);
        if (open_sequences == 0) sequence_ends_.push_back(k + 1);
    }
    fill_biases(*c.port, seed);
    if (c.port->wild) draw_shifts(seed);
    move_regions(built_shape(c, shapes), seed);
}

/// Each region to any place where it fits, as behind other networks: to the end of the memory, or nowhere, since at
/// word 0 a load that goes too far would come out, or in between.
void PortNetwork::move_regions(const Shape& built, std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    for (LoadRegion& region : image_.regions) {
        const std::int64_t used = narrow<std::int64_t>(region.beat_count) / region.beats_per_word;
        const std::int64_t room = words_of(built, region.target) - used;
        const auto place = engine() % 3;
        if (room <= 0 || place == 0) continue;
        const std::uint64_t anywhere = engine() % narrow<std::uint64_t>(room + 1);
        const auto words = narrow<std::uint32_t>(place == 1 ? narrow<std::uint64_t>(room) : anywhere);
        region.first_word += words;
        for (Descriptor& descriptor : image_.descriptors) move_bases(descriptor, region.target, words);
    }
}

/// Biases of rows that the network does not have become anything, where nobody looks inside the core: no output, no
/// state and no index may depend on them. In a wild case those of its own rows do, too.
void PortNetwork::fill_biases(const PortTraffic& traffic, std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    const CoreShape shape(prepared_.run.configuration().shape);
    const MemoryLayout layout(shape);
    const auto region = std::find_if(image_.regions.begin(), image_.regions.end(),
                                     [](const LoadRegion& each) { return each.target == LoadTarget::biases; });
    for (const Descriptor& descriptor : image_.descriptors)
        for (std::uint32_t group = 0; group < descriptor.groups; ++group)
            for (int lane = 0; lane < shape.lanes; ++lane) {
                const int row = descriptor.dense() ? layout.dense_row_of(group, lane) : layout.unit_of(group, lane);
                const bool padding = row >= narrow<int>(descriptor.size);
                if (padding ? traffic.inside : !traffic.wild) continue;
                const FieldPlace place = layout.bias(group, lane);
                const std::size_t word = descriptor.bias_base + place.word - region->first_word;
                flip_bias(region->beats.data() + word * narrow<std::size_t>(region->beats_per_word), place.bit,
                          wild_bias(engine(), narrow<int>(shape.activation_bits)));
            }
}

/// Half of them at the limits, where shifted bits come from the ends of the sum.
void PortNetwork::draw_shifts(std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    constexpr std::int32_t kLeast = -16; // docs/interfaces.md, SHIFT
    constexpr std::int32_t kMost = 47;
    for (Descriptor& descriptor : image_.descriptors) {
        if (engine() % 2 == 0) continue;
        const std::uint64_t drawn = engine() % (2 * (kMost - kLeast + 1));
        if (drawn % 2 == 0)
            descriptor.shift = kLeast + narrow<std::int32_t>(drawn / 2);
        else
            descriptor.shift = drawn % 4 == 1 ? kLeast : kMost;
    }
}

std::vector<std::uint64_t> PortNetwork::steps(std::size_t first, std::size_t count) const {
    const std::size_t begin = first == 0 ? 0 : sequence_ends_[first - 1];
    const std::size_t end = sequence_ends_[first + count - 1];
    StepEncoder encoder(prepared_.run.configuration().shape, prepared_.run.network(), image_);
    std::vector<std::uint64_t> beats;
    for (std::size_t k = begin; k < end; ++k) encoder.append(prepared_.steps[k], k + 1 == end, beats);
    return beats;
}

} // namespace bru
