#include "cosim/port_mistakes.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "base/integers.hpp"
#include "cosim/field_limits.hpp"
#include "machine/memory_layout.hpp"
#include "machine/register_check.hpp"
#include "machine/stream_format.hpp"

namespace bru {

namespace {

constexpr int kFieldsOutOfRange = 150; ///< of one mistake
constexpr std::uint32_t kFlagsField = 0;
constexpr std::uint32_t kShiftField = offsetof(Descriptor, shift) / sizeof(std::uint32_t);
constexpr int kHoldCycles = 4000; ///< of the receiver, for a mistake in the meantime

} // namespace

void PortMistakes::add_mistake() {
    if (one_in(3)) clear_error();
    switch (below(6)) {
    case 0: start_out_of_range(); break;
    case 1:
        if (one_in(2)) write_all_descriptors();
        write(reg::kDescriptors, wrong_descriptor_count());
        wait(kDescribeCycles);
        start_in_vain();
        select();
        break;
    case 2:
        write(reg::kMode, one_in(2) ? 0x30 : 0x300);
        wait(kDescribeCycles);
        start_in_vain();
        select();
        break;
    case 3:
    case 4: load_all_beyond(); break;
    default: start_twice(); break;
    }
}

void PortMistakes::clear_error() {
    reset();
    select_registers();
}

void PortMistakes::start_twice() {
    const bool outputs_wait = one_in(2);
    write(reg::kInterruptStatus, 1);
    if (outputs_wait) add({PortOperation::hold_output, 0, kHoldCycles, 0, nullptr});
    control(kControlStart);
    if (outputs_wait) send(steps_of_run());
    wait(between(1, outputs_wait ? kHoldCycles / 2 : 50));
    control(kControlStart); // no output has left, or there were no inputs yet: the run is not done
    if (!outputs_wait) send(steps_of_run());
    plain(PortOperation::done);
}

void PortMistakes::start_unwritten() {
    select_registers();
    write(reg::kDescriptors, between(1, kMaxDescriptors));
    wait(kDescribeCycles);
    start_in_vain();
}

void PortMistakes::start_out_of_range() {
    const bool all = one_in(2); // 32 descriptors, of which each is the first of the network
    if (all) write_all_descriptors();
    if (all) write(reg::kDescriptors, kMaxDescriptors);
    const auto right = [&](std::uint32_t d, std::uint32_t field) { return field_value(all ? 0 : d, field); };
    for (int k = 0; k < kFieldsOutOfRange; ++k) {
        const auto d = narrow<std::uint32_t>(below(all ? kMaxDescriptors : image().descriptors.size()));
        // the only field with a sign has more ways to be wrong, and the flags depend on the shape
        const std::uint32_t field = one_in(6)   ? kShiftField
                                    : one_in(6) ? kFlagsField
                                                : narrow<std::uint32_t>(below(kDescriptorFields));
        const std::vector<std::uint32_t> beyond = values_beyond(field, shape_);
        // anything, or a value in range with a bit that the field does not have
        const std::uint32_t in_range = field == kShiftField && one_in(2) ? 0 - between(1, 16) : right(d, field);
        auto value = one_in(4) ? static_cast<std::uint32_t>(any()) : in_range ^ 1U << between(4, 31);
        if (one_in(2) || !out_of_range(field, value, shape_)) value = beyond[narrow<std::size_t>(below(beyond.size()))];
        write(field_address(d, field), value);
        if (field != 0 && one_in(2)) write(field_address(d, field), right(d, field)); // without FLAGS: still marked
        wait(kDescribeCycles);
        if (!all && one_in(4)) clear_error(); // what is wrong stays wrong
        start_in_vain();
        write(field_address(d, 0), right(d, 0));
        write(field_address(d, field), right(d, field));
    }
    select();
}

std::uint32_t PortMistakes::wrong_descriptor_count() {
    if (one_in(3)) return 0;
    return one_in(2) ? 33 : (std::uint32_t{1} << between(6, 31)) + between(0, kMaxDescriptors);
}

void PortMistakes::start_in_vain() {
    control(one_in(3) ? kControlStart | kControlCount : kControlStart);
    add({PortOperation::read, reg::kStatus, 0, 0, nullptr});
}

void PortMistakes::write_all_descriptors() {
    for (std::uint32_t d = 0; d < kMaxDescriptors; ++d)
        for (std::uint32_t f = 0; f < kDescriptorFields; ++f) write(field_address(d, f), field_value(0, f));
}

void PortMistakes::load_all_beyond() {
    const bool over_the_end = one_in(3);
    for (int target = 1; target <= kLoadTargets; ++target) {
        if (one_in(2)) clear_error();
        load_beyond(static_cast<LoadTarget>(target), over_the_end);
    }
    if (over_the_end) load(); // the last words may have been those of the network; else nothing was written
}

void PortMistakes::load_beyond(LoadTarget target, bool over_the_end) {
    const bool memory = target != static_cast<LoadTarget>(kLoadTargets);
    const std::int64_t bits = memory ? MemoryLayout(shape_).word_bits_of(target) : 64;
    const auto words = narrow<std::uint32_t>(words_of(target, shape_));
    begin_load(target, memory && over_the_end ? words - 1
                       : one_in(3)            ? kMostLoadAddress - between(0, 1) // the last address, and what follows
                       : memory && one_in(2)  ? alias(target, words)
                                              : words + between(0, one_in(2) ? 3 : 1000));
    const int word_beats = narrow<int>(beats_of(bits));
    const std::uint32_t beats = one_in(2) ? between(1, 3 * word_beats) : between(2 * word_beats, 4 * word_beats);
    send(std::vector<std::uint64_t>(beats, 0x5555)); // the last word in part, too
    plain(PortOperation::sent);
    add({PortOperation::read, reg::kStatus, 0, 0, nullptr});
    write(reg::kLoadTarget, static_cast<std::uint32_t>(LoadTarget::run));
}

std::uint32_t PortMistakes::alias(LoadTarget target, std::uint32_t words) {
    std::uint32_t end = 1;
    while (end < words) end *= 2;
    const auto region = std::find_if(loads().begin(), loads().end(),
                                     [target](const LoadRegion& each) { return each.target == target; });
    const std::size_t used = region->beat_count / narrow<std::size_t>(region->beats_per_word);
    return end + region->first_word + narrow<std::uint32_t>(below(std::max<std::size_t>(used, 1)));
}

void PortMistakes::add_contradiction() {
    CoreRegisters registers = registers_of(image());
    for (int attempt = 0; attempt < 100 && contradiction(registers, shape_).empty(); ++attempt) {
        registers = registers_of(image());
        auto& descriptor = registers.descriptors[narrow<std::size_t>(below(image().descriptors.size()))];
        const auto field = narrow<std::uint32_t>(below(kDescriptorFields));
        const std::uint32_t value = between(0, one_in(2) ? 40 : 4000);
        if (!out_of_range(field, value, shape_))
            std::memcpy(reinterpret_cast<char*>(&descriptor) + field * sizeof value, &value, sizeof value);
    }
    load();
    select(registers.descriptors.data());
    control(kControlStart);
    send(steps_of_run());
    wait(between(100, 3000));
    reset();
    plain(PortOperation::compared);
}

} // namespace bru
