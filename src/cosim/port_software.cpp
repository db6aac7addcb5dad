#include "cosim/port_software.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "cosim/case_generator.hpp"
#include "cosim/field_limits.hpp"
#include "cosim/port_steps.hpp"
#include "machine/register_check.hpp"

namespace bru {

namespace {

/// Layers that need whole sequences where the case has none that do, and forward layers where it has.
void change_directions(CosimCase& c) {
    const Directions directions = c.needs_whole_sequence() ? Directions::forward : Directions::bidirectional;
    for (CaseLayer& layer : c.layers) layer.directions = directions;
}

/// A second network of a case: layers in reverse order, any output, often the other mode of running or the other kind
/// of input.
CosimCase other_network(const CosimCase& c) {
    CosimCase other = c;
    ++other.seed;
    if (c.streams == 1 && c.seed % 2 == 0) change_directions(other);
    std::reverse(other.layers.begin(), other.layers.end());
    const OutputKind kinds[] = {OutputKind::hidden, OutputKind::logits, OutputKind::argmax};
    other.mode.kind = c.dense_outputs > 0 ? kinds[c.seed / 2 % 3] : OutputKind::hidden;
    other.one_hot = c.seed / 6 % 2 == 0 ? c.one_hot : !c.one_hot;
    other.parameters = {{"bru.max_sequence_steps", std::to_string(c.longest_sequence())}}; // and the words they need
    return other;
}

/// Any other network of the shape.
CosimCase unrelated_network(const CosimCase& c, const std::vector<RtlShape>& shapes, std::uint64_t seed) {
    std::vector<RtlShape> same;
    std::copy_if(shapes.begin(), shapes.end(), std::back_inserter(same),
                 [&](const RtlShape& shape) { return shape.name == c.shape; });
    CosimCase other = draw_case(seed, 0, same);
    for (std::uint64_t number = 1; !other.port; ++number) other = draw_case(seed, number, same);
    other.port = c.port;
    return other;
}

/// As it is built: SHAPE and ranges are those of the RTL.
CoreShape shape_of(const CosimCase& c, const std::vector<RtlShape>& shapes) {
    const auto found =
        std::find_if(shapes.begin(), shapes.end(), [&](const RtlShape& shape) { return shape.name == c.shape; });
    if (found == shapes.end()) throw InputError("the shape of the case is not built");
    return CoreShape(found->shape);
}

} // namespace

PortSoftware::PortSoftware(const CosimCase& c, const std::vector<RtlShape>& shapes)
    : Draws(c.seed * 0x2545F4914F6CDD1DU + 7), traffic_(*c.port), shape_(shape_of(c, shapes)) {
    networks_.push_back(std::make_unique<PortNetwork>(c, shapes, any()));
    for (int k = 1; k < traffic_.networks; ++k) {
        try {
            const CosimCase other = k == 1 ? other_network(c) : unrelated_network(c, shapes, any());
            networks_.push_back(std::make_unique<PortNetwork>(other, shapes, any()));
        } catch (const InputError&) { // it does not fit the shape; the others are loaded again
        }
    }
}

CoreRegisters PortSoftware::registers_of(const NetworkImage& image) {
    CoreRegisters registers;
    registers.descriptor_count = narrow<std::uint32_t>(image.descriptors.size());
    registers.mode = mode_register(image.sequence_mode, image.mode);
    registers.input = input_register(image);
    std::copy(image.descriptors.begin(), image.descriptors.end(), registers.descriptors.begin());
    return registers;
}

std::uint32_t PortSoftware::input_register(const NetworkImage& image) {
    return image.one_hot ? kInputOneHot | 1 : image.input_chunks;
}

std::uint32_t PortSoftware::load_moment() {
    std::size_t beats = 0;
    for (const LoadRegion& region : loads()) beats += region.beat_count;
    return between(1, narrow<int>(beats));
}

void PortSoftware::load() {
    std::vector<const LoadRegion*> regions;
    for (const LoadRegion& region : loads()) regions.push_back(&region);
    shuffle(regions);
    for (const LoadRegion* region : regions) {
        if (region->beat_count == 0) continue;
        if (one_in(8)) begin_in_vain(*region);
        begin_load(region->target, region->first_word);
        send(region->beats);
        if (one_in(4)) write(reg::kLoadAddress, static_cast<std::uint32_t>(any())); // of effect with LOAD_TARGET alone
        plain(PortOperation::sent);
    }
    write(reg::kLoadTarget, static_cast<std::uint32_t>(LoadTarget::run));
}

void PortSoftware::begin_load(LoadTarget target, std::uint32_t first_word) {
    write(reg::kLoadAddress, first_word);
    write(reg::kLoadTarget, static_cast<std::uint32_t>(target));
    wait(1);
}

void PortSoftware::begin_in_vain(const LoadRegion& region) {
    begin_load(region.target, region.first_word);
    send({region.beats.begin(), region.beats.begin() + below(narrow<std::size_t>(region.beats_per_word))});
    plain(PortOperation::sent);
}

void PortSoftware::select() {
    if (traffic_.wild) networks_[selected_]->draw_shifts(*this);
    select(image().descriptors.data());
}

void PortSoftware::select(const Descriptor* descriptors) {
    if (one_in(4)) scribble();
    Writes writes = register_writes();
    for (std::uint32_t d = 0; d < image().descriptors.size(); ++d)
        for (std::uint32_t f = 0; f < kDescriptorFields; ++f)
            writes.push_back({field_address(d, f), field_value(descriptors[d], f)});
    shuffle(writes);
    const auto flags_end =
        std::stable_partition(writes.begin(), writes.end(), [](const auto& each) { return is_flags(each.first); });
    const Writes first = limit_writes();
    writes.insert(flags_end, first.begin(), first.end());
    write_all(writes);
}

std::uint32_t PortSoftware::field_value(const Descriptor& descriptor, std::uint32_t field) {
    std::array<std::uint32_t, kDescriptorFields> fields{};
    std::memcpy(fields.data(), &descriptor, sizeof fields);
    return fields[field];
}

PortSoftware::Writes PortSoftware::limit_writes() {
    Writes writes;
    for (int k = 0; k < 3; ++k) {
        const auto d = narrow<std::uint32_t>(below(image().descriptors.size()));
        const std::uint32_t field = between(1, narrow<int>(kDescriptorFields) - 1);
        const std::vector<std::uint32_t> limits = field_limits(shape_);
        const std::uint32_t value = limits[narrow<std::size_t>(below(limits.size()))];
        if (!out_of_range(field, value, shape_)) writes.push_back({field_address(d, field), value});
    }
    return writes;
}

void PortSoftware::scribble() {
    for (const std::uint32_t address : {reg::kLoadTarget, reg::kLoadAddress, reg::kDescriptors, reg::kMode, reg::kInput,
                                        reg::kInputSlots, reg::kPacketVectors}) {
        write(address, static_cast<std::uint32_t>(any()));
        wait(1);
        add({PortOperation::read, address, 0, 0, nullptr});
    }
    write(reg::kLoadTarget, static_cast<std::uint32_t>(LoadTarget::run));
}

void PortSoftware::select_registers() {
    Writes writes = register_writes();
    shuffle(writes);
    write_all(writes);
}

void PortSoftware::write_all(const Writes& writes) {
    for (const auto& [address, value] : writes) write(address, value);
    wait(kDescribeCycles);
}

PortSoftware::Writes PortSoftware::register_writes() {
    return {{reg::kDescriptors, narrow<std::uint32_t>(image().descriptors.size())},
            {reg::kMode, mode_register(image().sequence_mode, image().mode)},
            {reg::kInput, input_register(image())},
            {reg::kInputSlots, input_slots()},
            {reg::kPacketVectors, packet_vectors()}};
}

std::uint32_t PortSoftware::input_slots() {
    const std::uint32_t slots = image().input_slots;
    if (!image().sequence_mode && one_in(4)) return between(0, narrow<int>(slots));
    if (image().beats_per_input_step > 2 || one_in(3)) return slots;
    const auto ring = narrow<std::uint32_t>(shape_.input_ring_words());
    if (one_in(4)) return std::uint32_t{1} << between(16, 31);
    return one_in(4) ? std::max(ring, static_cast<std::uint32_t>(any())) : ring + between(0, 3);
}

bool PortSoftware::is_flags(std::uint32_t address) {
    return address >= reg::kDescriptor && address % reg::kDescriptorBytes == 0;
}

std::uint32_t PortSoftware::packet_vectors() {
    if (one_in(2)) return between(0, 3);
    return one_in(2) ? between(1, 40) : (std::uint32_t{1} << between(4, 31)) + between(0, 6);
}

bool PortSoftware::one_comes_late() const {
    return traffic_.runs >= kManyRuns && traffic_.mistakes == 0 && image().sequence_mode &&
           networks_[selected_]->sequences() == kLateSequences &&
           networks_[selected_]->steps(0, kLateSequences).size() ==
               narrow<std::size_t>(kLateSequences * image().beats_per_input_step) &&
           image().input_slots >= kLateSequences;
}

void PortSoftware::open_streams(std::vector<std::uint64_t>& beats) {
    if (image().descriptors[0].dense()) return; // no h
    for (std::size_t step = 0; step < beats.size(); step += narrow<std::size_t>(image().beats_per_input_step)) {
        const auto stream = narrow<std::size_t>(beats[step] >> kHeaderStreamShift & kHeaderStreamMask);
        if (!opened_streams_[stream]) beats[step] |= kHeaderFirst;
        opened_streams_[stream] = true;
    }
}

void PortSoftware::reset() {
    add({PortOperation::reset, 0, between(8, 24), 0, nullptr});
    opened_streams_.reset();
}

std::vector<std::uint64_t> PortSoftware::steps_of_run() {
    const PortNetwork& network = *networks_[selected_];
    const std::size_t runs = one_comes_late() ? 1 : narrow<std::size_t>(traffic_.runs + traffic_.resets);
    const std::size_t count = std::max<std::size_t>(network.sequences() / runs, 1);
    std::vector<std::uint64_t> beats =
        network.steps(narrow<std::size_t>(below(network.sequences() - count + 1)), count);
    open_streams(beats);
    fill_headers(beats, image(), *this);
    return traffic_.mistakes > 0 && one_in(2) ? with_mistakes(beats, image(), shape_, *this) : beats;
}

} // namespace bru
