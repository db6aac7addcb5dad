#include "cosim/port_network.hpp"

#include <algorithm>

#include "base/integers.hpp"
#include "cosim/stretched_strides.hpp"
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

std::uint32_t words_of(const LoadRegion& region) {
    return narrow<std::uint32_t>(region.beat_count) / narrow<std::uint32_t>(region.beats_per_word);
}

/// The fields that are addresses in a memory; the first one says where the descriptor's part of a region begins.
std::vector<std::uint32_t Descriptor::*> bases_of(LoadTarget target) {
    switch (target) {
    case LoadTarget::weights: return {&Descriptor::weight_base};
    case LoadTarget::scales: return {&Descriptor::scale_base};
    case LoadTarget::biases: return {&Descriptor::bias_base};
    case LoadTarget::state: return {&Descriptor::h_base, &Descriptor::x_base, &Descriptor::h_initial};
    case LoadTarget::cell: return {&Descriptor::cell_base, &Descriptor::cell_initial};
    case LoadTarget::run:
    case LoadTarget::tables: break;
    }
    return {};
}

/// The region in parts, each of one descriptor.
std::vector<LoadRegion> split(const LoadRegion& region, const std::vector<Descriptor>& descriptors) {
    std::vector<std::uint32_t> begins = {region.first_word};
    for (const Descriptor& descriptor : descriptors) begins.push_back(descriptor.*bases_of(region.target)[0]);
    std::sort(begins.begin(), begins.end());
    begins.erase(std::unique(begins.begin(), begins.end()), begins.end());
    begins.push_back(region.first_word + words_of(region));
    std::vector<LoadRegion> parts;
    for (std::size_t k = 0; k + 1 < begins.size(); ++k) {
        const auto beat = [&](std::uint32_t word) {
            return region.beats.begin() + narrow<std::ptrdiff_t>(word - region.first_word) * region.beats_per_word;
        };
        LoadRegion part = region;
        part.first_word = begins[k];
        part.beats.assign(beat(begins[k]), beat(begins[k + 1]));
        part.beat_count = part.beats.size();
        parts.push_back(part);
    }
    return parts;
}

/// Each of the two parts of a sum is below 2^39 (8-bit activations) or 2^46, so that 48 bits hold the sum.
std::int64_t most_bias(const CoreShape& shape) {
    return shape.activation_bits <= 8 ? (std::int64_t{1} << (kBiasBits - 1)) - (std::int64_t{1} << 40)
                                      : (std::int64_t{1} << 43) - 1;
}

/// Of every size, so that sums saturate and do not; half of them beside a power of two or 0, where a sum that is
/// nothing but its bias is rounded or saturates.
std::int64_t wild_bias(Draws& draws, std::int64_t most) {
    std::int64_t bias = sign_extended(draws.any(), kBiasBits) >> draws.below(kBiasBits);
    if (draws.one_in(2)) {
        bias = draws.one_in(4) ? 0 : std::int64_t{1} << draws.below(kBiasBits - 1);
        bias = (draws.one_in(2) ? bias : -bias) + draws.below(3) - 1;
    }
    return std::clamp(bias, -most, most);
}

/// Where so many words begin below a power of two and end beyond it, at most at word `last`; 0: nowhere. Any power is
/// as likely as any other.
std::int64_t place_across_a_power_of_two(std::int64_t words, std::int64_t last, Draws& draws) {
    std::vector<std::int64_t> powers;
    for (std::int64_t power = 2; power < last + words; power *= 2)
        if (words > 1) powers.push_back(power);
    if (powers.empty()) return 0;
    const std::int64_t power =
        draws.one_in(2) ? powers.back() : powers[narrow<std::size_t>(draws.below(powers.size()))];
    const std::int64_t first = std::max<std::int64_t>(power - words + 1, 1);
    const std::int64_t most = std::min(power - 1, last);
    return most < first ? 0 : first + draws.below(narrow<std::size_t>(most - first) + 1);
}

void flip_bias(std::uint64_t* word, std::int64_t bit, std::int64_t bias) {
    const std::uint64_t bits = static_cast<std::uint64_t>(bias) & ((std::uint64_t{1} << kBiasBits) - 1);
    const std::int64_t offset = bit % kBeatBits;
    word[bit / kBeatBits] ^= bits << offset;
    if (offset + kBiasBits > kBeatBits) word[bit / kBeatBits + 1] ^= bits >> (kBeatBits - offset);
}

} // namespace

PortNetwork::PortNetwork(const CosimCase& c, const std::vector<RtlShape>& shapes, std::uint64_t seed)
    : prepared_(prepare(c, shapes)), image_(image_of(prepared_.run)) {
    // Of several streams, a run may end within sequences, if its last step leaves nevertheless.
    const bool goes_on = built_shape(c, shapes).streams > 1 && c.mode.steps == OutputSteps::every && seed % 2 == 0;
    int open_sequences = 0; // of all streams
    for (std::size_t k = 0; k < prepared_.steps.size(); ++k) {
        open_sequences += (prepared_.steps[k].first ? 1 : 0) - (prepared_.steps[k].last ? 1 : 0);
        if (open_sequences == 0 || goes_on) sequence_ends_.push_back(k + 1);
    }
    Draws draws(seed);
    fill_biases(*c.port, draws);
    change_kind(c, built_shape(c, shapes), draws);
    mark_hidden(draws);
    if (built_shape(c, shapes).streams == 1 && draws.one_in(3)) {
        const Shape& shape = prepared_.run.configuration().shape;
        const std::int64_t slots = c.needs_whole_sequence() ? shape.max_sequence_steps : 2;
        stretch_strides(image_, narrow<std::uint32_t>(slots), narrow<std::uint32_t>(built_shape(c, shapes).state_words),
                        draws);
    }
    fill_upper_bits(draws);
    place_regions(built_shape(c, shapes), draws);
}

/// What the core ignores in the last beat of a word becomes anything.
void PortNetwork::fill_upper_bits(Draws& draws) {
    const MemoryLayout layout(CoreShape(prepared_.run.configuration().shape));
    for (LoadRegion& region : image_.regions) {
        const std::int64_t used = layout.word_bits_of(region.target) % kBeatBits;
        if (used == 0) continue;
        const auto step = narrow<std::size_t>(region.beats_per_word);
        for (std::size_t beat = step - 1; beat < region.beats.size(); beat += step)
            region.beats[beat] |= draws.any() << used;
    }
}

/// Each region to any place where it fits, as behind other networks, and often in parts, which need not be in the order
/// of their descriptors. One of five stays at word 0, where a load that goes too far would come out; one goes to the
/// end of the memory, and two lie across a power of two, which an address that is too short does not count past.
void PortNetwork::place_regions(const Shape& built, Draws& draws) {
    for (const LoadRegion& region : image_.regions) {
        std::int64_t room = words_of(built, region.target) - words_of(region);
        const int place = draws.below(5);
        if (room <= 0 || place == 0) {
            loads_.push_back(region);
            continue;
        }
        const std::int64_t crossing = place <= 2 ? 0 : place_across_a_power_of_two(words_of(region), room, draws);
        const bool splits = crossing == 0 && bases_of(region.target).size() == 1 && draws.one_in(2);
        std::vector<LoadRegion> parts = splits ? split(region, image_.descriptors) : std::vector<LoadRegion>{region};
        draws.shuffle(parts);
        const std::vector<Descriptor> before = image_.descriptors;
        std::uint32_t next = region.first_word;
        for (std::size_t k = 0; k < parts.size(); ++k) {
            const bool to_the_end = place == 1 && k + 1 == parts.size();
            const std::int64_t gap = crossing > 0 ? crossing
                                     : to_the_end ? room
                                                  : draws.below(narrow<std::size_t>(room) + 1);
            room -= gap;
            next += narrow<std::uint32_t>(gap);
            move(parts[k], next, splits, before);
            next += words_of(parts[k]);
            loads_.push_back(parts[k]);
        }
    }
}

/// `before`: the descriptors before any part of the region moved.
void PortNetwork::move(LoadRegion& part, std::uint32_t to, bool splits, const std::vector<Descriptor>& before) {
    for (const auto base : bases_of(part.target))
        for (std::size_t d = 0; d < before.size(); ++d) {
            const std::uint32_t place = before[d].*base - part.first_word; // from the part's first word on
            if (!splits || place < words_of(part)) image_.descriptors[d].*base = to + place;
        }
    part.first_word = to;
}

/// What no compiled network has: a dense layer alone, or sequence mode for forward layers, whose h has two slots.
void PortNetwork::change_kind(const CosimCase& c, const Shape& built, Draws& draws) {
    const auto forward = [](const Descriptor& each) { return !each.reverse(); };
    std::vector<Descriptor>& descriptors = image_.descriptors;
    if (!std::all_of(descriptors.begin(), descriptors.end(), forward) || !draws.one_in(3)) return;
    image_.sequence_mode = built.streams == 1 && c.longest_sequence() <= std::min<int>(image_.input_slots, 2);
    Descriptor& first = descriptors[0];
    if (descriptors.size() > 1 || image_.sequence_mode || !draws.one_in(2)) return;
    first.flags = (first.flags | Descriptor::kDense) & ~(Descriptor::kEmit | Descriptor::kGru);
    first.groups = divide_up(first.size, narrow<std::uint32_t>(built.lanes)); // fewer than those of its gates
    first.h_chunks = first.h_planes = 0;
    image_.mode.kind = draws.one_in(2) ? OutputKind::logits : OutputKind::argmax;
}

/// Hidden vectors of layers before the last leave, too; with logits, the mark has no effect.
void PortNetwork::mark_hidden(Draws& draws) {
    if (!draws.one_in(4)) return;
    for (Descriptor& descriptor : image_.descriptors)
        if (!descriptor.dense() && draws.one_in(2)) descriptor.flags |= Descriptor::kEmit;
}

/// Biases of rows that the network does not have become anything, where nobody looks inside the core: no output, no
/// state and no index may depend on them. In a wild case those of its own rows do, too.
void PortNetwork::fill_biases(const PortTraffic& traffic, Draws& draws) {
    const CoreShape shape(prepared_.run.configuration().shape);
    const MemoryLayout layout(shape);
    const auto region = std::find_if(image_.regions.begin(), image_.regions.end(),
                                     [](const LoadRegion& each) { return each.target == LoadTarget::biases; });
    for (const Descriptor& descriptor : image_.descriptors) {
        const int first_rows = draws.one_in(2) ? narrow<int>(draws.between(1, 4)) : 0; // at one end; 0: all, anywhere
        const std::int64_t end = draws.one_in(2) ? most_bias(shape) : -most_bias(shape);
        for (std::uint32_t group = 0; group < descriptor.groups; ++group)
            for (int lane = 0; lane < shape.lanes; ++lane) {
                const int row = descriptor.dense() ? layout.dense_row_of(group, lane) : layout.unit_of(group, lane);
                const bool padding = row >= narrow<int>(descriptor.size);
                const bool wild = traffic.wild && (first_rows == 0 || row < first_rows);
                if (padding ? traffic.inside : !wild) continue;
                const FieldPlace place = layout.bias(group, lane);
                const std::size_t word = descriptor.bias_base + place.word - region->first_word;
                flip_bias(region->beats.data() + word * narrow<std::size_t>(region->beats_per_word), place.bit,
                          first_rows > 0 ? end : wild_bias(draws, most_bias(shape)));
            }
    }
}

void PortNetwork::draw_shifts(Draws& draws) {
    constexpr std::int32_t kLeast = -16; // docs/interfaces.md, SHIFT
    constexpr std::int32_t kMost = 47;
    for (Descriptor& descriptor : image_.descriptors) {
        if (draws.one_in(4)) continue;
        if (draws.one_in(2))
            descriptor.shift = kLeast + draws.below(kMost - kLeast + 1);
        else
            descriptor.shift = draws.one_in(2) ? kLeast : kMost;
    }
}

int PortNetwork::longest_sequence() const {
    int longest = 0;
    int steps = 0;
    for (const Step& step : prepared_.steps) {
        steps = step.first ? 1 : steps + 1;
        longest = std::max(longest, steps);
    }
    return longest;
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
