// Does a timeline say what the run's counters say, in every kind of network and stall, and does nothing overlap in it?
#include "support/catch.hpp"

#include <algorithm>
#include <map>
#include <ostream>
#include <tuple>

#include "machine/descriptor.hpp"
#include "machine/dma_registers.hpp"
#include "machine/registers.hpp"
#include "machine/stream_format.hpp"
#include "platform/network_image.hpp"
#include "platform/simulation.hpp"
#include "support/random_network.hpp"

using namespace bru;
using namespace bru::test;

namespace {

struct Case {
    std::string name;
    NetworkRecipe recipe;
    Configuration configuration;
    OutputMode mode{OutputKind::hidden, OutputSteps::every};
    std::vector<int> lengths = {9, 1, 14};
};

struct Recorded {
    SimulationResult result;
    PortRecord ports;
    NetworkImage image;
};

Recorded record(const Case& test, Timeline& timeline) {
    const Network network = random_network(test.recipe, 5);
    const QuantizedNetwork quantized = quantize(network, test.configuration.shape.formats());
    const std::vector<Step> list = random_steps(network, test.lengths, 6);
    StepList steps(list);
    Recorded recorded;
    SimulationOptions options;
    options.mode = test.mode;
    options.observers.timeline = &timeline;
    options.observers.record = &recorded.ports;
    recorded.result = simulate(test.configuration, quantized, options, steps, [](const OutputVector&) {});
    recorded.image =
        make_network_image(resolved_placement(test.configuration, quantized, test.mode), quantized, test.mode);
    return recorded;
}

NetworkRecipe recipe(int inputs, std::vector<int> hidden_sizes, int directions = 1, int dense_outputs = 0) {
    NetworkRecipe result;
    result.inputs = inputs;
    result.hidden_sizes = std::move(hidden_sizes);
    result.directions = directions;
    result.dense_outputs = dense_outputs;
    return result;
}

std::vector<Case> cases() {
    std::vector<Case> all;
    all.push_back({"forward", recipe(20, {70}), {}});
    Case planes{"planes", recipe(33, {40, 24}, 1, 100), {}};
    planes.recipe.lstm_planes = 2;
    planes.recipe.dense_planes = 3;
    planes.mode = {OutputKind::logits, OutputSteps::every};
    all.push_back(planes);
    Case one_hot{"one-hot, argmax of the last step", recipe(20, {64}, 1, 30), {}};
    one_hot.recipe.one_hot = true;
    one_hot.mode = {OutputKind::argmax, OutputSteps::last};
    all.push_back(one_hot);
    Case bidirectional{"bidirectional stack", recipe(20, {24, 17}, 2, 10), {}};
    bidirectional.mode = {OutputKind::logits, OutputSteps::final_state};
    bidirectional.configuration.shape.update_width = 4;
    all.push_back(bidirectional);
    all.push_back({"reverse", recipe(20, {24}, -1), {}});
    Case slow_input{"slow input", recipe(256, {64}), {}};
    slow_input.configuration.ddr.bandwidth_mb_per_s = 50;
    slow_input.configuration.host.input_transfer_steps = 1;
    all.push_back(slow_input);
    Case slow_output{"slow output", recipe(16, {256}), {}};
    slow_output.configuration.ddr.bandwidth_mb_per_s = 20;
    slow_output.configuration.dma.fifo_beats = 16;
    slow_output.configuration.dma.outstanding_bursts = 1;
    slow_output.configuration.shape.output_fifo_beats = 4;
    all.push_back(slow_output);
    Case short_groups{"groups shorter than scale_bias", recipe(16, {128}), {}};
    short_groups.configuration.shape.lane_width = 64;
    all.push_back(short_groups);
    return all;
}

template <typename Visit>
void each(const Timeline& timeline, TimelineKind kind, Visit&& visit) {
    for (const TimelineEvent& event : timeline.events())
        if (event.kind == kind) visit(event);
}

std::uint64_t total_count(const Timeline& timeline, TimelineTrack track) {
    std::uint64_t sum = 0;
    for (const TimelineEvent& event : timeline.events())
        if (event.track == track) sum += event.count;
    return sum;
}

std::uint64_t events_on(const Timeline& timeline, TimelineTrack track) {
    return static_cast<std::uint64_t>(
        std::count_if(timeline.events().begin(), timeline.events().end(),
                      [track](const TimelineEvent& event) { return event.track == track; }));
}

/// Weight words that the lanes read, pass by pass, from the descriptors: one-hot parts have a chunk per plane.
std::uint64_t chunks_of_vector(const Descriptor& descriptor) {
    const std::uint64_t x = std::uint64_t{descriptor.x_chunks} * descriptor.x_planes;
    const std::uint64_t h = descriptor.dense() ? 0 : std::uint64_t{descriptor.h_chunks} * descriptor.h_planes;
    return descriptor.groups * (x + h);
}

/// Cycles from the begin of a window. A failed comparison prints both ranges.
struct Range {
    Cycle begin = 0;
    Cycle end = 0;
};
bool operator==(const Range& a, const Range& b) { return a.begin == b.begin && a.end == b.end; }
std::ostream& operator<<(std::ostream& out, const Range& range) {
    return out << "{" << range.begin << ", " << range.end << "}";
}

} // namespace

TEST_CASE("the slices of the sequencer's track add up to the report's classes") {
    for (const Case& test : cases()) {
        INFO(test.name);
        Timeline timeline;
        const Recorded recorded = record(test, timeline);
        std::array<std::uint64_t, kCycleClasses> cycles{};
        std::vector<TimelineEvent> slices;
        each(timeline, TimelineKind::cycle_class, [&](const TimelineEvent& event) {
            CHECK(event.track == TimelineTrack::sequencer);
            cycles[event.part] += event.end - event.begin;
            slices.push_back(event);
        });
        CHECK(cycles == recorded.result.class_cycles);
        for (std::size_t k = 1; k < slices.size(); ++k) { // no gap, and neighbours differ
            REQUIRE(slices[k].begin == slices[k - 1].end);
            REQUIRE(slices[k].part != slices[k - 1].part);
        }
    }
}

TEST_CASE("events of a row do not overlap") {
    const auto detail = GENERATE(TimelineDetail::row_groups, TimelineDetail::vectors);
    for (const Case& test : cases()) {
        INFO(test.name);
        Timeline timeline(0, Timeline::kNoEnd, detail);
        record(test, timeline);
        std::map<std::pair<TimelineTrack, int>, Cycle> ends;
        std::vector<TimelineEvent> events = timeline.events();
        std::stable_sort(events.begin(), events.end(),
                         [](const TimelineEvent& a, const TimelineEvent& b) { return a.begin < b.begin; });
        for (const TimelineEvent& event : events) {
            REQUIRE(event.begin < event.end);
            Cycle& end = ends[{event.track, event.slot}];
            INFO(timeline_track_info(event.track).name << ": " << timeline.name(event) << " at " << event.begin);
            REQUIRE(end <= event.begin);
            end = event.end;
        }
        for (const TimelineTrack track :
             {TimelineTrack::dot_product_lanes, TimelineTrack::scale_bias, TimelineTrack::activation_lut,
              TimelineTrack::cell_update, TimelineTrack::state_registers, TimelineTrack::stream_input,
              TimelineTrack::stream_output, TimelineTrack::host, TimelineTrack::core_interrupt,
              TimelineTrack::mm2s_interrupt, TimelineTrack::s2mm_interrupt})
            CHECK(ends.count({track, 0}) == 1);
    }
}

TEST_CASE("bursts carry every byte that the DMA moved") {
    for (const Case& test : cases()) {
        INFO(test.name);
        Timeline timeline;
        const Recorded recorded = record(test, timeline);
        const auto beat_bytes = static_cast<std::uint64_t>(kBeatBytes);
        CHECK(total_count(timeline, TimelineTrack::mm2s) == beat_bytes * recorded.ports.input_cycles.size());
        CHECK(total_count(timeline, TimelineTrack::s2mm) == beat_bytes * recorded.ports.output_cycles.size());
        CHECK(total_count(timeline, TimelineTrack::stream_input) == recorded.ports.input_cycles.size());
        CHECK(total_count(timeline, TimelineTrack::stream_output) == recorded.ports.output_cycles.size());
        // Every transfer ends its last burst: packets of the output, and no burst is longer than allowed.
        std::uint64_t bursts = 0;
        const auto burst_beats = static_cast<std::uint64_t>(test.configuration.dma.burst_beats);
        for (const std::uint64_t beats : recorded.ports.output_packets)
            bursts += (beats + burst_beats - 1) / burst_beats;
        CHECK(events_on(timeline, TimelineTrack::s2mm) == bursts);
        each(timeline, TimelineKind::burst, [&](const TimelineEvent& event) {
            REQUIRE(event.count <= burst_beats * beat_bytes);
            REQUIRE(event.slot < test.configuration.dma.outstanding_bursts);
            REQUIRE(event.begin + event.group < event.end);
        });
    }
}

TEST_CASE("passes are the chunks that the network has") {
    for (const Case& test : cases()) {
        INFO(test.name);
        Timeline timeline;
        const Recorded recorded = record(test, timeline);
        std::uint64_t chunks = 0;
        std::map<std::size_t, std::uint64_t> chunks_of;
        each(timeline, TimelineKind::pass, [&](const TimelineEvent& event) {
            REQUIRE(event.end - event.begin >= event.count);
            REQUIRE(event.number < recorded.result.steps);
            chunks += event.count;
            chunks_of[event.vector] += event.count;
        });
        CHECK(chunks == recorded.result.class_cycles[static_cast<std::size_t>(CycleClass::compute)]);
        for (std::size_t k = 0; k < recorded.image.descriptors.size(); ++k) {
            const Descriptor& descriptor = recorded.image.descriptors[k];
            const std::uint64_t vectors = !descriptor.dense() || test.mode.steps == OutputSteps::every
                                              ? recorded.result.steps
                                              : recorded.result.sequences;
            CHECK(chunks_of[k] == vectors * chunks_of_vector(descriptor));
        }
        CHECK(events_on(timeline, TimelineTrack::stream_output) ==
              recorded.result.output_vectors * static_cast<std::uint64_t>(recorded.image.vectors_per_output));
    }
}

TEST_CASE("interrupts and registers of the host are in the timeline") {
    Timeline timeline;
    const Recorded recorded = record(cases()[0], timeline);
    std::map<std::string, int> names;
    for (const TimelineEvent& event : timeline.events()) ++names[timeline.name(event)];
    CHECK(names["write control"] == 3); // count, start, freeze
    CHECK(names["write descriptor"] == kDescriptorFields);
    CHECK(names["read counter"] == 2 * static_cast<int>(reg::kCounters));
    CHECK(names["load weights"] >= 1);
    CHECK(names["layer 0 h group 4"] > 0);
    CHECK(events_on(timeline, TimelineTrack::core_interrupt) == recorded.ports.interrupt_cycles.size());
    each(timeline, TimelineKind::interrupt, [&](const TimelineEvent& event) {
        if (event.track == TimelineTrack::core_interrupt) CHECK(event.begin == recorded.ports.interrupt_cycles[0]);
    });
}

TEST_CASE("one LSTM step is that of docs/architecture.md") {
    // 82 one-hot inputs, H = 256 on the default shape: "One LSTM step, cycle by cycle".
    Case test{"documented", recipe(82, {256}), {}};
    test.recipe.one_hot = true;
    test.lengths = {30};
    Timeline timeline;
    record(test, timeline);
    const auto window = timeline.step_window(20, 1);
    REQUIRE(window);
    CHECK(window->end - window->begin == 287);
    CHECK_FALSE(timeline.step_window(29, 1)); // step 30 is not there
    const auto find = [&](TimelineTrack track, const std::string& name) {
        for (const TimelineEvent& event : timeline.events())
            if (event.track == track && event.number == 20 && timeline.name(event) == name)
                return Range{event.begin - window->begin, event.end - window->begin};
        return Range{};
    };
    CHECK(find(TimelineTrack::dot_product_lanes, "layer 0 x group 0") == Range{0, 1});
    CHECK(find(TimelineTrack::dot_product_lanes, "layer 0 h group 0") == Range{1, 32});
    CHECK(find(TimelineTrack::dot_product_lanes, "layer 0 x group 1") == Range{32, 33});
    CHECK(find(TimelineTrack::dot_product_lanes, "layer 0 h group 15") == Range{271, 287});
    // The last chunk of group 15 is issued in 286: p = 286 + 6.
    CHECK(find(TimelineTrack::scale_bias, "layer 0 h group 15") == Range{292, 300});
    CHECK(find(TimelineTrack::activation_lut, "layer 0 group 15") == Range{297, 305});
    CHECK(find(TimelineTrack::cell_update, "layer 0 group 15") == Range{299, 307});
    CHECK(find(TimelineTrack::state_registers, "layer 0 group 15") == Range{310, 318});
    // Its chunk was issued in 0, but the slices of the step before are in front of it until 12.
    CHECK(find(TimelineTrack::scale_bias, "layer 0 x group 0") == Range{13, 21});
}

TEST_CASE("a window keeps what lies in it, cut to its cycles") {
    const Case test = cases()[0];
    Timeline whole;
    record(test, whole);
    const auto from = whole.step_window(3, 1)->begin;
    const auto to = whole.step_window(6, 1)->begin;
    Timeline window(from, to);
    record(test, window);
    std::vector<TimelineEvent> expected;
    for (const TimelineEvent& event : whole.events()) {
        if (!window.wants(event.begin, event.end)) continue;
        expected.push_back(event);
        expected.back().begin = std::max(event.begin, from);
        expected.back().end = std::min(event.end, to);
    }
    REQUIRE(window.events().size() == expected.size());
    Cycle classified = 0;
    for (std::size_t k = 0; k < expected.size(); ++k) {
        const TimelineEvent& event = window.events()[k];
        REQUIRE(event.begin == expected[k].begin);
        REQUIRE(event.end == expected[k].end);
        REQUIRE(window.name(event) == whole.name(expected[k]));
        if (event.kind == TimelineKind::cycle_class) classified += event.end - event.begin;
    }
    CHECK(classified == to - from);
    CHECK_FALSE(whole.full());
}

TEST_CASE("by vector, the blocks behind the lanes show the first to the last slice of each") {
    for (const Case& test : cases()) {
        INFO(test.name);
        Timeline groups;
        record(test, groups);
        Timeline vectors(0, Timeline::kNoEnd, TimelineDetail::vectors);
        record(test, vectors);
        using Key = std::tuple<TimelineTrack, std::uint64_t, int>;
        std::map<Key, TimelineEvent> expected;
        each(groups, TimelineKind::slices, [&](const TimelineEvent& event) {
            const auto [place, is_new] = expected.try_emplace({event.track, event.number, event.vector}, event);
            if (is_new) return;
            place->second.end = std::max(place->second.end, event.end);
            place->second.begin = std::min(place->second.begin, event.begin);
            place->second.count += event.count;
        });
        std::size_t found = 0;
        each(vectors, TimelineKind::vector, [&](const TimelineEvent& event) {
            const auto place = expected.find({event.track, event.number, event.vector});
            REQUIRE(place != expected.end());
            REQUIRE(event.begin == place->second.begin);
            REQUIRE(event.end == place->second.end);
            REQUIRE(event.count == place->second.count);
            ++found;
        });
        CHECK(found == expected.size());
        CHECK(vectors.events().size() < groups.events().size());
    }
}

TEST_CASE("a timeline changes no cycle, and says when it is full") {
    for (const Case& test : cases()) {
        Timeline small(0, Timeline::kNoEnd, TimelineDetail::row_groups, 10);
        const Recorded with = record(test, small);
        CHECK(small.full());
        CHECK(small.events().size() == 10);
        const Network network = random_network(test.recipe, 5);
        const QuantizedNetwork quantized = quantize(network, test.configuration.shape.formats());
        const std::vector<Step> list = random_steps(network, test.lengths, 6);
        StepList steps(list);
        SimulationOptions options;
        options.mode = test.mode;
        const SimulationResult without =
            simulate(test.configuration, quantized, options, steps, [](const OutputVector&) {});
        CHECK(without.class_cycles == with.result.class_cycles);
    }
}

TEST_CASE("a timeline of a window behind the run is empty") {
    Timeline later(1'000'000'000);
    record(cases()[0], later);
    CHECK(later.events().empty());
    CHECK(later.begin() == later.end());
}
