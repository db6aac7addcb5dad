#include "report/figures_report.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "base/integers.hpp"
#include "config/software_cost.hpp"
#include "report/aligned_table.hpp"
#include "report/text.hpp"

namespace bru {

namespace {

/// Classes that a step in steady state can have.
constexpr CycleClass kStepClasses[] = {CycleClass::compute, CycleClass::input_wait, CycleClass::state_wait,
                                       CycleClass::update_wait, CycleClass::output_wait};

std::uint64_t cycles_of(const ClassCycles& classes, CycleClass cycle_class) { return classes[index_of(cycle_class)]; }

std::string energy_text(double microjoules) { return fixed_number(microjoules, 9, 4); }

/// Width of its column: names with a gap, and no line above 80 columns.
std::size_t column_of(CycleClass cycle_class) {
    return std::string_view(cycle_class_name(cycle_class)).size() + (cycle_class == CycleClass::compute ? 2 : 1);
}

std::vector<std::string> layer_row(const std::string& name, const ClassCycles& classes, const SteadyState& steady) {
    std::vector<std::string> row = {"  " + name, fmt::format("{:.1f}", steady.per_step(sum_of(classes)))};
    for (const CycleClass cycle_class : kStepClasses)
        row.push_back(fmt::format("{:.1f}", steady.per_step(cycles_of(classes, cycle_class))));
    return row;
}

nlohmann::ordered_json classes_json(const ClassCycles& classes) {
    nlohmann::ordered_json json;
    for (const CycleClass cycle_class : kStepClasses)
        json[cycle_class_name(cycle_class)] = cycles_of(classes, cycle_class);
    return json;
}

std::string sequence_line(const RunReport& report) {
    const SteadyState& steady = report.figures.steady;
    const double steps = steady.steps_per_sequence();
    if (steps == 0) return "";
    const double cycles = steady.cycles_per_step() * steps;
    return report_line("per sequence", fmt::format("{} cycles, {} us, {} uJ for {} steps", short_number(cycles),
                                                   short_number(report.configuration.us(cycles)),
                                                   short_number(report.power.microjoules_per_step() * steps),
                                                   fmt::format("{:.6g}", steps)));
}

std::string latency_lines(const RunReport& report) {
    const Response& response = report.figures.response;
    const double response_us = report.configuration.us(response.cycles);
    const double service_us = report.configuration.us(response.service);
    const std::string request =
        response.steps == 1 ? "one step" : fmt::format("one sequence of {} steps", grouped(response.steps));
    std::string text =
        report_line("latency", fmt::format("{} us: {} on the idle machine", short_number(response_us), request)) +
        report_line("", fmt::format("{} us of it in the core, {} us on the way in", short_number(service_us),
                                    short_number(response_us - service_us)));
    if (!report.timed_arrivals) return text;
    const LatencyStatistics& latency = report.result.latency;
    text += report_line("in this trace",
                        fmt::format("latency p50 {} us, p99 {} us, max {} us", short_number(latency.p50_us),
                                    short_number(latency.p99_us), short_number(latency.max_us)));
    const char* const wait = response.steps == 1 ? "queueing" : "waiting"; // for the rest of the sequence, too
    return text +
           report_line(wait, fmt::format("{} us of the mean latency of {} us, {:.1f} %",
                                         short_number(report.queueing_us()), short_number(latency.mean_us),
                                         latency.mean_us > 0 ? 100 * report.queueing_us() / latency.mean_us : 0));
}

/// What each stream has of the throughput.
std::string share_line(const RunReport& report) {
    const std::uint64_t streams = report.figures.steady.streams;
    const std::size_t cores = report.figures.steady.cores.size();
    if (streams == 1) return "";
    return report_line("", fmt::format("of {} streams {}together, {} steps/s of each", grouped(streams),
                                       cores > 0 ? fmt::format("on {} cores ", cores) : "",
                                       short_number(report.steps_per_s() / real(streams))));
}

std::string software_lines(const RunReport& report) {
    const SoftwareCost cost = software_cost(report.configuration.host);
    const double machine_us = report.configuration.us(report.figures.steady.chip_cycles_per_step());
    const Response& response = report.figures.response;
    const double step_us = cost.step_us(machine_us);
    return report_line(
               "with software",
               fmt::format(
                   "{} us per step, {} steps/s, latency {} us ({})", short_number(step_us), short_number(1e6 / step_us),
                   short_number(cost.response_us(report.configuration.us(response.cycles), real(response.steps))),
                   cost.name)) +
           report_line("", fmt::format("{} us per step in software, beside the machine",
                                       short_number(cost.software_step_us())));
}

} // namespace

std::string speed_lines(const RunReport& report) {
    const double cycles = report.figures.steady.cycles_per_step();
    std::string text =
        report_line("per step", fmt::format("{} cycles, {} us, {} uJ in steady state", short_number(cycles),
                                            short_number(report.configuration.us(cycles)),
                                            short_number(report.power.microjoules_per_step()))) +
        sequence_line(report) + latency_lines(report);
    const LatencyStatistics& latency = report.result.latency;
    if (report.deadline_us > 0)
        text +=
            report_line("deadline", fmt::format("{} us, missed by {} of {} outputs{}", short_number(report.deadline_us),
                                                grouped(latency.missed_deadlines), grouped(latency.count),
                                                report.timed_arrivals ? "" : " (latency on the idle machine)"));
    return text +
           report_line("throughput", fmt::format("{} steps/s, {} GOPS (two operations per one-bit "
                                                 "multiply-accumulate)",
                                                 short_number(report.steps_per_s()), short_number(report.gops()))) +
           share_line(report) + software_lines(report);
}

std::string layer_table(const RunReport& report) {
    const SteadyState& steady = report.figures.steady;
    std::vector<std::string> heads = {"steady state", "cycles"};
    TableLayout layout = {0, true, 1, {17, 8}};
    for (const CycleClass cycle_class : kStepClasses) {
        heads.emplace_back(cycle_class_name(cycle_class));
        layout.least_columns.push_back(column_of(cycle_class));
    }
    AlignedTable table(layout);
    table.add(heads);
    for (const LayerFigures& layer : steady.layers) table.add(layer_row(layer.name, layer.classes, steady));
    table.add(layer_row("step", steady.classes(), steady));
    if (steady.reached) return table.text();
    return table.text() + report_line("note", fmt::format("the steady state was not reached: after {} steps a buffer "
                                                          "still fills or empties, so figures per step are not exact",
                                                          grouped(steady.fill_steps)));
}

std::string hint_lines(const RunReport& report) {
    if (report.hints.empty()) return "";
    std::string text = "\nhints: one change that makes a step faster and fits, as the simulation finds it\n";
    for (const Hint& hint : report.hints)
        text += fmt::format("  {:33}{:>8.1f} cycles, {:.1f} % less; {:+} LUT\n",
                            fmt::format("--{}={}", hint.key, hint.value), hint.cycles_per_step, hint.saved_percent,
                            hint.added_luts);
    return text;
}

nlohmann::ordered_json hints_json(const RunReport& report) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const Hint& hint : report.hints)
        json.push_back({{"parameter", hint.key},
                        {"value", hint.value},
                        {"cycles_per_step", hint.cycles_per_step},
                        {"saved_percent", hint.saved_percent},
                        {"added_luts", hint.added_luts}});
    return json;
}

std::string energy_table(const RunReport& report) {
    const PowerEstimate& power = report.power;
    std::vector<std::string> cells;
    const auto add = [&](const std::string& name, double watts) {
        const double share = power.watts() > 0 ? 100 * watts / power.watts() : 0;
        cells.push_back(fmt::format("  {:18}{:>9} uJ{:>6.1f} %", name, energy_text(power.per_step(watts)), share));
    };
    add("static", power.static_watts);
    for (const BlockPower& block : power.blocks) add(block.block, block.watts);
    std::string text = "energy per step (first-order estimate of the programmable logic)\n";
    const std::size_t rows = (cells.size() + 1) / 2;
    for (std::size_t row = 0; row < rows; ++row)
        text += cells[row] + (row + rows < cells.size() ? cells[row + rows] : std::string()) + "\n";
    return text + fmt::format("  {:18}{:>9} uJ; loading the network {} uJ, once\n", "step",
                              energy_text(power.microjoules_per_step()), short_number(report.loading_uj));
}

nlohmann::ordered_json latency_json(const RunReport& report) {
    const Response& response = report.figures.response;
    nlohmann::ordered_json json = {{"response", report.configuration.us(response.cycles)},
                                   {"service", report.configuration.us(response.service)},
                                   {"request_steps", response.steps}};
    if (!report.timed_arrivals) return json;
    const LatencyStatistics& latency = report.result.latency;
    json["mean"] = latency.mean_us;
    json["queueing_mean"] = report.queueing_us();
    json["p50"] = latency.p50_us;
    json["p99"] = latency.p99_us;
    json["max"] = latency.max_us;
    return json;
}

nlohmann::ordered_json software_json(const RunReport& report) {
    const SoftwareCost cost = software_cost(report.configuration.host);
    const double step_us = cost.step_us(report.configuration.us(report.figures.steady.chip_cycles_per_step()));
    const Response& response = report.figures.response;
    return {{"software", cost.name},
            {"software_step_ns", cost.step_ns},
            {"software_transfer_ns", cost.transfer_ns},
            {"software_us_per_step", cost.software_step_us()},
            {"us_per_step", step_us},
            {"steps_per_s", 1e6 / step_us},
            {"response_us", cost.response_us(report.configuration.us(response.cycles), real(response.steps))}};
}

nlohmann::ordered_json steady_state_json(const SteadyState& steady) {
    nlohmann::ordered_json json = {{"reached", steady.reached},
                                   {"fill_steps", steady.fill_steps},
                                   {"steps", steady.steps},
                                   {"cycles", steady.cycles()},
                                   {"classes", classes_json(steady.classes())}};
    json["layers"] = nlohmann::ordered_json::array();
    for (const LayerFigures& layer : steady.layers)
        json["layers"].push_back({{"name", layer.name},
                                  {"cycles", layer.cycles()},
                                  {"cycles_per_step", steady.per_step(layer.cycles())},
                                  {"classes", classes_json(layer.classes)}});
    return json;
}

nlohmann::ordered_json energy_json(const RunReport& report) {
    const PowerEstimate& power = report.power;
    nlohmann::ordered_json json = {{"estimate", "first order, programmable logic only"},
                                   {"step_uj", power.microjoules_per_step()},
                                   {"loading_uj", report.loading_uj},
                                   {"static_uj", power.per_step(power.static_watts)}};
    for (const BlockPower& block : power.blocks) json["blocks_uj"][block.block] = power.per_step(block.watts);
    return json;
}

} // namespace bru
