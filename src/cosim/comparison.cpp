#include "cosim/comparison.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.hpp"
#include "cosim/port_comparison.hpp"

namespace bru {

namespace {

using Cycles = std::vector<std::uint64_t>;

constexpr std::uint64_t kSlackCycles =
    20'000; ///< that one core may take longer than the other before it counts as hung
constexpr std::uint64_t kMostSystemcCycles = 200'000'000;
constexpr std::uint64_t kMostPortCycles = 4'000'000;

constexpr const char* kCounterNames[] = {"weight_load", "compute", "input_wait", "state_wait",  "update_wait",
                                         "output_wait", "idle",    "steps",      "first input", "last output"};

/// Compares two lists element by element; a line about the first that differs.
template <typename Value>
void compare_lists(std::vector<std::string>& lines, const std::string& what, const std::vector<Value>& systemc,
                   const std::vector<Value>& rtl) {
    const std::size_t common = std::min(systemc.size(), rtl.size());
    std::size_t different = 0;
    std::size_t first = common;
    for (std::size_t k = 0; k < common; ++k) {
        if (systemc[k] == rtl[k]) continue;
        if (different++ == 0) first = k;
    }
    if (different > 0)
        lines.push_back(fmt::format("{}: {} of {} differ, first number {}: SystemC {}, RTL {}", what, different, common,
                                    first, systemc[first], rtl[first]));
    if (systemc.size() != rtl.size())
        lines.push_back(fmt::format("{}: SystemC has {}, RTL {}", what, systemc.size(), rtl.size()));
}

void compare_numbers(std::vector<std::string>& lines, const std::string& what, std::uint64_t systemc,
                     std::uint64_t rtl) {
    if (systemc != rtl) lines.push_back(fmt::format("{}: SystemC {}, RTL {}", what, systemc, rtl));
}

/// Compares outputs value by value; a line about the first that differs.
void compare_outputs(std::vector<std::string>& lines, const std::string& left_name,
                     const std::vector<OutputVector>& left, const std::string& right_name,
                     const std::vector<OutputVector>& right) {
    if (left.size() != right.size())
        lines.push_back(
            fmt::format("output vectors: {} has {}, {} {}", left_name, left.size(), right_name, right.size()));
    for (std::size_t k = 0; k < std::min(left.size(), right.size()); ++k) {
        const OutputVector& a = left[k];
        const OutputVector& b = right[k];
        if (a.sequence != b.sequence || a.step != b.step || a.values.size() != b.values.size()) {
            lines.push_back(fmt::format(
                "output vector {}: {} has sequence {} step {} with {} values, {} sequence {} step {} with {}", k,
                left_name, a.sequence, a.step, a.values.size(), right_name, b.sequence, b.step, b.values.size()));
            return;
        }
        const auto [in_a, in_b] = std::mismatch(a.values.begin(), a.values.end(), b.values.begin());
        if (in_a == a.values.end()) continue;
        lines.push_back(fmt::format("outputs: first difference in sequence {} step {}, value {}: {} {}, {} {}",
                                    a.sequence, a.step, in_a - a.values.begin(), left_name, *in_a, right_name, *in_b));
        return;
    }
}

} // namespace

std::vector<OutputVector> run_reference(const PreparedCase& prepared) {
    std::vector<OutputVector> outputs;
    StepList steps(prepared.steps);
    Reference reference(prepared.run.quantized(), prepared.run.mode());
    reference.run(steps, [&](const OutputVector& output) { outputs.push_back(output); });
    return outputs;
}

ComparedRun run_core(CoreKind core, const PreparedCase& prepared, std::uint64_t most_cycles) {
    RunSpecification specification = prepared.run.specification();
    specification.core = core;
    specification.most_cycles = most_cycles;
    ComparedRun run;
    RunObservers observers;
    observers.ports = &run.ports;
    observers.on_output = [&](const OutputVector& output) { run.outputs.push_back(output); };
    StepList steps(prepared.steps);
    try {
        run.result = Run(*prepared.library, std::move(specification))
                         .execute(steps, prepared.timed_arrivals, observers)
                         .simulation;
    } catch (const InputError&) {
        throw;
    } catch (const std::exception& error) { // a core with a fault may end anywhere
        run.failure = error.what();
    }
    return run;
}

Differences compare(const std::vector<OutputVector>& reference, const ComparedRun& systemc, const ComparedRun& rtl) {
    Differences differences;
    std::vector<std::string>& cycles = differences.cycles;
    if (!systemc.failure.empty()) cycles.push_back("SystemC: " + systemc.failure);
    if (!rtl.failure.empty()) cycles.push_back("RTL: " + rtl.failure);
    if (!cycles.empty()) return differences; // what is missing says no more
    compare_lists(cycles, "cycles of input beats", systemc.ports.input_cycles, rtl.ports.input_cycles);
    compare_lists(cycles, "cycles of output beats", systemc.ports.output_cycles, rtl.ports.output_cycles);
    compare_lists(cycles, "beats of output packets", systemc.ports.output_packets, rtl.ports.output_packets);
    compare_lists(cycles, "cycles of interrupts", systemc.ports.interrupt_cycles, rtl.ports.interrupt_cycles);
    for (std::size_t k = 0; k < systemc.ports.counters.size(); ++k)
        compare_numbers(cycles, fmt::format("counter {}", kCounterNames[k]), systemc.ports.counters[k],
                        rtl.ports.counters[k]);
    compare_numbers(cycles, "cycles of the run", systemc.result.total_cycles, rtl.result.total_cycles);
    compare_numbers(cycles, "steps", systemc.result.steps, rtl.result.steps);
    compare_numbers(cycles, "latencies", systemc.result.latency.count, rtl.result.latency.count);
    if (systemc.result.latency.max_us != rtl.result.latency.max_us ||
        systemc.result.latency.p50_us != rtl.result.latency.p50_us)
        cycles.push_back(fmt::format("latency p50, max: SystemC {}, {} us, RTL {}, {} us",
                                     systemc.result.latency.p50_us, systemc.result.latency.max_us,
                                     rtl.result.latency.p50_us, rtl.result.latency.max_us));
    compare_lists(differences.values, "output beats", systemc.ports.output_beats, rtl.ports.output_beats);
    compare_outputs(differences.values, "reference", reference, "SystemC", systemc.outputs);
    compare_outputs(differences.values, "reference", reference, "RTL", rtl.outputs);
    return differences;
}

namespace {

/// At the pins: everything but the outputs is compared with nothing but the other core.
Comparison cosimulate_ports(CosimCase c, const std::vector<RtlShape>& shapes) {
    const std::unique_ptr<CorePins> pins = make_core_pins(shape_of_case(c, shapes));
    if (pins->opaque()) c.port->inside = c.port->presets_counters = false;
    const PortCase port_case(c, shapes);
    const PortRun systemc = port_case.run_model(kMostPortCycles);
    const PortRun rtl = port_case.run_pins(*pins, 2 * systemc.cycles + kSlackCycles);
    Comparison comparison;
    comparison.differences = port_case.compare(systemc, rtl);
    comparison.systemc.result.total_cycles = systemc.cycles;
    PortRecord& ports = comparison.systemc.ports;
    for (const PortEvent& event : systemc.events) {
        if (event.kind == PortEventKind::input_beat) ports.input_cycles.push_back(event.cycle);
        if (event.kind == PortEventKind::output_beat) ports.output_cycles.push_back(event.cycle);
        if (event.kind == PortEventKind::interrupt) ports.interrupt_cycles.push_back(event.cycle);
    }
    return comparison;
}

} // namespace

Comparison cosimulate(const CosimCase& c, const std::vector<RtlShape>& shapes) {
    if (c.port) return cosimulate_ports(c, shapes);
    const PreparedCase prepared = prepare(c, shapes);
    const std::vector<OutputVector> reference = run_reference(prepared);
    Comparison comparison;
    comparison.systemc = run_core(CoreKind::systemc, prepared, kMostSystemcCycles);
    const ComparedRun rtl =
        run_core(CoreKind::rtl, prepared, 2 * comparison.systemc.result.total_cycles + kSlackCycles);
    comparison.differences = compare(reference, comparison.systemc, rtl);
    for (const OutputVector& output : reference) comparison.output_values += output.values.size();
    return comparison;
}

} // namespace bru
