#include "report/capacity_report.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/printable.hpp"
#include "base/version.hpp"
#include "config/software_cost.hpp"
#include "report/aligned_table.hpp"
#include "report/run_report.hpp"
#include "report/text.hpp"

namespace bru {

namespace {

std::string verdict(const CapacityReport& report) {
    const std::int64_t served = report.capacity.streams_served;
    const std::string streams = fmt::format("{} {}", served, served == 1 ? "stream" : "streams");
    if (!report.capacity.limited_by_streams) return streams;
    const std::int64_t of_core = report.configuration.shape.streams;
    const std::int64_t cores = report.configuration.platform.cores;
    return fmt::format("{}: all that bru.streams = {} holds{}, so bru.streams is the limit{}", streams, of_core,
                       cores > 1 ? fmt::format(" in {} cores", cores) : "",
                       of_core < kMostStreams
                           ? fmt::format("; try --bru.streams={}", std::min<std::int64_t>(2 * of_core, kMostStreams))
                           : "");
}

} // namespace

std::string capacity_table(const CapacityReport& report) {
    const Demand& demand = report.demand;
    const Shape& shape = report.configuration.shape;
    const SoftwareCost software = software_cost(report.configuration.host);
    const std::int64_t cores = report.configuration.platform.cores;
    std::string text =
        report_line("model", fmt::format("{}: {}", printable(report.model_path), network_line(*report.network))) +
        report_line("machine", fmt::format("{}{} lanes x {}, E = {}, {} stream{}, {}",
                                           cores > 1 ? fmt::format("{} cores of ", cores) : "", shape.lanes,
                                           shape.lane_width, shape.update_width, shape.streams,
                                           shape.streams == 1 ? "" : "s", clock_text(report.configuration))) +
        report_line("software", fmt::format("{}: {} ns per step and {} ns per transfer", software.name,
                                            software.step_ns, software.transfer_ns)) +
        report_line("demand", fmt::format("each stream has one step per {} us, {}; {:.6g} % of the steps are answered "
                                          "within {} us",
                                          short_number(demand.arrival.interval_us),
                                          demand.is_periodic() ? "periodic with a random phase" : "at random (Poisson)",
                                          100 * demand.fraction, short_number(demand.deadline_us))) +
        report_line("capacity", verdict(report)) + "\n";
    AlignedTable table({2, true, 1, {8, 9, 10, 10, 10, 9, 20}});
    table.add({"streams", "machine", "software", "median us", fmt::format("{:.6g} % us", 100 * demand.fraction), "late",
               "served"});
    for (const CapacityProbe& probe : report.capacity.probes)
        table.add({fmt::format("{}", probe.streams), fmt::format("{:.1f} %", 100 * probe.machine_share),
                   fmt::format("{:.1f} %", 100 * probe.software_share), short_number(probe.median_us),
                   short_number(probe.percentile_us), fmt::format("{:.2f} %", 100 * probe.late_share),
                   probe.served        ? "yes"
                   : probe.queue_grows ? "no: the queue grows"
                                       : "no"});
    return text + table.text();
}

nlohmann::ordered_json capacity_json(const CapacityReport& report) {
    const Demand& demand = report.demand;
    nlohmann::ordered_json json = {{"schema", kCapacitySchema},
                                   {"streams_served", report.capacity.streams_served},
                                   {"limited_by_streams", report.capacity.limited_by_streams},
                                   {"demand",
                                    {{"arrival", demand.is_periodic() ? "periodic" : "poisson"},
                                     {"period_us", demand.arrival.interval_us},
                                     {"deadline_us", demand.deadline_us},
                                     {"percent", 100 * demand.fraction},
                                     {"seed", demand.seed}}}};
    json["probes"] = nlohmann::ordered_json::array();
    for (const CapacityProbe& probe : report.capacity.probes)
        json["probes"].push_back(
            {{"streams", probe.streams},
             {"steps", probe.steps},
             {"median_us", probe.median_us},
             {"percentile_us", probe.percentile_us},
             {"late_share", probe.late_share},
             {"late_share_error",
              probe.late_share_error ? nlohmann::ordered_json(*probe.late_share_error) : nlohmann::ordered_json()},
             {"machine_share", probe.machine_share},
             {"software_share", probe.software_share},
             {"queue_grows", probe.queue_grows},
             {"served", probe.served}});
    nlohmann::ordered_json config;
    for (const Parameter& parameter : parameters()) config[parameter.key] = parameter.get(report.configuration);
    json["manifest"] = {{"program", "bru"},
                        {"version", program_version()},
                        {"model", report.model_path},
                        {"model_fingerprint", report.network->fingerprint},
                        {"config", config}};
    return json;
}

} // namespace bru
