#include "report/cores_report.hpp"

#include <fmt/format.h>

#include "base/integers.hpp"
#include "report/aligned_table.hpp"
#include "report/text.hpp"

namespace bru {

namespace {

std::string share(const ClassCycles& classes, CycleClass one, std::uint64_t total) {
    return fmt::format("{:.1f} %", total > 0 ? 100 * ratio(classes[index_of(one)], total) : 0);
}

/// Those that tell what limits a core; loading and idling are the rest.
constexpr CycleClass kShownClasses[] = {CycleClass::compute, CycleClass::input_wait, CycleClass::state_wait,
                                        CycleClass::update_wait, CycleClass::output_wait};

nlohmann::ordered_json steady_json(const RunReport& report, const CoreSteadyState& core) {
    const double cycles_per_step = core.steps > 0 ? ratio(core.cycles(), core.steps) : 0;
    nlohmann::ordered_json classes;
    for (const CycleClass each : kShownClasses) classes[cycle_class_name(each)] = core.classes[index_of(each)];
    return {{"steps", core.steps},
            {"cycles", core.cycles()},
            {"cycles_per_step", cycles_per_step},
            {"steps_per_s", cycles_per_step > 0 ? report.configuration.clock_mhz * 1e6 / cycles_per_step : 0},
            {"classes", classes}};
}

} // namespace

std::string cores_table(const RunReport& report) {
    const std::vector<CoreResult>& cores = report.result.cores;
    if (cores.empty()) return "";
    TableLayout layout = {0, true, 1, {7, 10}}; // as wide as the table of layers
    std::vector<std::string> heads = {"cores", "steps"};
    if (report.timed_arrivals) heads.emplace_back("p99 us");
    if (report.timed_arrivals) layout.least_columns.push_back(8);
    for (const CycleClass each : kShownClasses) {
        heads.emplace_back(cycle_class_name(each));
        layout.least_columns.push_back(heads.back().size() + 1);
    }
    AlignedTable table(layout);
    table.add(heads);
    for (std::size_t core = 0; core < cores.size(); ++core) {
        std::vector<std::string> row = {fmt::format("  {}", core), grouped(cores[core].steps)};
        if (report.timed_arrivals) row.push_back(short_number(cores[core].latency.p99_us));
        for (const CycleClass each : kShownClasses)
            row.push_back(share(cores[core].class_cycles, each, report.result.total_cycles));
        table.add(std::move(row));
    }
    return "\n" + table.text();
}

nlohmann::ordered_json cores_json(const RunReport& report) {
    const std::vector<CoreResult>& cores = report.result.cores;
    if (cores.empty()) return nullptr;
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    const std::vector<CoreSteadyState>& steady = report.figures.steady.cores;
    for (std::size_t number = 0; number < cores.size(); ++number) {
        const CoreResult& core = cores[number];
        nlohmann::ordered_json classes;
        for (const CycleClass each : kAllCycleClasses)
            classes[cycle_class_name(each)] = core.class_cycles[index_of(each)];
        nlohmann::ordered_json item = {{"core", number},
                                       {"steps", core.steps},
                                       {"sequences", core.sequences},
                                       {"output_vectors", core.output_vectors},
                                       {"classes", classes}};
        if (report.timed_arrivals)
            item["latency_us"] = {{"mean", core.latency.mean_us},
                                  {"p50", core.latency.p50_us},
                                  {"p99", core.latency.p99_us},
                                  {"max", core.latency.max_us}};
        if (report.deadline_us > 0) item["missed"] = core.latency.missed_deadlines;
        if (number < steady.size()) item["steady_state"] = steady_json(report, steady[number]);
        json.push_back(std::move(item));
    }
    return json;
}

} // namespace bru
