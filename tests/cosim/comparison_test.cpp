// Is anything that differs between two cores reported? The SystemC core stands for both; then its record is falsified.
#include "support/catch.hpp"

#include <functional>

#include "cosim/case_generator.hpp"
#include "cosim/comparison.hpp"
#include "cosim/shapes.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

/// A case whose run has several outputs.
CosimCase busy_case() {
    CosimCase c;
    c.shape = "wide";
    c.seed = 9;
    c.inputs = 5;
    c.layers = {{6, Directions::forward, 1, 1}};
    c.dense_outputs = 3;
    c.mode = {OutputKind::logits, OutputSteps::every};
    c.sequences = {2, 3};
    return c;
}

std::string first_cycle_line(const Differences& differences) {
    return differences.cycles.empty() ? "" : differences.cycles[0];
}
std::string first_value_line(const Differences& differences) {
    return differences.values.empty() ? "" : differences.values[0];
}

} // namespace

TEST_CASE("two equal runs have no differences, and every falsified record has one") {
    const CosimCase c = busy_case();
    const PreparedCase prepared = prepare(c, some_shapes());
    const std::vector<OutputVector> reference = run_reference(prepared);
    const ComparedRun run = run_core(CoreKind::systemc, prepared, 0);
    REQUIRE(run.failure.empty());
    REQUIRE(run.outputs.size() == 5);
    REQUIRE(run.ports.output_cycles.size() == 10);
    REQUIRE(run.ports.output_beats.size() == 10);
    REQUIRE(run.ports.interrupt_cycles.size() == 1);
    CHECK(!compare(reference, run, run_core(CoreKind::systemc, prepared, 0)).any());

    const auto falsified = [&](const std::function<void(ComparedRun&)>& change) {
        ComparedRun other = run;
        change(other);
        return compare(reference, run, other);
    };
    CHECK_THAT(first_cycle_line(falsified([](ComparedRun& r) { ++r.ports.output_cycles[7]; })),
               ContainsSubstring("cycles of output beats: 1 of 10 differ, first number 7"));
    CHECK_THAT(first_cycle_line(falsified([](ComparedRun& r) { --r.ports.input_cycles[0]; })),
               ContainsSubstring("cycles of input beats: 1 of"));
    CHECK_THAT(first_cycle_line(falsified([](ComparedRun& r) { ++r.ports.interrupt_cycles[0]; })),
               ContainsSubstring("cycles of interrupts"));
    CHECK_THAT(first_cycle_line(falsified([](ComparedRun& r) { r.ports.interrupt_cycles.clear(); })),
               ContainsSubstring("cycles of interrupts: SystemC has 1, RTL 0"));
    CHECK_THAT(first_cycle_line(falsified([](ComparedRun& r) { r.ports.output_packets[0] = 4; })),
               ContainsSubstring("beats of output packets"));
    for (std::size_t k = 0; k < run.ports.counters.size(); ++k)
        CHECK_THAT(first_cycle_line(falsified([k](ComparedRun& r) { ++r.ports.counters[k]; })),
                   ContainsSubstring("counter "));
    CHECK_THAT(first_cycle_line(falsified([](ComparedRun& r) { ++r.result.total_cycles; })),
               ContainsSubstring("cycles of the run"));
    CHECK_THAT(first_cycle_line(falsified([](ComparedRun& r) { r.result.latency.max_us += 0.005; })),
               ContainsSubstring("latency"));
    CHECK_THAT(first_cycle_line(falsified([](ComparedRun& r) { r.failure = "hung"; })), ContainsSubstring("RTL: hung"));
    CHECK_THAT(first_value_line(falsified([](ComparedRun& r) { r.ports.output_beats[3] ^= 1; })),
               ContainsSubstring("output beats: 1 of 10 differ, first number 3"));
    CHECK_THAT(first_value_line(falsified([](ComparedRun& r) { ++r.outputs[4].values[2]; })),
               ContainsSubstring("sequence 1 step 2, value 2: reference") && ContainsSubstring("RTL"));
    CHECK_THAT(first_value_line(falsified([](ComparedRun& r) { r.outputs.pop_back(); })),
               ContainsSubstring("output vectors"));
    CHECK_THAT(first_value_line(falsified([](ComparedRun& r) { r.outputs[1].step = 0; })),
               ContainsSubstring("output vector 1"));
}

TEST_CASE("both cores wrong in the same way differ from the reference") {
    const CosimCase c = busy_case();
    const PreparedCase prepared = prepare(c, some_shapes());
    ComparedRun run = run_core(CoreKind::systemc, prepared, 0);
    ++run.outputs[0].values[0];
    const Differences differences = compare(run_reference(prepared), run, run);
    CHECK(differences.cycles.empty());
    CHECK(differences.values.size() == 2);
}

TEST_CASE("a core that does not come to its end is a difference, not a hang") {
    const CosimCase c = busy_case();
    const PreparedCase prepared = prepare(c, some_shapes());
    const ComparedRun run = run_core(CoreKind::systemc, prepared, 500);
    CHECK_THAT(run.failure, ContainsSubstring("did not end within 500 cycles"));
}

TEST_CASE("inputs can wait in the core for the start") {
    CosimCase c = busy_case();
    const ComparedRun after = run_core(CoreKind::systemc, prepare(c, some_shapes()), 0);
    c.start_delay_cycles = 400;
    const PreparedCase prepared = prepare(c, some_shapes());
    const ComparedRun before = run_core(CoreKind::systemc, prepared, 0);
    constexpr auto kInputWait = static_cast<std::size_t>(CycleClass::input_wait);
    CHECK(before.ports.counters[kInputWait] < after.ports.counters[kInputWait]);
    CHECK(!compare(run_reference(prepared), before, before).any());
}
