#include "cosim/port_script.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "cosim/port_network.hpp"
#include "machine/core_registers.hpp"
#include "machine/core_shape.hpp"
#include "machine/memory_layout.hpp"
#include "machine/register_check.hpp"
#include "machine/registers.hpp"

namespace bru {

namespace {

constexpr std::uint32_t kSettleCycles = 6;   ///< after `freeze` all carries of the counters have been added
constexpr std::uint32_t kDescribeCycles = 8; ///< from a write to a descriptor or to MODE to `start`
constexpr std::uint32_t kCarryBits[] = {16, 32, 48};

/// The other network of a case: layers in reverse order, another output.
CosimCase other_network(const CosimCase& c) {
    CosimCase other = c;
    ++other.seed;
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

class ScriptMaker {
public:
    ScriptMaker(const CosimCase& c, const std::vector<RtlShape>& shapes)
        : traffic_(*c.port), shape_(shape_of(c, shapes)), engine_(c.seed * 0x2545F4914F6CDD1DU + 7) {
        networks_.push_back(std::make_unique<PortNetwork>(c, shapes, engine_()));
        if (!traffic_.rewrites) return;
        try {
            networks_.push_back(std::make_unique<PortNetwork>(other_network(c), shapes, engine_()));
        } catch (const InputError&) { // it does not fit the shape; the first one is loaded again
        }
    }

    PortScript make() {
        draw_preset();
        if (traffic_.mistakes > 0 && one_in(3)) add_contradiction();
        write(reg::kControl, kControlCount);
        for (int run = 0; run < traffic_.runs; ++run) add_run(run);
        return std::move(script_);
    }

private:
    int below(std::size_t count) { return narrow<int>(engine_() % count); }
    bool one_in(std::size_t count) { return below(count) == 0; }
    std::uint32_t between(int low, int high) {
        return narrow<std::uint32_t>(low + below(narrow<std::size_t>(high - low + 1)));
    }
    template <typename List>
    void shuffle(List& list) {
        for (std::size_t k = list.size(); k > 1; --k) std::swap(list[k - 1], list[narrow<std::size_t>(below(k))]);
    }

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
        const bool changes = run == 0 || (networks_.size() > 1 && one_in(2)) || (traffic_.rewrites && one_in(4));
        if (run > 0 && changes) selected_ = (selected_ + 1) % networks_.size();
        if (changes) load();
        if (changes || one_in(3)) select();
        if (run == 0 || one_in(2)) write(reg::kInterruptEnable, one_in(4) ? 0 : 1);
        for (int mistake = 0; run == 0 && mistake < traffic_.mistakes; ++mistake) add_mistake();
        const int resets = traffic_.resets / traffic_.runs + (run < traffic_.resets % traffic_.runs ? 1 : 0);
        for (int reset = 0; reset < resets; ++reset) add_reset();
        start_and_finish();
    }

    /// A reset at any moment of a load, of a run, or while the core is idle. What was loaded whole stays.
    void add_reset() {
        const std::size_t begin = script_.steps.size();
        const bool in_load = one_in(8);
        add({PortOperation::reset_after, 0, in_load ? load_moment() : between(1, 1 << between(3, 12)), 0, nullptr});
        if (in_load)
            load();
        else if (one_in(6))
            write(reg::kLoadTarget, between(1, kLoadTargets - 1));
        else
            start_and_finish();
        plain(PortOperation::no_reset);
        script_.steps[begin].target = script_.steps.size();
        add({PortOperation::reset, 0, between(8, 24), 0, nullptr});
        if (one_in(2)) write(reg::kControl, kControlCount);
        if (in_load) load();
        select();
        if (one_in(2)) write(reg::kInterruptEnable, 1);
    }

    /// Software does something that the machine refuses; then everything is as before.
    void add_mistake() {
        switch (below(5)) {
        case 0: start_out_of_range(); break;
        case 1:
            write(reg::kDescriptors, one_in(2) ? 0 : 33 + between(0, 1 << 20));
            start_in_vain();
            break;
        case 2:
            write(reg::kMode, one_in(2) ? 0x30 : 0x300);
            start_in_vain();
            break;
        case 3: load_beyond(); break;
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

    void start_out_of_range() {
        const auto d = narrow<std::uint32_t>(below(image().descriptors.size()));
        std::uint32_t field = 0;
        std::uint32_t value = 0;
        do {
            field = narrow<std::uint32_t>(below(kDescriptorFields));
            value = one_in(2) ? between(0, 100) : static_cast<std::uint32_t>(engine_());
        } while (!out_of_range(field, value, shape_));
        write(field_address(d, field), value);
        start_in_vain();
    }

    void start_in_vain() {
        wait(kDescribeCycles);
        write(reg::kControl, kControlStart);
        add({PortOperation::read, reg::kStatus, 0, 0, nullptr});
        select();
    }

    /// A load that lies beyond its memory, in part or as a whole, or is of no memory.
    void load_beyond() {
        const auto target = static_cast<LoadTarget>(between(1, kLoadTargets));
        const bool memory = target != static_cast<LoadTarget>(kLoadTargets);
        const std::int64_t bits = memory ? MemoryLayout(shape_).word_bits_of(target) : 64;
        begin_load(target, narrow<std::uint32_t>(words_of(target, shape_)) + between(0, one_in(2) ? 3 : 1000));
        send(std::vector<std::uint64_t>(narrow<std::size_t>(beats_of(bits)) * between(1, 3), 0x5555));
        plain(PortOperation::sent);
        write(reg::kLoadTarget, static_cast<std::uint32_t>(LoadTarget::run));
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

    /// In any order: registers become effective with the start.
    void select() { select(image().descriptors.data()); }

    void select(const Descriptor* descriptors) {
        std::vector<std::pair<std::uint32_t, std::uint32_t>> writes = {
            {reg::kDescriptors, narrow<std::uint32_t>(image().descriptors.size())},
            {reg::kMode, mode_register(image().sequence_mode, image().mode)},
            {reg::kInput, input_register(image())},
            {reg::kInputSlots, image().input_slots},
            {reg::kPacketVectors, packet_vectors()}};
        for (std::size_t d = 0; d < image().descriptors.size(); ++d) {
            std::array<std::uint32_t, kDescriptorFields> fields{};
            std::memcpy(fields.data(), &descriptors[d], sizeof fields);
            for (std::uint32_t f = 0; f < kDescriptorFields; ++f)
                writes.push_back({field_address(narrow<std::uint32_t>(d), f), fields[f]});
        }
        shuffle(writes);
        std::stable_partition(writes.begin(), writes.end(), [](const auto& each) { return is_flags(each.first); });
        for (const auto& [address, value] : writes) write(address, value);
        wait(kDescribeCycles);
    }

    /// FLAGS is written before the other fields.
    static bool is_flags(std::uint32_t address) {
        return address >= reg::kDescriptor && address % reg::kDescriptorBytes == 0;
    }

    /// Small, or a little above a power of two: what a counter with too few bits would take for a small one.
    std::uint32_t packet_vectors() {
        if (one_in(2)) return between(1, 3);
        return one_in(2) ? between(1, 40) : (std::uint32_t{1} << between(4, 31)) + between(0, 6);
    }

    void start_and_finish() {
        const bool inputs_first = one_in(3);
        if (inputs_first) {
            wait(kSettleCycles);
            send(steps_of_run());
            wait(between(1, 200));
        }
        if (!one_in(4)) write(reg::kInterruptStatus, 1);
        write(reg::kControl, kControlStart);
        if (!inputs_first) send(steps_of_run());
        plain(PortOperation::done);
        if (one_in(2)) wait(between(1, 100));
        if (!one_in(3)) read_counters();
    }

    /// Every counter, both halves, in any order; then the next runs count from 0, or go on counting.
    void read_counters() {
        write(reg::kControl, kControlFreeze);
        wait(kSettleCycles);
        plain(PortOperation::counters_stand);
        std::vector<std::uint32_t> words(2 * reg::kCounters);
        std::iota(words.begin(), words.end(), 0);
        shuffle(words);
        for (const std::uint32_t word : words) add({PortOperation::read, reg::kCounter + 4 * word, 0, 0, nullptr});
        if (!one_in(4)) write(reg::kControl, kControlCount);
    }

    /// The sequences are shared among the runs; where there are more runs, they are used again.
    std::vector<std::uint64_t> steps_of_run() {
        const PortNetwork& network = *networks_[selected_];
        const std::size_t count =
            std::max<std::size_t>(network.sequences() / narrow<std::size_t>(traffic_.runs + traffic_.resets), 1);
        return network.steps(narrow<std::size_t>(below(network.sequences() - count + 1)), count);
    }

    const NetworkImage& image() const { return networks_[selected_]->image(); }

    PortTraffic traffic_;
    CoreShape shape_;
    std::mt19937_64 engine_;
    std::vector<std::unique_ptr<PortNetwork>> networks_;
    std::size_t selected_ = 0;
    PortScript script_;
};

} // namespace

PortScript make_port_script(const CosimCase& c, const std::vector<RtlShape>& shapes) {
    return ScriptMaker(c, shapes).make();
}

} // namespace bru
