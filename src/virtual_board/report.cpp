#include "virtual_board/report.hpp"

#include <fmt/format.h>

#include "base/enumeration.hpp"
#include "machine/cycle_class.hpp"
#include "report/aligned_table.hpp"
#include "report/text.hpp"

namespace bru {

namespace {

constexpr std::array<const char*, kPhases> kPhaseNames = {"loading", "running", "printing"};

std::string microseconds(double ns) { return fmt::format("{:.1f}", ns / 1000); }

std::string time_table(const BoardResult& result) {
    AlignedTable table;
    table.add({"phase", "time us", "executing us", "registers us", "asleep us", "instructions", "interrupts"});
    for (std::size_t k = 0; k < kPhases; ++k) {
        const BoardPhase& phase = result.phases.at(k);
        table.add({kPhaseNames.at(k), microseconds(phase.end_ns - phase.begin_ns), microseconds(phase.busy_ns),
                   microseconds(phase.access_ns), microseconds(phase.sleep_ns), grouped(phase.total_instructions()),
                   grouped(phase.interrupts)});
    }
    return table.text();
}

std::string work_table(const BoardResult& result) {
    const BoardPhase& loading = result.phases[index_of(PhaseKind::loading)];
    const BoardPhase& running = result.phases[index_of(PhaseKind::running)];
    AlignedTable table;
    table.add({"work", "loading", "running", "per step"});
    for (int k = 0; k < kWorks; ++k) {
        const auto place = static_cast<std::size_t>(k);
        table.add({work_name(static_cast<Work>(k)), grouped(loading.instructions.at(place)),
                   grouped(running.instructions.at(place)),
                   fmt::format("{:.2f}", static_cast<double>(running.instructions.at(place)) /
                                             static_cast<double>(result.steps))});
    }
    return table.text();
}

std::string core_table(const Run& run, const BoardResult& result) {
    std::uint64_t total = 0;
    for (const CycleClass each : kAllCycleClasses) total += result.counters.at(index_of(each));
    AlignedTable table;
    table.add({"cycles of the core", "cycles", "us", "per step"});
    const auto add = [&](const char* name, std::uint64_t cycles) {
        table.add({name, grouped(cycles), microseconds(run.configuration().us(static_cast<double>(cycles)) * 1000),
                   fmt::format("{:.2f}", static_cast<double>(cycles) / static_cast<double>(result.steps))});
    };
    for (const CycleClass each : kAllCycleClasses) add(cycle_class_name(each), result.counters.at(index_of(each)));
    add("total", total);
    return table.text();
}

} // namespace

std::string board_report(const Run& run, const BoardResult& result, const BoardOptions& options) {
    const bool equal = result.text == result.expected;
    const ProcessorTiming& timing = options.processor;
    std::string text = report_line("firmware", bru_result_text(result.result));
    text += report_line(
        "text", fmt::format("{} bytes through the UART at {:.0f} baud, {}", grouped(result.text.size()), options.baud,
                            equal ? "equal to the reference execution" : "DIFFERENT from the reference execution"));
    text += report_line("processor", fmt::format("{:g} MHz, {:g} cycles per instruction, quantum {:g} ns",
                                                 timing.clock_mhz, timing.cycles_per_instruction, timing.quantum_ns));
    text += report_line("steps", grouped(result.steps));
    text += "\nTime of the processor\n" + time_table(result);
    text += "\nInstructions\n" + work_table(result);
    text += "\nTime of the accelerator while the firmware runs the network\n" + core_table(run, result);
    return text;
}

} // namespace bru
