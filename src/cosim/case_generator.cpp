// A case is drawn part by part; one that does not fit the shape's memories, or would take too many cycles, is drawn
// again, smaller.
#include "cosim/case_generator.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "cosim/case_budget.hpp"
#include "cosim/large_sizes.hpp"
#include "cosim/network_draw.hpp"
#include "machine/core_shape.hpp"

namespace bru {

namespace {

constexpr int kLongestSequence = 80;
constexpr int kMostSequences = 10;
constexpr int kFewStreams = 9;
constexpr int kManyStreams = 64;
constexpr int kShortSequence = 3;    ///< of as many streams: all have a second step within the budget
constexpr int kMostUsedStreams = 30; ///< of a case that does not use all
constexpr int kManySequences = 300;
constexpr int kWaitingSequences = 60; ///< of all runs and resets
constexpr int kMostStepsOfRing = 128; ///< of a case that has more
constexpr int kAttempts = 40;
constexpr double kLoadShare = 0.3;        ///< of the budget: loads are compared too, but steps say more
constexpr double kLoadShareOfLarge = 0.6; ///< where a network is as large as it can be

class Draw : NetworkDraw {
public:
    Draw(std::uint64_t seed, std::uint64_t number, const std::vector<RtlShape>& shapes)
        : NetworkDraw(mixed(mixed(seed) + number), shapes), shapes_(shapes) {}

    CosimCase next() {
        CosimCase c;
        c.shape = shape_.name;
        c.seed = any() >> 32;
        sequences_wait_ = false;
        pressure_ = one_in(3);
        at_the_pins_ = !one_in(3); // there, a case has more of what a core must do
        many_runs_ = at_the_pins_ && one_in(10);
        draw_network(c);
        draw_output(c);
        draw_numbers(c);
        draw_sequences(c);
        draw_memory_stalls(c);
        draw_host_stalls(c);
        if (at_the_pins_)
            draw_port(c);
        else
            draw_dma_clock(c);
        if (grows_ != nullptr) grow(c, grows_(c));
        draw_buffers(c);
        return c;
    }

    CaseFit fit(const CosimCase& c) const {
        return fit_of(c, shapes_, grows_ == nullptr && !all_extreme_ ? kLoadShare : kLoadShareOfLarge);
    }
    const std::string& shape_name() const { return shape_.name; }
    using NetworkDraw::smaller_layers;
    /// From now on, sequences are shorter and fewer.
    void shorter_sequences() {
        longest_ = std::max(longest_ * 3 / 4, 1);
        most_sequences_ = std::max(most_sequences_ * 3 / 4, 1);
    }

private:
    /// A bijection of 64 bits (SplitMix64), so that neighbouring numbers give unrelated cases.
    static std::uint64_t mixed(std::uint64_t value) {
        value += 0x9E3779B97F4A7C15U;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
        return value ^ (value >> 31);
    }

    Magnitude magnitude(int plain_weight) {
        const int drawn = below(plain_weight + 3);
        return drawn < plain_weight ? Magnitude::plain : static_cast<Magnitude>(drawn - plain_weight + 1);
    }

    /// `size` of `c` becomes the largest for which the case fits, or anything from a quarter of it on.
    void grow(CosimCase& c, int& size) {
        set(c, "bru.input_words", narrow<int>(shape_.shape.input_words)); // else room for several steps is kept
        int fits = std::max(size, 1);
        int beyond = kMostSize;
        for (int step = 4 * fits; beyond - fits > 1;) {
            size = std::min(step, (fits + beyond) / 2);
            if (fit(c) == CaseFit::fits) {
                fits = size;
                step = 4 * fits;
            } else {
                beyond = size;
            }
        }
        size = all_extreme_ || one_in(2) ? fits : between(divide_up(fits, 4), fits);
        c.parameters.pop_back(); // draw_buffers() sets it
    }

    void draw_output(CosimCase& c) {
        if (c.mode.kind != OutputKind::hidden) return; // decided with the network
        if (c.dense_outputs > 0 && !one_in(4))
            c.mode.kind = !pressure_ && one_in(grows_ != nullptr ? 2 : 3) ? OutputKind::argmax : OutputKind::logits;
        if (!pressure_) c.mode.steps = static_cast<OutputSteps>(pick({0, 0, 1, 2}));
    }

    void draw_numbers(CosimCase& c) {
        c.weights = all_extreme_ ? Magnitude::extreme : magnitude(5);
        c.steps = all_extreme_ ? Magnitude::extreme : magnitude(7);
        c.states = one_in(3) ? Magnitude::zero : magnitude(3);
        if (!c.one_hot && one_in(4)) c.input_exponent = between(-2, 2);
    }

    void draw_sequences(CosimCase& c) {
        if (!c.sequences.empty()) return; // decided with the network
        if (many_runs_ && c.needs_whole_sequence()) return draw_whole_sequences(c);
        const int streams = narrow<int>(shape_.shape.streams);
        if (streams > 1 && !one_in(4))
            c.streams = between(streams >= kSeveralStreams && one_in(2) ? kSeveralStreams : 2,
                                std::min(streams, one_in(3) ? kMostUsedStreams : kFewStreams));
        if (streams > 1 && one_in(streams >= kManyStreams ? 4 : 8)) c.streams = streams;
        if (c.streams >= kManyStreams) longest_ = std::min(longest_, kShortSequence);
        if (c.streams == 1 && most_sequences_ == kMostSequences && one_in(5)) return draw_many_sequences(c);
        const int count = between(1, most_sequences_) + (c.streams > 1 ? c.streams : 0);
        for (int k = 0; k < count; ++k) c.sequences.push_back(between(1, std::min(longest_, pick({1, 2, 4, 10, 20}))));
        if (one_in(3)) c.sequences.push_back(between(1, longest_)); // wraps around the input ring
        if (c.needs_whole_sequence() && longest_ == kLongestSequence && one_in(4))
            c.sequences.insert(c.sequences.begin() + below(c.sequences.size()), steps_of_ring(c)); // released at once
        else if (longest_ == kLongestSequence && one_in(4) && steps_of_ring(c) <= kMostStepsOfRing)
            c.sequences = {steps_of_ring(c) + between(1, 8)}; // more than can wait
    }

    /// For many runs: of one step each, or such that the last output may leave before the last vector begins: a reverse
    /// layer begins with the step whose output leaves.
    void draw_whole_sequences(CosimCase& c) {
        c.sequences.assign(kLateSequences, 1);
        if (one_in(2)) return;
        c.sequences.assign(2, 2);
        c.mode = {OutputKind::hidden, OutputSteps::last};
    }

    int steps_of_ring(const CosimCase& c) {
        const CoreShape shape(shape_.shape);
        return std::max(narrow<int>(shape.input_ring_words()) / chunks_of_step(c), 1);
    }

    int chunks_of_step(const CosimCase& c) const {
        return c.one_hot ? 1 : divide_up(c.inputs, narrow<int>(shape_.shape.lane_width));
    }

    /// As many of one step or two as fill the FIFO of the ends of sequences, or one of more steps than a byte counts.
    void draw_many_sequences(CosimCase& c) {
        if (one_in(2)) return c.sequences.assign(1, between(kLeastBeyondByte, kManySequences));
        const int count = between(kMostSequences, kManySequences);
        for (int k = 0; k < count; ++k) c.sequences.push_back(between(1, 2));
    }

    void set(CosimCase& c, const std::string& key, int value) { c.parameters.push_back({key, std::to_string(value)}); }

    /// A time of so many cycles of the default clock, which the core of every case has.
    void set_cycles(CosimCase& c, const std::string& key, int cycles) {
        set(c, key, static_cast<int>(cycles * 1000 / Configuration{}.clock_mhz));
    }

    /// The DMA has a clock of its own in part of the cases: slower, faster, a simple proportion to the core's, or
    /// nearly the same.
    void draw_dma_clock(CosimCase& c) {
        if (!one_in(3)) return;
        set(c, "dma.clock_mhz", one_in(3) ? between(40, 600) : pick({50, 75, 100, 120, 149, 151, 200, 225, 300, 450}));
        if (one_in(2)) set(c, "dma.crossing_stages", between(2, 8));
        if (one_in(2)) set(c, "dma.crossing_beats", pick({16, 17, 24, 64}));
    }

    void draw_memory_stalls(CosimCase& c) {
        if (one_in(3)) return;
        if (one_in(2)) set_cycles(c, "ddr.latency_ns", one_in(3) ? between(1, 4) : between(1, 200));
        if (one_in(2)) set(c, "ddr.bandwidth_mb_per_s", pick({150, 400, 700, 1100, 1600, 3200}));
        if (one_in(2)) {
            const int interval = one_in(4) ? 0 : between(16, 600);
            set_cycles(c, "ddr.refresh_interval_ns", interval);
            set_cycles(c, "ddr.refresh_ns", interval == 0 ? 0 : between(0, interval / 3));
        }
        if (one_in(2)) set(c, "dma.outstanding_bursts", between(1, 6));
        if (one_in(2)) set(c, "dma.mm2s_latency_cycles", between(1, 20));
        if (one_in(2)) set(c, "dma.s2mm_latency_cycles", between(1, 60));
        if (one_in(2)) {
            const int burst = between(1, 16);
            set(c, "dma.burst_beats", burst);
            set(c, "dma.fifo_beats", one_in(2) ? burst : between(burst, 64));
        }
    }

    void draw_host_stalls(CosimCase& c) {
        set_cycles(c, "host.register_access_ns", between(1, 12));
        set_cycles(c, "host.interrupt_latency_ns", pressure_ ? between(400, 3000) : between(1, 100));
        if (one_in(2)) set(c, "host.input_transfer_steps", pick({1, 2, 5, 16}));
        if (pressure_ || one_in(2))
            set(c, "host.output_packet_vectors", pressure_ ? between(1, 6) : pick({1, 2, 5, 256}));
        if (!pressure_ && one_in(3)) c.arrival_gap_cycles = pick({3, 10, 30, 100, 300});
        if (one_in(4)) c.start_delay_cycles = between(1, 500);
    }

    /// A case at the pins has no DMA, memory and host.
    void draw_port(CosimCase& c) {
        PortTraffic port;
        port.networks = many_runs_ ? 1 : pick({1, 2, 2, 3, 4, 6});
        port.runs = many_runs_ ? between(kManyRuns, kManyRuns + 20) : between(1, 4) + port.networks - 1;
        port.resets = !many_runs_ && one_in(2) ? pick({1, 2, 5, 15, 40}) : 0;
        sequences_wait_ = port.resets > 0 && c.needs_whole_sequence() && one_in(3);
        if (sequences_wait_) { // in the core, at a reset
            port.resets = between(2, 5);
            c.sequences.assign(kWaitingSequences, 1);
        }
        if (port.resets > 0 && !sequences_wait_) draw_reset_moments(c, port);
        port.mistakes = !many_runs_ && one_in(2) ? between(2, 7) : 0;
        port.wild = one_in(3);
        if (port.wild && one_in(3)) c.weights = Magnitude::zero; // most scales: sums are biases
        if (port.wild && one_in(2)) {                            // c saturates, which is seen inside the core
            c.states = Magnitude::extreme;
            port.resets = port.mistakes = 0;
        }
        port.inside = port.resets + port.mistakes == 0 && !one_in(3);
        port.channels_apart = !one_in(3);
        port.access_percent = pick({0, 1, 5, 20, 50});
        port.input_pause_percent = pick({0, 0, 10, 50, 90});
        port.output_stall_percent = pressure_ ? 100 : pick({0, 30, 60, 100});
        if (many_runs_) { // short ones; in whole sequences, what comes late comes in its cycle
            port.input_pause_percent = pick({0, 0, 10});
            port.output_stall_percent = pick({0, 0, 30, 60});
        }
        port.presets_counters = one_in(2);
        if (many_runs_ || port.resets >= 40)
            for (int& steps : c.sequences) steps = std::min(steps, many_runs_ ? 2 : 5);
        const auto of_system = [](const Override& parameter) { return parameter.key.rfind("bru.", 0) != 0; };
        c.parameters.erase(std::remove_if(c.parameters.begin(), c.parameters.end(), of_system), c.parameters.end());
        c.arrival_gap_cycles = 0;
        c.start_delay_cycles.reset();
        c.port = port;
    }

    /// Much of a run has what a reset has to end: an index is being looked for, or the last output has left before the
    /// last vector begins (draw_whole_sequences()).
    void draw_reset_moments(CosimCase& c, PortTraffic& port) {
        if (c.mode.kind != OutputKind::hidden && !one_in(3)) {
            port.resets = pick({5, 15, 40});
            c.mode.kind = OutputKind::argmax;
            if (grows_ == nullptr && one_in(2)) c.dense_outputs = between(3, 3 * narrow<int>(shape_.shape.lanes));
        } else if (c.mode.kind == OutputKind::hidden && shape_.shape.streams == 1 && one_in(3)) {
            port.resets = pick({5, 15, 40});
            CaseLayer& layer = c.layers.back(); // whose last vector takes longer than an output needs to leave
            layer.directions = one_in(2) ? Directions::reverse : Directions::bidirectional;
            layer.hidden = between(1, 3) * narrow<int>(shape_.shape.units_per_group()) + 1;
            layer.recurrent_planes = between(4, 8);
            c.sequences.assign(2, 2);
            c.mode.steps = OutputSteps::last;
        }
    }

    /// Input memory for one step to all that the shape holds, for one sequence to two.
    void draw_buffers(CosimCase& c) {
        const int chunks = chunks_of_step(c);
        const int most = narrow<int>(shape_.shape.input_words);
        if (!c.needs_whole_sequence()) {
            if (grows_ != nullptr || one_in(2))
                set(c, "bru.input_words", one_in(3) ? most : std::min(chunks * between(1, 6) + below(chunks), most));
            return;
        }
        const int longest = c.longest_sequence() + (grows_ != nullptr ? 0 : pick({0, 0, 1, 5}));
        set(c, "bru.max_sequence_steps", longest);
        if (many_runs_ && longest * chunks * kLateSequences <= most)
            return set(c, "bru.input_words", longest * chunks * kLateSequences);
        if (sequences_wait_) return set(c, "bru.input_words", most);
        if ((grows_ != nullptr || one_in(2)) && chunks * longest <= most)
            set(c, "bru.input_words", one_in(3) ? most : std::min(chunks * between(longest, 2 * longest), most));
    }

    const std::vector<RtlShape>& shapes_;
    bool at_the_pins_ = false;
    bool sequences_wait_ = false;
    int longest_ = kLongestSequence;
    int most_sequences_ = kMostSequences;
};

} // namespace

CosimCase draw_case(std::uint64_t seed, std::uint64_t number, const std::vector<RtlShape>& shapes) {
    Draw draw(seed, number, shapes);
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        const CosimCase c = draw.next();
        switch (draw.fit(c)) {
        case CaseFit::fits: return c;
        case CaseFit::runs_long: draw.shorter_sequences(); break;
        default: draw.smaller_layers(); break;
        }
    }
    throw InputError(fmt::format("shape '{}': even the smallest networks do not fit or take too many cycles; give it "
                                 "larger memories in rtl/shapes.txt, or choose others with --shape",
                                 draw.shape_name()));
}

} // namespace bru
