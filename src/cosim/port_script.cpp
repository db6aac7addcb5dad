#include "cosim/port_script.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <numeric>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "cosim/field_limits.hpp"
#include "cosim/port_network.hpp"
#include "cosim/port_steps.hpp"
#include "cosim/script_draws.hpp"
#include "machine/core_registers.hpp"
#include "machine/core_shape.hpp"
#include "machine/memory_layout.hpp"
#include "machine/register_check.hpp"
#include "machine/registers.hpp"
#include "machine/stream_format.hpp"

namespace bru {

namespace {

constexpr std::uint32_t kSettleCycles = 6;   ///< after `freeze` all carries of the counters have been added
constexpr std::uint32_t kDescribeCycles = 8; ///< from a write to a descriptor or to MODE to `start`
constexpr int kFieldsOutOfRange = 12;        ///< of one mistake
constexpr std::uint32_t kCarryBits[] = {16, 32, 48};

/// Layers that need whole sequences where the case has none that do, and forward layers where it has.
void change_directions(CosimCase& c) {
    const Directions directions = c.needs_whole_sequence() ? Directions::forward : Directions::bidirectional;
    for (CaseLayer& layer : c.layers) layer.directions = directions;
    c.parameters = {{"bru.max_sequence_steps", std::to_string(c.longest_sequence())}}; // and as many words as they need
}

/// The other network of a case: layers in reverse order, another output, often the other mode of running.
CosimCase other_network(const CosimCase& c) {
    CosimCase other = c;
    ++other.seed;
    if (c.streams == 1 && c.seed % 2 == 0) change_directions(other);
    std::reverse(other.layers.begin(), other.layers.end());
    other.mode.kind =
        c.mode.kind == OutputKind::hidden && c.dense_outputs > 0 ? OutputKind::logits : OutputKind::hidden;
    return other;
}

/// As it is built: SHAPE and ranges are those of the RTL.
CoreShape shape_of(const CosimCase& c, const std::vector<RtlShape>& shapes) {
    const auto found =
        std::find_if(shapes.begin(), shapes.end(), [&](const RtlShape& shape) { return shape.name == c.shape; });
    if (found == shapes.end()) throw InputError("the shape of the case is not built");
    return CoreShape(found->shape);
}

class ScriptMaker : ScriptDraws {
public:
    ScriptMaker(const CosimCase& c, const std::vector<RtlShape>& shapes)
        : ScriptDraws(c.seed * 0x2545F4914F6CDD1DU + 7), traffic_(*c.port), shape_(shape_of(c, shapes)) {
        networks_.push_back(std::make_unique<PortNetwork>(c, shapes, any()));
        if (!traffic_.rewrites) return;
        try {
            networks_.push_back(std::make_unique<PortNetwork>(other_network(c), shapes, any()));
        } catch (const InputError&) { // it does not fit the shape; the first one is loaded again
        }
    }

    PortScript make() {
        draw_preset();
        if (traffic_.mistakes > 0 && one_in(3)) add_contradiction();
        refuses_starts_ = traffic_.mistakes > 0 && one_in(2);
        write(reg::kControl, kControlCount);
        for (int run = 0; run < traffic_.runs; ++run) add_run(run);
        return std::move(script_);
    }

private:
    void add(const PortStep& step) { script_.steps.push_back(step); }
    void write(std::uint32_t address, std::uint32_t value) { add({PortOperation::write, address, value, 0, nullptr}); }
    void wait(std::uint32_t cycles) { add({PortOperation::wait, 0, cycles, 0, nullptr}); }
    void plain(PortOperation operation) { add({operation, 0, 0, 0, nullptr}); }
    void send(std::vector<std::uint64_t> beats) {
        script_.beats.push_back(std::move(beats));
        add({PortOperation::send, 0, 0, 0, &script_.beats.back()});
    }

    /// Counters a few hundred cycles before a carry into their next 16 bits.
    void draw_preset() {
        if (!traffic_.presets_counters) return;
        const auto near_carry = [this] {
            return (std::uint64_t{1} << kCarryBits[below(3)]) - narrow<std::uint64_t>(1 + below(one_in(2) ? 40 : 3000));
        };
        for (std::uint64_t& value : script_.preset.classes) value = near_carry();
        script_.preset.steps = near_carry();
        script_.preset.cycle = near_carry();
        script_.preset.slices = (std::uint32_t{1} << (one_in(2) ? 16 : 24)) - between(1, 200);
    }

    void add_run(int run) {
        run_ = run;
        const bool changes = run == 0 || (networks_.size() > 1 && one_in(2)) || (traffic_.rewrites && one_in(4));
        if (run > 0 && changes) selected_ = (selected_ + 1) % networks_.size();
        if (changes) load();
        if (changes || one_in(3)) select();
        if (run == 0 || one_in(2)) write(reg::kInterruptEnable, one_in(4) ? 0 : 1);
        for (int mistake = 0; run == 0 && refuses_starts_ && mistake < traffic_.mistakes; ++mistake) add_mistake();
        const int resets = traffic_.resets / traffic_.runs + (run < traffic_.resets % traffic_.runs ? 1 : 0);
        for (int reset = 0; reset < resets; ++reset) add_reset();
        start_and_finish();
    }

    /// A reset at any moment of a load, of a run, or while the core is idle. What was loaded whole stays.
    void add_reset() {
        const std::size_t begin = script_.steps.size();
        const bool in_load = one_in(8);
        if (in_load || one_in(2))
            add({PortOperation::reset_after, 0, in_load ? load_moment() : between(1, 1 << between(3, 12)), 0, nullptr});
        else // where a beat has just changed something
            add({PortOperation::reset_at_beat, between(0, 15), between(1, 1 << between(0, 6)), 0, nullptr});
        if (in_load)
            load();
        else if (one_in(6))
            write(reg::kLoadTarget, between(1, kLoadTargets - 1));
        else
            start_and_finish();
        plain(PortOperation::no_reset);
        script_.steps[begin].target = script_.steps.size();
        add({PortOperation::reset, 0, between(8, 24), 0, nullptr});
        if (one_in(3)) read_counters_of_reset();
        if (one_in(3)) read_registers();
        if (refuses_starts_ && one_in(4)) start_in_vain(); // no register was written
        if (one_in(2)) write(reg::kControl, kControlCount);
        if (in_load) load();
        if (one_in(2)) write(reg::kInterruptEnable, 1);
        if (one_in(2)) add({PortOperation::read, reg::kStatus, 0, 0, nullptr});
        one_in(3) ? select() : select_registers();
    }

    /// Software does something that the machine refuses; then everything is as before.
    void add_mistake() {
        switch (below(5)) {
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
            for (int target = 1; target <= kLoadTargets; ++target) load_beyond(static_cast<LoadTarget>(target));
            break;
        default:
            write(reg::kInterruptStatus, 1);
            write(reg::kControl, kControlStart);
            wait(between(1, 50));
            write(reg::kControl, kControlStart); // the run has no inputs yet, so that it is not done
            send(steps_of_run());
            plain(PortOperation::done);
            break;
        }
    }

    /// A few fields of descriptors, mostly just beyond what they can have. What is wrong is put right before the next
    /// one.
    void start_out_of_range() {
        const bool all = one_in(2); // 32 descriptors, of which each is the first of the network
        if (all) write_all_descriptors();
        if (all) write(reg::kDescriptors, kMaxDescriptors);
        const auto right = [&](std::uint32_t d, std::uint32_t field) { return field_value(all ? 0 : d, field); };
        for (int k = 0; k < kFieldsOutOfRange; ++k) {
            const auto d = narrow<std::uint32_t>(below(all ? kMaxDescriptors : image().descriptors.size()));
            const auto field = narrow<std::uint32_t>(below(kDescriptorFields));
            const std::vector<std::uint32_t> beyond = values_beyond(field, shape_);
            // anything, or the right value with a bit that the field does not have
            auto value = one_in(2) ? static_cast<std::uint32_t>(any()) : right(d, field) ^ 1U << between(6, 31);
            if (one_in(2) || !out_of_range(field, value, shape_))
                value = beyond[narrow<std::size_t>(below(beyond.size()))];
            write(field_address(d, field), value);
            if (field != 0 && one_in(2)) write(field_address(d, field), right(d, field)); // without FLAGS: still marked
            wait(kDescribeCycles);
            start_in_vain();
            write(field_address(d, 0), right(d, 0));
            write(field_address(d, field), right(d, field));
        }
        select();
    }

    /// 0, just too many, or a right number with a bit that is beyond.
    std::uint32_t wrong_descriptor_count() {
        if (one_in(3)) return 0;
        return one_in(2) ? 33 : (std::uint32_t{1} << between(6, 31)) + between(0, kMaxDescriptors);
    }

    /// The start is refused, and the status tells it. The counters begin nevertheless.
    void start_in_vain() {
        write(reg::kControl, one_in(3) ? kControlStart | kControlCount : kControlStart);
        add({PortOperation::read, reg::kStatus, 0, 0, nullptr});
    }

    /// Those that the network does not need, too, so that nothing but their number is wrong.
    void write_all_descriptors() {
        for (std::uint32_t d = 0; d < kMaxDescriptors; ++d)
            for (std::uint32_t f = 0; f < kDescriptorFields; ++f) write(field_address(d, f), field_value(0, f));
    }

    /// A load that lies beyond its memory, in part or as a whole, or is of no memory.
    void load_beyond(LoadTarget target) {
        const bool memory = target != static_cast<LoadTarget>(kLoadTargets);
        const std::int64_t bits = memory ? MemoryLayout(shape_).word_bits_of(target) : 64;
        const auto words = narrow<std::uint32_t>(words_of(target, shape_));
        begin_load(target, one_in(4) ? kMostLoadAddress - between(0, 1) // the last address, and what follows
                           : memory && one_in(2) ? alias(target, words)
                                                 : words + between(0, one_in(2) ? 3 : 1000));
        send(std::vector<std::uint64_t>(narrow<std::size_t>(beats_of(bits)) * between(1, 3), 0x5555));
        plain(PortOperation::sent);
        write(reg::kLoadTarget, static_cast<std::uint32_t>(LoadTarget::run));
    }

    /// Beyond the memory, with the lower bits of a word that the network needs.
    std::uint32_t alias(LoadTarget target, std::uint32_t words) {
        std::uint32_t end = 1;
        while (end < words) end *= 2;
        const auto region = std::find_if(image().regions.begin(), image().regions.end(),
                                         [target](const LoadRegion& each) { return each.target == target; });
        const std::size_t used = region->beat_count / narrow<std::size_t>(region->beats_per_word);
        return end + region->first_word + narrow<std::uint32_t>(below(std::max<std::size_t>(used, 1)));
    }

    /// Descriptors that the SystemC core refuses, and that the RTL takes. Only what comes after the reset is compared.
    void add_contradiction() {
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
        write(reg::kControl, kControlStart);
        send(steps_of_run());
        wait(between(100, 3000));
        add({PortOperation::reset, 0, between(8, 24), 0, nullptr});
        plain(PortOperation::compared);
    }

    static CoreRegisters registers_of(const NetworkImage& image) {
        CoreRegisters registers;
        registers.descriptor_count = narrow<std::uint32_t>(image.descriptors.size());
        registers.mode = mode_register(image.sequence_mode, image.mode);
        registers.input = input_register(image);
        std::copy(image.descriptors.begin(), image.descriptors.end(), registers.descriptors.begin());
        return registers;
    }

    static std::uint32_t input_register(const NetworkImage& image) {
        return image.one_hot ? kInputOneHot | 1 : image.input_chunks;
    }

    static std::uint32_t field_address(std::uint32_t descriptor, std::uint32_t field) {
        return reg::kDescriptor + reg::kDescriptorBytes * descriptor + 4 * field;
    }

    std::uint32_t load_moment() {
        std::size_t beats = 0;
        for (const LoadRegion& region : image().regions) beats += region.beat_count;
        return between(1, narrow<int>(beats));
    }

    void load() {
        std::vector<const LoadRegion*> regions;
        for (const LoadRegion& region : image().regions) regions.push_back(&region);
        shuffle(regions);
        for (const LoadRegion* region : regions) {
            if (region->beat_count == 0) continue;
            if (one_in(8)) begin_in_vain(*region);
            begin_load(region->target, region->first_word);
            send(region->beats);
            plain(PortOperation::sent);
        }
        write(reg::kLoadTarget, static_cast<std::uint32_t>(LoadTarget::run));
    }

    void begin_load(LoadTarget target, std::uint32_t first_word) {
        write(reg::kLoadAddress, first_word);
        write(reg::kLoadTarget, static_cast<std::uint32_t>(target));
        wait(1);
    }

    /// A load that ends in the middle of a word.
    void begin_in_vain(const LoadRegion& region) {
        begin_load(region.target, region.first_word);
        send({region.beats.begin(), region.beats.begin() + below(narrow<std::size_t>(region.beats_per_word))});
        plain(PortOperation::sent);
    }

    using Writes = std::vector<std::pair<std::uint32_t, std::uint32_t>>; ///< addresses and values

    /// In any order: registers become effective with the start.
    void select() { select(image().descriptors.data()); }

    void select(const Descriptor* descriptors) {
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

    static std::uint32_t field_value(const Descriptor& descriptor, std::uint32_t field) {
        std::array<std::uint32_t, kDescriptorFields> fields{};
        std::memcpy(fields.data(), &descriptor, sizeof fields);
        return fields[field];
    }
    std::uint32_t field_value(std::uint32_t descriptor, std::uint32_t field) const {
        return field_value(image().descriptors[descriptor], field);
    }

    /// Values at the limits of fields, which are no mistake; the right ones follow.
    Writes limit_writes() {
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

    /// Registers hold what is written, and read as what they hold; the right values follow.
    void scribble() {
        for (const std::uint32_t address : {reg::kLoadTarget, reg::kLoadAddress, reg::kDescriptors, reg::kMode,
                                            reg::kInput, reg::kInputSlots, reg::kPacketVectors}) {
            write(address, static_cast<std::uint32_t>(any()));
            wait(1);
            add({PortOperation::read, address, 0, 0, nullptr});
        }
        write(reg::kLoadTarget, static_cast<std::uint32_t>(LoadTarget::run));
    }

    /// All but the descriptors, which a reset leaves as they are.
    void select_registers() {
        Writes writes = register_writes();
        shuffle(writes);
        write_all(writes);
    }

    void write_all(const Writes& writes) {
        for (const auto& [address, value] : writes) write(address, value);
        wait(kDescribeCycles);
    }

    Writes register_writes() {
        return {{reg::kDescriptors, narrow<std::uint32_t>(image().descriptors.size())},
                {reg::kMode, mode_register(image().sequence_mode, image().mode)},
                {reg::kInput, input_register(image())},
                {reg::kInputSlots, input_slots()},
                {reg::kPacketVectors, packet_vectors()}};
    }

    /// Fewer, where no sequence must arrive whole; more than the memory holds, where a step takes one word.
    std::uint32_t input_slots() {
        const std::uint32_t slots = image().input_slots;
        if (!image().sequence_mode && one_in(4)) return between(0, narrow<int>(slots));
        if (image().beats_per_input_step > 2 || !one_in(4)) return slots;
        const auto ring = narrow<std::uint32_t>(shape_.input_ring_words());
        return one_in(2) ? ring + between(0, 2) : std::max(ring, static_cast<std::uint32_t>(any()));
    }

    /// FLAGS is written before the other fields.
    static bool is_flags(std::uint32_t address) {
        return address >= reg::kDescriptor && address % reg::kDescriptorBytes == 0;
    }

    /// Small, or a little above a power of two: what a counter with too few bits would take for a small one.
    std::uint32_t packet_vectors() {
        if (one_in(2)) return between(0, 3);
        return one_in(2) ? between(1, 40) : (std::uint32_t{1} << between(4, 31)) + between(0, 6);
    }

    void start_and_finish() {
        const bool late = one_comes_late();
        const bool inputs_first = late || one_in(3);
        std::vector<std::uint64_t> beats = steps_of_run();
        const auto late_beats = late ? image().beats_per_input_step : 0;
        std::vector<std::uint64_t> last(beats.end() - late_beats, beats.end());
        beats.resize(beats.size() - last.size());
        if (inputs_first) {
            wait(kSettleCycles);
            send(beats);
            if (late)
                plain(PortOperation::sent);
            else
                wait(between(1, 200));
        }
        if (!one_in(4)) write(reg::kInterruptStatus, 1);
        if (one_in(6)) add({PortOperation::hold_output, 0, between(1, 1 << between(4, 12)), 0, nullptr});
        write(reg::kControl, one_in(4) ? kControlStart | kControlCount : kControlStart);
        if (!inputs_first) send(beats);
        if (late) wait(narrow<std::uint32_t>(run_));
        if (late) send(last);
        plain(PortOperation::done);
        if (traffic_.mistakes > 0) add({PortOperation::read, reg::kStatus, 0, 0, nullptr});
        if (one_in(2)) wait(between(1, 100));
        if (!one_in(3)) read_counters();
    }

    /// In many runs with whole sequences of a step, the last sequence comes one cycle later from run to run: in one of
    /// them it ends as the core goes on to another sequence.
    bool one_comes_late() const {
        return traffic_.runs >= kManyRuns && traffic_.mistakes == 0 && image().sequence_mode &&
               networks_[selected_]->sequences() == kLateSequences &&
               networks_[selected_]->steps(0, kLateSequences).size() ==
                   narrow<std::size_t>(kLateSequences * image().beats_per_input_step) &&
               image().input_slots >= kLateSequences;
    }

    /// What a reset leaves in them.
    void read_registers() {
        for (std::uint32_t address = reg::kStatus; address < reg::kVersion; address += 4)
            add({PortOperation::read, address, 0, 0, nullptr});
    }

    /// Every counter, both halves, in any order; then the next runs count from 0, or go on counting.
    void read_counters() {
        write(reg::kControl, kControlFreeze);
        wait(kSettleCycles);
        plain(PortOperation::counters_stand);
        read_each_counter();
        if (!one_in(4)) write(reg::kControl, one_in(4) ? kControlCount | kControlFreeze : kControlCount);
    }

    void read_counters_of_reset() {
        wait(kSettleCycles);
        plain(PortOperation::counters_stand);
        read_each_counter();
    }

    void read_each_counter() {
        std::vector<std::uint32_t> words(std::size_t{2} * reg::kCounters);
        std::iota(words.begin(), words.end(), 0);
        shuffle(words);
        for (const std::uint32_t word : words) add({PortOperation::read, reg::kCounter + 4 * word, 0, 0, nullptr});
    }

    /// The sequences are shared among the runs; where there are more runs, they are used again.
    std::vector<std::uint64_t> steps_of_run() {
        const PortNetwork& network = *networks_[selected_];
        const std::size_t runs = one_comes_late() ? 1 : narrow<std::size_t>(traffic_.runs + traffic_.resets);
        const std::size_t count = std::max<std::size_t>(network.sequences() / runs, 1);
        std::vector<std::uint64_t> beats =
            network.steps(narrow<std::size_t>(below(network.sequences() - count + 1)), count);
        fill_headers(beats, image(), *this);
        return traffic_.mistakes > 0 && one_in(2) ? with_mistakes(beats, image(), shape_, *this) : beats;
    }

    const NetworkImage& image() const { return networks_[selected_]->image(); }

    PortTraffic traffic_;
    CoreShape shape_;
    std::vector<std::unique_ptr<PortNetwork>> networks_;
    std::size_t selected_ = 0;
    int run_ = 0;
    bool refuses_starts_ = false; ///< else all mistakes are in the steps, so that the status tells these alone
    PortScript script_;
};

} // namespace

PortScript make_port_script(const CosimCase& c, const std::vector<RtlShape>& shapes) {
    return ScriptMaker(c, shapes).make();
}

} // namespace bru
