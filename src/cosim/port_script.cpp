#include "cosim/port_script.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/integers.hpp"
#include "cosim/port_mistakes.hpp"
#include "machine/registers.hpp"

namespace bru {

namespace {

constexpr std::uint32_t kSettleCycles = 6;   ///< after `freeze` all carries of the counters have been added
constexpr int kShortHoldCycles = 200;        ///< about as long as a short run takes
constexpr int kLongHoldCycles = 1000;        ///< FIFOs fill in the meantime
constexpr int kNearCycles = 30;              ///< about as many as the vectors of a small step take
constexpr int kNearBeats = 4;                ///< of the output FIFO, beside those of its depth
constexpr int kShortFifoBeats = 20;          ///< it is soon full, and soon empty
constexpr int kSoonCycles = 40;              ///< from the preset of counters to a carry
constexpr std::size_t kBurstCycles = 10'000; ///< all pauses between the steps of a run, at most about
constexpr int kWriteCycles = 12;             ///< at most, from a wait to the effect of a write behind it
constexpr std::uint32_t kCarryBits[] = {16, 32, 48};

class ScriptMaker : PortMistakes {
public:
    ScriptMaker(const CosimCase& c, const std::vector<RtlShape>& shapes) : PortMistakes(c, shapes) {}

    PortScript make() {
        draw_preset();
        refuses_starts_ = traffic_.mistakes > 0 && one_in(2);
        if (refuses_starts_ && one_in(2)) start_unwritten();
        if (traffic_.mistakes > 0 && one_in(3)) add_contradiction();
        control(kControlCount);
        for (int run = 0; run < traffic_.runs; ++run) add_run(run);
        return std::move(script_);
    }

private:
    /// Counters a few hundred cycles before a carry into their next 16 bits.
    void draw_preset() {
        if (!traffic_.presets_counters) return;
        const auto near_carry = [this] {
            return (std::uint64_t{1} << kCarryBits[below(3)]) -
                   narrow<std::uint64_t>(1 + below(one_in(2) ? kSoonCycles : 3000));
        };
        for (std::uint64_t& value : script_.preset.classes) value = near_carry();
        script_.preset.steps = near_carry();
        script_.preset.cycle = near_carry();
        script_.preset.slices = (std::uint32_t{1} << (one_in(2) ? 16 : 24)) - between(1, 200);
    }

    void add_run(int run) {
        run_ = run;
        const bool changes = run == 0 || (networks_.size() > 1 && !one_in(3)) || (traffic_.networks > 1 && one_in(4));
        if (run > 0 && changes) selected_ = (selected_ + 1) % networks_.size();
        if (changes) load();
        if (changes || one_in(3)) select();
        if (run == 0 || one_in(2)) write(reg::kInterruptEnable, one_in(4) ? 0 : 1);
        for (int mistake = 0; run == 0 && refuses_starts_ && mistake < traffic_.mistakes; ++mistake) add_mistake();
        const int resets = traffic_.resets / traffic_.runs + (run < traffic_.resets % traffic_.runs ? 1 : 0);
        for (int reset = 0; reset < resets; ++reset) add_reset();
        start_and_finish();
    }

    /// Cycles from a beat to a reset: at most `few`, or so many that a vector may be under way.
    std::uint32_t moment(int few) { return between(0, one_in(3) ? 1 << between(3, 9) : few); }

    /// A reset at any moment of a load, of a run, or while the core is idle. What was loaded whole stays.
    void add_reset() {
        const std::size_t begin = script_.steps.size();
        const bool in_load = one_in(8);
        if (!in_load && one_in(4) && fifo_beats() <= kShortFifoBeats) { // as the last beat leaves the large memory
            reset_as_outputs_leave(2 * fifo_beats() + kNearBeats);
        } else if (!in_load && one_in(4)) { // where all FIFOs are full, and an output has begun
            add({PortOperation::reset_after, 0, between(kShortHoldCycles, 2 * kLongHoldCycles), 0, nullptr});
            add({PortOperation::hold_output, 0, 2 * kLongHoldCycles, 0, nullptr});
        } else if (in_load || one_in(3)) {
            add({PortOperation::reset_after, 0, in_load ? load_moment() : between(1, 1 << between(3, 12)), 0, nullptr});
        } else if (one_in(3)) { // where a beat has just changed something
            add({PortOperation::reset_at_beat, moment(15), between(1, 1 << between(0, 6)), 0, nullptr});
        } else if (one_in(2)) { // where the last beat has left, but the last vector has not ended yet, or soon after
            add({PortOperation::reset_at_packet, moment(3), between(1, 2), 0, nullptr});
        } else { // while full FIFOs become empty
            reset_as_outputs_leave(1 << between(0, 6));
        }
        if (in_load)
            load();
        else if (one_in(6))
            write(reg::kLoadTarget, between(1, kLoadTargets - 1));
        else
            start_and_finish();
        plain(PortOperation::no_reset);
        script_.steps[begin].target = script_.steps.size();
        reset();
        at_once_ = !in_load && one_in(3);
        if (at_once_) return select_registers();
        if (one_in(3)) read_counters_of_reset();
        if (one_in(3)) read_registers();
        if (refuses_starts_ && one_in(4)) start_in_vain(); // no register was written
        if (one_in(2)) control(kControlCount);
        if (in_load) load();
        if (one_in(2)) write(reg::kInterruptEnable, 1);
        if (one_in(2)) add({PortOperation::read, reg::kStatus, 0, 0, nullptr});
        one_in(3) ? select() : select_registers();
    }

    int fifo_beats() const { return narrow<int>(shape_.shape.output_fifo_beats); }

    /// Outputs wait for a while, then they leave; the reset comes at one of the first `most_beats`.
    void reset_as_outputs_leave(int most_beats) {
        add({PortOperation::reset_at_output, moment(3), between(1, most_beats), 0, nullptr});
        add({PortOperation::hold_output, 0, between(1, kLongHoldCycles), 0, nullptr});
    }

    void start_and_finish() {
        const bool at_once = std::exchange(at_once_, false);
        const bool late = !at_once && one_comes_late();
        const bool inputs_first = late || (!at_once && one_in(3));
        std::vector<std::uint64_t> beats = steps_of_run();
        const auto late_beats = late ? image().beats_per_input_step : 0;
        std::vector<std::uint64_t> last(beats.end() - late_beats, beats.end());
        beats.resize(beats.size() - last.size());
        // Another run with the same network, whose inputs come while this one is under way, or as counters are read.
        const bool again = !late && one_in(6);
        const bool again_behind = again && one_in(2);
        if (inputs_first) {
            wait(kSettleCycles);
            if (!late && one_in(2)) beats = interrupted(std::move(beats));
            send(beats);
            if (late)
                plain(PortOperation::sent);
            else
                wait(between(1, 200));
        }
        if (!at_once && !one_in(4)) write(reg::kInterruptStatus, 1);
        if (traffic_.runs >= kManyRuns && one_in(2))
            add({PortOperation::hold_output, 0, between(1, kShortHoldCycles), 0, nullptr});
        else if (one_in(6))
            add({PortOperation::hold_output, 0, between(1, 1 << between(4, 12)), 0, nullptr});
        const bool counts = one_in(4);
        if (counts && traffic_.presets_counters) count_until_a_carry();
        control(kControlStart | (counts ? kControlCount : 0) | (one_in(8) ? kControlFreeze : 0));
        if (!inputs_first) at_once || !comes_in_bursts() ? send(beats) : send_in_bursts(beats);
        if (again && !again_behind) send(steps_of_run());
        if (late) wait(narrow<std::uint32_t>(run_));
        if (late) send(last);
        plain(PortOperation::done);
        if (traffic_.mistakes > 0) add({PortOperation::read, reg::kStatus, 0, 0, nullptr});
        if (one_in(2)) wait(between(1, 100));
        if (again_behind) send(steps_of_run());
        if (again_behind || !one_in(3)) read_counters();
        if (!again) return;
        write(reg::kInterruptStatus, 1);
        control(kControlStart);
        plain(PortOperation::done);
    }

    /// The source sends a few steps at a time, so that few or none wait in the core. Often it sends as many as outputs
    /// have left, at any moment between them.
    void send_in_bursts(const std::vector<std::uint64_t>& beats) {
        const auto step_beats = narrow<std::size_t>(image().beats_per_input_step);
        const auto most_cycles = kBurstCycles / (beats.size() / step_beats + 1);
        const auto pause = narrow<int>(std::clamp<std::size_t>(most_cycles, 1, 1 << between(2, 7)));
        const bool follows_outputs = !one_in(3);
        for (std::size_t begin = 0; begin < beats.size();) {
            const std::uint32_t steps = between(1, 3);
            const std::size_t end = std::min(begin + steps * step_beats, beats.size());
            send({beats.begin() + narrow<std::ptrdiff_t>(begin), beats.begin() + narrow<std::ptrdiff_t>(end)});
            for (std::uint32_t step = 0; begin > 0 && follows_outputs && step < steps; ++step)
                add({PortOperation::wait_output, 0,
                     narrow<std::uint32_t>(std::min<std::size_t>(most_cycles, kShortHoldCycles)), 0, nullptr});
            wait(between(1, follows_outputs ? kNearCycles : pause));
            begin = end;
        }
    }

    /// Mostly where steps follow each other fast.
    bool comes_in_bursts() {
        return image().sequence_mode && image().beats_per_input_step == 1 ? !one_in(4) : one_in(3);
    }

    /// What comes next comes in about the cycle in which a counter carries into its next 16 bits, if it is to come
    /// soon.
    void count_until_a_carry() {
        const std::uint64_t value = script_.preset.classes[narrow<std::size_t>(below(script_.preset.classes.size()))];
        const auto cycles = narrow<int>((std::uint64_t{1} << 16) - (value & 0xFFFF));
        if (cycles > kSoonCycles) return;
        control(kControlCount);
        wait(narrow<std::uint32_t>(std::max(cycles - below(kWriteCycles), 0)));
    }

    /// Some steps come, and wait; then there is a load, or fewer slots than steps that wait. Returns the beats of the
    /// other steps.
    std::vector<std::uint64_t> interrupted(std::vector<std::uint64_t> beats) {
        const auto step_beats = narrow<std::size_t>(image().beats_per_input_step);
        const bool fewer_slots = one_in(2);
        const int longest = image().sequence_mode ? networks_[selected_]->longest_sequence() : 0; // it must fit
        const std::int64_t capacity = shape_.input_ring_words() / image().input_chunks; // no less than the network's
        const auto most_steps = narrow<int>(std::min<std::int64_t>(4 + 2 * longest, capacity));
        const std::size_t steps = fewer_slots ? between(1, most_steps) : 1;
        const std::size_t count = std::min(steps * step_beats, beats.size());
        const auto middle = beats.begin() + narrow<std::ptrdiff_t>(count);
        if (fewer_slots) write(reg::kInputSlots, narrow<std::uint32_t>(capacity));
        wait(kDescribeCycles);
        send({beats.begin(), middle});
        plain(PortOperation::sent);
        wait(kSettleCycles); // for the data of the last step
        if (fewer_slots) {
            write(reg::kInputSlots, between(longest, std::max(longest, narrow<int>(steps))));
            wait(kDescribeCycles);
        } else {
            load();
        }
        beats.erase(beats.begin(), middle);
        return beats;
    }

    /// What a reset leaves in them.
    void read_registers() {
        for (std::uint32_t address = reg::kStatus; address < reg::kVersion; address += 4)
            add({PortOperation::read, address, 0, 0, nullptr});
    }

    /// Every counter, both halves, in any order; then the next runs count from 0, or go on counting.
    void read_counters() {
        control(kControlFreeze);
        wait(kSettleCycles);
        plain(PortOperation::counters_stand);
        read_each_counter();
        if (!one_in(4)) control(one_in(4) ? kControlCount | kControlFreeze : kControlCount);
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

    int run_ = 0;
    bool at_once_ = false;        ///< the next run begins as soon after a reset as it may
    bool refuses_starts_ = false; ///< else all mistakes are in the steps, so that the status tells these alone
};

} // namespace

PortScript make_port_script(const CosimCase& c, const std::vector<RtlShape>& shapes) {
    return ScriptMaker(c, shapes).make();
}

} // namespace bru
