#include "cosim/port_script.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "machine/core_registers.hpp"
#include "machine/registers.hpp"
#include "platform/network_image.hpp"
#include "platform/network_placement.hpp"
#include "platform/step_encoder.hpp"

namespace bru {

namespace {

constexpr std::uint32_t kSettleCycles = 6; ///< after `freeze` all carries of the counters have been added
constexpr std::uint32_t kCarryBits[] = {16, 32, 48};

/// A network as the host has it.
struct Loadable {
    PreparedCase prepared;
    NetworkImage image;
};

/// The other network of a case: layers in reverse order, another output.
CosimCase other_network(const CosimCase& c) {
    CosimCase other = c;
    ++other.seed;
    std::reverse(other.layers.begin(), other.layers.end());
    other.mode.kind =
        c.mode.kind == OutputKind::hidden && c.dense_outputs > 0 ? OutputKind::logits : OutputKind::hidden;
    return other;
}

class ScriptMaker {
public:
    ScriptMaker(const CosimCase& c, const std::vector<RtlShape>& shapes)
        : traffic_(*c.port), engine_(c.seed * 0x2545F4914F6CDD1DU + 7) {
        networks_.push_back(loadable(c, shapes));
        if (!traffic_.rewrites) return;
        try {
            networks_.push_back(loadable(other_network(c), shapes));
        } catch (const InputError&) { // it does not fit the shape; the first one is loaded again
        }
    }

    PortScript make() {
        draw_preset();
        write(reg::kControl, kControlCount);
        for (int run = 0; run < traffic_.runs; ++run) add_run(run);
        return std::move(script_);
    }

private:
    static Loadable loadable(const CosimCase& c, const std::vector<RtlShape>& shapes) {
        PreparedCase prepared = prepare(c, shapes);
        const Run& run = prepared.run;
        const NetworkPlacement placement = resolved_placement(run.configuration(), run.quantized(), run.mode());
        NetworkImage image = make_network_image(placement, run.quantized(), run.mode());
        return {std::move(prepared), std::move(image)};
    }

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
    }

    void add_run(int run) {
        const bool changes = run == 0 || (networks_.size() > 1 && one_in(2)) || (traffic_.rewrites && one_in(4));
        if (run > 0 && changes) selected_ = (selected_ + 1) % networks_.size();
        const std::size_t begin = script_.steps.size();
        const bool interrupted = run < traffic_.resets;
        PortStep reset_after{PortOperation::reset_after, 0, 0, 0, nullptr};
        if (interrupted) add(reset_after);
        if (changes) load();
        if (changes || one_in(3)) select();
        if (run == 0 || one_in(2)) write(reg::kInterruptEnable, one_in(4) ? 0 : 1);
        start_and_finish();
        if (!interrupted) return;
        // The reset comes at any moment of what stands above; then the whole run is repeated.
        plain(PortOperation::no_reset);
        script_.steps[begin].value = reset_moment();
        script_.steps[begin].target = script_.steps.size();
        add({PortOperation::reset, 0, between(8, 24), 0, nullptr});
        write(reg::kControl, kControlCount);
        if (one_in(4))
            load(); // else what was loaded before, whole or not, is used below only if it was whole
        else
            load();
        select();
        start_and_finish();
    }

    /// Loads take longest; a run is the more interesting moment.
    std::uint32_t reset_moment() {
        std::size_t load_beats = 0;
        for (const LoadRegion& region : image().regions) load_beats += region.beat_count;
        const auto loads = narrow<int>(load_beats * 100 / narrow<std::size_t>(100 - traffic_.input_pause_percent));
        const int registers = narrow<int>(image().descriptors.size()) * kDescriptorFields * 8;
        return between(one_in(4) ? 1 : loads + registers, loads + registers + 3000);
    }

    void load() {
        std::vector<const LoadRegion*> regions;
        for (const LoadRegion& region : image().regions) regions.push_back(&region);
        shuffle(regions);
        for (const LoadRegion* region : regions) {
            if (region->beat_count == 0) continue;
            write(reg::kLoadAddress, region->first_word);
            write(reg::kLoadTarget, static_cast<std::uint32_t>(region->target));
            wait(1);
            send(region->beats);
            plain(PortOperation::sent);
        }
        write(reg::kLoadTarget, static_cast<std::uint32_t>(LoadTarget::run));
    }

    /// In any order: registers become effective with the start.
    void select() {
        std::vector<std::pair<std::uint32_t, std::uint32_t>> writes = {
            {reg::kDescriptors, narrow<std::uint32_t>(image().descriptors.size())},
            {reg::kMode, mode_register(image().sequence_mode, image().mode)},
            {reg::kInput, image().one_hot ? kInputOneHot | 1 : image().input_chunks},
            {reg::kInputSlots, image().input_slots},
            {reg::kPacketVectors, one_in(4)   ? between(513, 2000)
                                  : one_in(2) ? between(1, 3)
                                              : between(1, 40)}};
        for (std::size_t d = 0; d < image().descriptors.size(); ++d) {
            std::array<std::uint32_t, kDescriptorFields> fields{};
            std::memcpy(fields.data(), &image().descriptors[d], sizeof fields);
            for (std::uint32_t f = 0; f < kDescriptorFields; ++f)
                writes.push_back(
                    {reg::kDescriptor + reg::kDescriptorBytes * narrow<std::uint32_t>(d) + 4 * f, fields[f]});
        }
        shuffle(writes);
        for (const auto& [address, value] : writes) write(address, value);
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
        write(reg::kInterruptStatus, 1);
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
        const Loadable& network = networks_[selected_];
        const std::vector<Step>& all = network.prepared.steps;
        std::vector<std::size_t> ends;
        for (std::size_t k = 0; k < all.size(); ++k)
            if (all[k].last) ends.push_back(k + 1);
        const std::size_t count = std::max<std::size_t>(ends.size() / narrow<std::size_t>(traffic_.runs), 1);
        const std::size_t first = narrow<std::size_t>(below(ends.size() - count + 1));
        const std::size_t begin = first == 0 ? 0 : ends[first - 1];
        const std::size_t end = ends[first + count - 1];
        const Configuration& configuration = network.prepared.run.configuration();
        StepEncoder encoder(configuration.shape, network.prepared.run.network(), network.image);
        std::vector<std::uint64_t> beats;
        for (std::size_t k = begin; k < end; ++k) encoder.append(all[k], k + 1 == end, beats);
        return beats;
    }

    const NetworkImage& image() const { return networks_[selected_].image; }

    PortTraffic traffic_;
    std::mt19937_64 engine_;
    std::vector<Loadable> networks_;
    std::size_t selected_ = 0;
    PortScript script_;
};

} // namespace

PortScript make_port_script(const CosimCase& c, const std::vector<RtlShape>& shapes) {
    return ScriptMaker(c, shapes).make();
}

} // namespace bru
