// Do both cores write the same waveform, and does it say what the run says?
#include "support/catch.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>

#include "machine/core_shape.hpp"
#include "model/quantized_network.hpp"
#include "platform/simulation.hpp"
#include "report/vcd_file.hpp"
#include "rtl_core/rtl_core.hpp"
#include "support/random_network.hpp"

using namespace bru;
using namespace bru::test;

namespace {

struct Run {
    Configuration configuration;
    NetworkRecipe recipe;
    OutputMode mode;
    std::vector<int> lengths = {1, 4, 2};
};

struct Waveform {
    SimulationResult result;
    std::vector<std::string> lines;
};

std::vector<std::string> lines_of(const std::string& path) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

Waveform waveform(const Run& run, CoreKind core, Cycle from, Cycle to) {
    const Network network = random_network(run.recipe, 5);
    const QuantizedNetwork quantized = quantize(network, run.configuration.shape.formats());
    const std::vector<Step> steps = random_steps(network, run.lengths, 6);
    SignalTrace trace(from, to);
    SimulationOptions options;
    options.mode = run.mode;
    options.core = core;
    options.observers.signals = &trace;
    StepList source(steps);
    Waveform waveform;
    waveform.result = simulate(run.configuration, quantized, options, source, [](const OutputVector&) {});
    const std::string path = fmt::format("{}/waveform_test.vcd", BRU_BINARY_DIR);
    write_vcd(path, trace, CoreShape(resolve_shape(run.configuration, quantized, run.mode)), 200);
    waveform.lines = lines_of(path);
    std::remove(path.c_str());
    return waveform;
}

/// The first lines that differ, with the time they belong to; "" where there are none.
std::string first_difference(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    std::string time;
    for (std::size_t k = 0; k < std::min(a.size(), b.size()); ++k) {
        if (a[k] != b[k]) return fmt::format("after {}, line {}: SystemC '{}', RTL '{}'", time, k + 1, a[k], b[k]);
        if (!a[k].empty() && a[k][0] == '#') time = a[k];
    }
    return a.size() == b.size() ? "" : fmt::format("{} and {} lines", a.size(), b.size());
}

/// A recipe of each kind: vector and one-hot, planes, directions, dense.
std::vector<Run> runs(const Shape& shape) {
    Run stream;
    stream.configuration.shape = shape;
    for (auto depth : {&Shape::weight_words, &Shape::scale_words, &Shape::bias_words, &Shape::state_words,
                       &Shape::cell_words, &Shape::input_words}) {
        const bool has_areas = depth == &Shape::state_words || depth == &Shape::cell_words;
        if (shape.streams == 1 || !has_areas) stream.configuration.shape.*depth = kAuto;
    }
    stream.configuration.shape.max_sequence_steps = 4;
    stream.recipe.inputs = 9;
    stream.recipe.hidden_sizes = {11, 6};
    stream.recipe.lstm_planes = 2;
    stream.recipe.initial_states = true;
    stream.mode = {OutputKind::hidden, OutputSteps::every};
    Run dense = stream;
    dense.recipe.one_hot = true;
    dense.recipe.lstm_planes = 1;
    dense.recipe.dense_outputs = 13;
    dense.recipe.dense_planes = 3;
    dense.mode = {OutputKind::logits, OutputSteps::every};
    if (shape.streams > 1) return {stream, dense}; // such a machine has no sequence mode
    Run both = dense;
    both.recipe.directions = 2;
    both.mode = {OutputKind::argmax, OutputSteps::final_state};
    return {stream, dense, both};
}

} // namespace

TEST_CASE("both cores write the same waveform") {
    if (rtl_shapes().empty()) {
        WARN("built without Verilator: there is no second core");
        return;
    }
    for (const RtlShape& built : rtl_shapes())
        for (const Run& run : runs(built.shape)) {
            INFO(fmt::format("shape {}; output {}", built.name, static_cast<int>(run.mode.kind)));
            const Waveform systemc = waveform(run, CoreKind::systemc, 0, 100000);
            const Waveform rtl = waveform(run, CoreKind::rtl, 0, 100000);
            CHECK(systemc.lines.size() > 1000);
            CHECK(first_difference(systemc.lines, rtl.lines) == "");
        }
}

TEST_CASE("a waveform holds every cycle of the run, and a window of it the same cycles") {
    Shape shape;
    shape.lanes = 16;
    shape.lane_width = 4;
    shape.update_width = 4;
    Run run = runs(shape)[1];
    run.mode = {OutputKind::hidden, OutputSteps::every};
    const Waveform whole = waveform(run, CoreKind::systemc, 0, 100000);

    // Cycles in which `sequencer.issue` and `stream_output`'s transfers are 1, counted at the clock's rising edges.
    std::map<std::string, char> identifiers; // name -> identifier
    std::map<char, std::string> values;
    std::uint64_t cycles = 0;
    std::uint64_t issues = 0;
    std::map<std::string, std::uint64_t> classes;
    bool in_cycle = false;
    const auto count = [&] {
        if (!in_cycle) return;
        ++cycles;
        if (values[identifiers["issue"]] == "1") ++issues;
        ++classes[values[identifiers["cycle_class"]]];
    };
    for (const std::string& line : whole.lines) {
        std::istringstream words(line);
        if (line.rfind("$var", 0) == 0) {
            std::string var, type, bits, identifier, name;
            words >> var >> type >> bits >> identifier >> name;
            identifiers[name] = identifier[0];
        } else if (line == "1~") {
            in_cycle = true;
        } else if (line == "0~") {
            count();
            in_cycle = false;
        } else if (line[0] == 'b') {
            values[line.back()] = line.substr(1, line.find(' ') - 1);
        } else if (line[0] != '#' && line[0] != '$') {
            values[line[1]] = line.substr(0, 1);
        }
    }
    const auto& expected = whole.result.class_cycles;
    CHECK(issues == expected[static_cast<std::size_t>(CycleClass::compute)]);
    CHECK(classes["1"] == expected[static_cast<std::size_t>(CycleClass::compute)]);
    CHECK(classes["10"] == expected[static_cast<std::size_t>(CycleClass::input_wait)]);
    CHECK(classes["11"] == expected[static_cast<std::size_t>(CycleClass::state_wait)]);
    CHECK(classes["100"] == expected[static_cast<std::size_t>(CycleClass::update_wait)]);
    CHECK(cycles >= whole.result.total_cycles);

    // A window without what came before it: the same lines from the first change of its second cycle on.
    const Cycle from = cycles / 2;
    const Waveform part = waveform(run, CoreKind::systemc, from, from + 50);
    const auto begin = [](const std::vector<std::string>& lines, Cycle cycle) {
        return std::find(lines.begin(), lines.end(), fmt::format("#{}", cycle * 5000));
    };
    CHECK(std::vector<std::string>(begin(part.lines, from + 1), begin(part.lines, from + 50)) ==
          std::vector<std::string>(begin(whole.lines, from + 1), begin(whole.lines, from + 50)));
    CHECK(begin(part.lines, from) != part.lines.end());
    CHECK(begin(part.lines, from - 1) == part.lines.end());
}

TEST_CASE("recorded ranges: clipped to the window, what begins later wins, equal neighbours are one") {
    SignalTrace trace(10, 20);
    trace.record(Signal::issue, 0, 10, 1); // before
    trace.record(Signal::issue, 20, 30, 1);
    CHECK(trace.ranges(Signal::issue).empty());
    trace.record(Signal::slice, 5, 12, 7);
    trace.record(Signal::slice, 12, 13, 7);
    trace.record(Signal::slice, 18, 25, 3);
    trace.record(Signal::slice, 15, 19, 4);
    const auto ranges = trace.ranges(Signal::slice);
    REQUIRE(ranges.size() == 3);
    CHECK((ranges[0].from == 10 && ranges[0].to == 13 && *trace.words(ranges[0]) == 7));
    CHECK((ranges[1].from == 15 && ranges[1].to == 18 && *trace.words(ranges[1]) == 4));
    CHECK((ranges[2].from == 18 && ranges[2].to == 20 && *trace.words(ranges[2]) == 3));
    trace.ends_at(16);
    CHECK(trace.ranges(Signal::slice).size() == 2);
    PackedNumbers packed;
    for (const int number : {-1, 2, 3}) packed.append(static_cast<std::uint64_t>(number), 30);
    REQUIRE(packed.size() == 2);
    CHECK(packed.words()[0] == ((std::uint64_t{3} << 60) | (std::uint64_t{2} << 30) | 0x3FFFFFFF));
    CHECK(packed.words()[1] == 0);
}
