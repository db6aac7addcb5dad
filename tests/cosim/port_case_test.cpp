// Cases at the pins: does the outside do all that a case says, and is every event that differs reported? The SystemC
// core stands for both; then its events are falsified.
#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <numeric>
#include <set>

#include "base/integers.hpp"
#include "cosim/case_generator.hpp"
#include "cosim/port_comparison.hpp"
#include "cosim/port_host.hpp"
#include "cosim/port_network.hpp"
#include "cosim/port_script.hpp"
#include "cosim/shapes.hpp"
#include "machine/descriptor.hpp"
#include "machine/registers.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr Cycle kMostCycles = 1'000'000;
constexpr std::uint32_t kShiftField = offsetof(Descriptor, shift) / sizeof(std::uint32_t);

CosimCase port_case() {
    CosimCase c;
    c.shape = "small";
    c.seed = 11;
    c.inputs = 4;
    c.layers = {{5, Directions::forward, 1, 1}};
    c.sequences = {3, 2};
    c.port = PortTraffic{};
    c.port->channels_apart = true;
    c.port->access_percent = 20;
    c.port->output_stall_percent = 60;
    return c;
}

std::size_t count_of_kind(const PortRun& run, PortEventKind kind) {
    return static_cast<std::size_t>(std::count_if(run.events.begin(), run.events.end(),
                                                  [kind](const PortEvent& event) { return event.kind == kind; }));
}

/// What differs, as one text.
std::string difference(const PortCase& c, const PortRun& systemc, const PortRun& rtl) {
    const Differences differences = c.compare(systemc, rtl);
    std::string text;
    for (const auto* lines : {&differences.cycles, &differences.values})
        for (const std::string& line : *lines) text += line + "\n";
    return text;
}

/// A slave that takes everything at once, and whose run is always done.
CoreOutputs willing_core(const CoreInputs& inputs, CoreOutputs& before) {
    CoreOutputs outputs = before;
    outputs.s_axis_tready = true;
    outputs.awready = outputs.wready = inputs.awvalid && inputs.wvalid && !before.bvalid;
    outputs.arready = !before.rvalid;
    before.bvalid = outputs.awready || (before.bvalid && !inputs.bready);
    before.rvalid = (inputs.arvalid && outputs.arready) || (before.rvalid && !inputs.rready);
    before.rdata = kStatusDone;
    return outputs;
}

} // namespace

TEST_CASE("a case at the pins repeats, and every event that is falsified is reported") {
    const PortCase c(port_case(), some_shapes());
    const PortRun run = c.run_model(kMostCycles);
    REQUIRE(run.failure.empty());
    CHECK(difference(c, run, c.run_model(kMostCycles)).empty());
    for (const PortEventKind kind :
         {PortEventKind::input_beat, PortEventKind::output_data, PortEventKind::output_last, PortEventKind::output_beat,
          PortEventKind::write_address, PortEventKind::write_response, PortEventKind::read_address,
          PortEventKind::read_data, PortEventKind::read_ends}) {
        INFO("kind " << static_cast<int>(kind));
        REQUIRE(count_of_kind(run, kind) > 1);
        const auto is_kind = [kind](const PortEvent& event) { return event.kind == kind; };
        PortRun other = run;
        auto found = std::find_if(other.events.begin(), other.events.end(), is_kind);
        ++found->value;
        CHECK(!difference(c, run, other).empty());
        --found->value;
        ++found->cycle;
        CHECK_THAT(difference(c, run, other), ContainsSubstring("SystemC cycle"));
        other.events.erase(found);
        CHECK_THAT(difference(c, run, other), ContainsSubstring("event "));
    }
    PortRun shorter = run;
    shorter.events.pop_back();
    CHECK_THAT(difference(c, run, shorter), ContainsSubstring("RTL has none"));
}

TEST_CASE("a signal inside the core that differs is reported") {
    CosimCase c = port_case();
    c.seed = 13; // its script runs the layer, and not a dense one in its place
    c.port->inside = true;
    const PortCase port(c, some_shapes());
    const PortRun run = port.run_model(kMostCycles);
    REQUIRE(run.inside);
    CHECK(difference(port, run, port.run_model(kMostCycles)).empty());
    REQUIRE(!run.inside->ranges(Signal::cell_write_data).empty());
    const Cycle cycle = run.inside->ranges(Signal::cell_write_data)[3].from;
    PortRun other = run;
    other.inside->record(Signal::cell_write_data, cycle, cycle + 1, 0x1234567);
    CHECK_THAT(difference(port, run, other),
               ContainsSubstring("state_registers.cell_write_data differs from cycle " + std::to_string(cycle)));
}

TEST_CASE("a case at the pins that does not end is a difference, not a hang") {
    const PortRun run = PortCase(port_case(), some_shapes()).run_model(500);
    CHECK_THAT(run.failure, ContainsSubstring("did not end within 500 cycles"));
}

TEST_CASE("every start, reset and interrupt of a case takes place") {
    CosimCase c = port_case();
    c.seed = 12; // its script enables the interrupt
    c.port->access_percent = 0;
    c.port->runs = 5;
    const PortRun starts = PortCase(c, some_shapes()).run_model(kMostCycles);
    REQUIRE(starts.failure.empty());
    const auto count_starts = [](const PortRun& run) {
        std::size_t count = 0;
        for (std::size_t k = 1; k < run.events.size(); ++k)
            count += run.events[k - 1].kind == PortEventKind::write_address &&
                     run.events[k - 1].value == reg::kControl && (run.events[k].value & kControlStart) != 0;
        return count;
    };
    const std::size_t of_runs = count_starts(starts);
    CHECK(of_runs >= 5); // a run may be followed by another one of the same network
    const PortScript script = make_port_script(c, some_shapes());
    CHECK(std::count_if(script.steps.begin(), script.steps.end(), [](const PortStep& step) {
              return step.operation == PortOperation::write && step.address == reg::kControl &&
                     (step.value & kControlStart) != 0;
          }) == static_cast<std::ptrdiff_t>(of_runs));
    CHECK(count_of_kind(starts, PortEventKind::interrupt) > 1);
    c.port->resets = 12; // some of them in a run
    const PortRun resets = PortCase(c, some_shapes()).run_model(kMostCycles);
    REQUIRE(resets.failure.empty());
    CHECK(count_starts(resets) > of_runs); // runs that a reset ended begin again
}

TEST_CASE("the channels of AXI4-Lite move apart where a case says so") {
    CosimCase c = port_case();
    for (const bool apart : {true, false}) {
        c.port->channels_apart = apart;
        const PortScript script = make_port_script(c, some_shapes());
        PortHost host(script, *c.port, 1);
        CoreOutputs state;
        int address_first = 0, data_first = 0, response_waits = 0, read_waits = 0, both = 0, ready_first = 0;
        for (int cycle = 0; cycle < 4000 && !host.finished(); ++cycle) {
            const CoreInputs inputs = host.drive();
            const CoreOutputs outputs = willing_core(inputs, state);
            host.observe(outputs);
            address_first += inputs.awvalid && !inputs.wvalid;
            data_first += inputs.wvalid && !inputs.awvalid;
            response_waits += outputs.bvalid && !inputs.bready;
            read_waits += outputs.rvalid && !inputs.rready;
            both += inputs.awvalid && inputs.arvalid;
            ready_first += inputs.m_axis_tready && !outputs.m_axis_tvalid;
        }
        for (const int count : {address_first, data_first, response_waits, read_waits}) CHECK((count > 10) == apart);
        CHECK(both > 0);
        CHECK(ready_first > 10);
    }
}

TEST_CASE(
    "a reset comes so many cycles after a beat of either stream, of the output alone, or of the end of a packet") {
    const std::vector<std::uint64_t> beats(8, 0);
    for (const PortOperation operation :
         {PortOperation::reset_at_beat, PortOperation::reset_at_output, PortOperation::reset_at_packet}) {
        PortScript script; // the third of these beats, and two cycles
        script.steps.push_back({operation, 2, 3, 3, nullptr});
        script.steps.push_back({PortOperation::send, 0, 0, 0, &beats});
        script.steps.push_back({PortOperation::wait, 0, 1000, 0, nullptr});
        script.steps.push_back({PortOperation::reset, 0, 8, 0, nullptr});
        PortTraffic traffic;
        traffic.access_percent = traffic.input_pause_percent = traffic.output_stall_percent = 0;
        PortHost host(script, traffic, 1);
        CoreOutputs state;
        std::vector<int> moves; // cycles
        int cycle = 0;
        for (; cycle < 1000; ++cycle) {
            const CoreInputs inputs = host.drive();
            if (!inputs.aresetn) break;
            state.m_axis_tvalid = cycle > 100;
            state.m_axis_tlast = cycle % 4 == 0;
            host.observe(willing_core(inputs, state));
            const bool output_moves = state.m_axis_tvalid && inputs.m_axis_tready &&
                                      (state.m_axis_tlast || operation != PortOperation::reset_at_packet);
            if (output_moves || (inputs.s_axis_tvalid && operation == PortOperation::reset_at_beat))
                moves.push_back(cycle);
        }
        REQUIRE(moves.size() >= 3);
        CHECK(cycle == moves[2] + 3);
        CHECK((cycle > 100) == (operation != PortOperation::reset_at_beat));
    }
}

TEST_CASE("a fifth of the resets comes as outputs leave a FIFO that is short") {
    const auto share = [](std::int64_t fifo_beats) {
        std::vector<RtlShape> shapes = some_shapes();
        for (RtlShape& shape : shapes) shape.shape.output_fifo_beats = fifo_beats;
        CosimCase c = port_case();
        c.port->resets = 500;
        const std::vector<PortStep> steps = make_port_script(c, shapes).steps;
        const auto leaves = [](const PortStep& step) {
            return step.operation == PortOperation::reset_at_output && step.value <= 12;
        };
        return static_cast<double>(std::count_if(steps.begin(), steps.end(), leaves)) / c.port->resets;
    };
    CHECK(share(4) > 0.2);
    CHECK(share(512) < 0.2);
}

TEST_CASE("in many runs of whole sequences the last one comes one cycle later from run to run") {
    CosimCase c = port_case();
    c.layers = {{3, Directions::reverse, 1, 1}};
    c.sequences.assign(kLateSequences, 1);
    c.parameters = {{"bru.max_sequence_steps", "1"}, {"bru.input_words", "8"}};
    c.port->runs = kManyRuns;
    const std::vector<PortStep> steps = make_port_script(c, some_shapes()).steps;
    std::vector<std::uint32_t> pauses; // between the start and the late steps
    for (std::size_t k = 2; k < steps.size(); ++k)
        if (steps[k].operation == PortOperation::send && steps[k - 1].operation == PortOperation::wait &&
            steps[k - 2].operation == PortOperation::write && steps[k - 2].address == reg::kControl &&
            (steps[k - 2].value & kControlStart) != 0)
            pauses.push_back(steps[k - 1].value);
    std::vector<std::uint32_t> expected(kManyRuns);
    std::iota(expected.begin(), expected.end(), 0);
    CHECK(pauses == expected);
    CHECK(PortCase(c, some_shapes()).run_model(kMostCycles).failure.empty());
}

TEST_CASE("mistakes meet each of the 32 descriptors") {
    CosimCase c = port_case();
    c.port->mistakes = 6;
    c.port->wild = true;
    std::set<std::uint32_t> descriptors;
    for (c.seed = 1; c.seed <= 120; ++c.seed) {
        const std::vector<PortStep> steps = make_port_script(c, some_shapes()).steps;
        for (std::size_t k = 1; k < steps.size(); ++k) // one field, and then the start
            if (steps[k].operation == PortOperation::wait && steps[k - 1].operation == PortOperation::write &&
                steps[k - 1].address >= reg::kDescriptor)
                descriptors.insert((steps[k - 1].address - reg::kDescriptor) / reg::kDescriptorBytes);
    }
    CHECK(descriptors.size() == kMaxDescriptors);
}

TEST_CASE("each selection of a wild network may write other shifts, of which many are at their limits") {
    CosimCase c = port_case();
    c.port->wild = true;
    c.port->runs = 4;
    std::map<std::int32_t, int> shifts;
    int changes = 0; // within a case
    for (c.seed = 1; c.seed <= 120; ++c.seed) {
        std::int32_t last = 0;
        for (const PortStep& step : make_port_script(c, some_shapes()).steps) {
            if (step.operation != PortOperation::write || step.address != reg::kDescriptor + 4 * kShiftField) continue;
            const auto shift = static_cast<std::int32_t>(step.value);
            changes += last != 0 && shift != last;
            last = shift;
            ++shifts[shift];
        }
    }
    CHECK(shifts.size() > 40);
    CHECK((shifts[-16] > 20 && shifts[47] > 20));
    CHECK(changes > 60);
}

TEST_CASE("weights lie across the middle of their memory in some cases, and at each of its ends") {
    CosimCase c = port_case();
    const std::int64_t words = some_shapes()[0].shape.weight_words;
    int across = 0, at_zero = 0, at_the_end = 0;
    for (c.seed = 1; c.seed <= 200; ++c.seed) {
        const PortNetwork network(c, some_shapes(), c.seed);
        for (const LoadRegion& part : network.loads()) {
            if (part.target != LoadTarget::weights) continue;
            const std::int64_t first = part.first_word;
            const std::int64_t end = first + narrow<std::int64_t>(part.beat_count) / part.beats_per_word;
            REQUIRE(end <= words);
            across += first < words / 2 && end > words / 2;
            at_zero += first == 0;
            at_the_end += end == words;
        }
    }
    CHECK(across > 3);
    CHECK(at_zero > 20);
    CHECK(at_the_end > 20);
}

TEST_CASE("where counters begin near a carry, some starts begin the count anew in about its cycle") {
    CosimCase c = port_case();
    c.port->presets_counters = true;
    int starts = 0;
    for (c.seed = 1; c.seed <= 200; ++c.seed) {
        const std::vector<PortStep> steps = make_port_script(c, some_shapes()).steps;
        const auto controls = [&](std::size_t step, std::uint32_t bits) {
            return steps[step].operation == PortOperation::write && steps[step].address == reg::kControl &&
                   (steps[step].value & bits) == bits;
        };
        for (std::size_t k = 2; k < steps.size(); ++k)
            starts += controls(k, kControlStart | kControlCount) && steps[k - 1].operation == PortOperation::wait &&
                      steps[k - 1].value < 40 && controls(k - 2, kControlCount);
    }
    CHECK(starts > 5);
}

TEST_CASE("the drawn cases at the pins meet every kind of traffic") {
    int cases = 0, many_runs = 0, rewrites = 0, resets = 0, apart = 0, presets = 0, paused = 0, stalled = 0;
    int in_index = 0, with_resets = 0, before_last_vector = 0; // what a reset may end
    for (std::uint64_t number = 0; number < 400; ++number) {
        const CosimCase c = draw_case(3, number, some_shapes());
        if (!c.port) continue;
        ++cases;
        many_runs += c.port->runs >= kManyRuns;
        rewrites += c.port->networks > 1;
        resets += c.port->resets > 0;
        in_index += c.port->resets >= 5 && c.mode.kind == OutputKind::argmax;
        with_resets += c.port->resets >= 5 && c.mode.kind != OutputKind::hidden;
        before_last_vector += c.port->resets > 0 && c.needs_whole_sequence() && c.mode.kind == OutputKind::hidden &&
                              c.mode.steps == OutputSteps::last && c.sequences == std::vector<int>(2, 2);
        apart += c.port->channels_apart;
        presets += c.port->presets_counters;
        paused += c.port->input_pause_percent > 0;
        stalled += c.port->output_stall_percent == 100;
    }
    CHECK((cases > 220 && cases < 310));
    CHECK(many_runs > 5);
    CHECK(2 * in_index > with_resets); // without the preference a third
    CHECK(before_last_vector > 5);
    for (const int count : {rewrites, resets, apart, presets, paused, stalled}) CHECK((count > 30 && count < cases));
}
