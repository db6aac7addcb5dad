// The JSON of a fleet: the schema bru-fleet-1.
#include <nlohmann/json.hpp>

#include "base/version.hpp"
#include "report/fleet_report.hpp"

namespace bru {

namespace {

using Json = nlohmann::ordered_json;

Json percentiles_json(const fleet::Percentiles& percentiles) {
    return {{"mean", percentiles.mean_us},    {"p50", percentiles.p50_us},   {"p90", percentiles.p90_us},
            {"p99", percentiles.p99_us},      {"p999", percentiles.p999_us}, {"largest", percentiles.largest_us},
            {"target", percentiles.target_us}};
}

Json spread_json(const fleet::Spread& spread) {
    return {{"mean", spread.mean}, {"least", spread.least}, {"median", spread.median}, {"largest", spread.largest}};
}

Json result_json(const fleet::FleetResult& result) {
    const fleet::SessionCounts& sessions = result.sessions;
    const fleet::StepCounts& steps = result.steps;
    Json json = {{"holds", result.holds}, {"boards", result.boards}, {"counted_s", result.counted_s}};
    json["sessions"] = {{"arrived", sessions.arrived}, {"ended", sessions.ended}, {"rejected", sessions.rejected},
                        {"dropped", sessions.dropped}, {"moved", sessions.moved}, {"alive", sessions.alive},
                        {"waiting", sessions.waiting}};
    json["unserved_share"] = result.unserved_share();
    json["steps"] = {{"made", steps.made},
                     {"answered", steps.answered},
                     {"within_deadline", steps.within_deadline},
                     {"lost_in_network", steps.lost_in_network},
                     {"lost_in_failures", steps.lost_in_failures},
                     {"in_flight", steps.in_flight()}};
    json["within_share"] = result.within_share();
    json["lost_share"] = result.lost_share();
    json["response_us"] = percentiles_json(result.response);
    json["wait_us"] = percentiles_json(result.wait);
    json["machine_share"] = spread_json(result.machine_share);
    json["software_share"] = spread_json(result.software_share);
    json["up_share"] = result.up_share;
    json["energy_j"] = result.energy_j;
    json["cost"] = {{"boards", result.cost_boards},
                    {"electricity", result.cost_electricity},
                    {"per_million_steps", result.cost_per_million()}};
    return json;
}

Json boards_json(const FleetReport& report) {
    Json list = Json::array();
    for (std::size_t k = 0; k < report.workload.groups.size(); ++k) {
        const fleet::BoardGroup& group = report.workload.groups[k];
        const fleet::BoardService& service = group.service;
        list.push_back({{"section", report.workload.plan.kinds[k].section},
                        {"count", group.count},
                        {"streams", service.streams},
                        {"step_us", fleet::in_us(service.interval)},
                        {"saturated_step_us", fleet::saturated_interval_us(service)},
                        {"response_us", fleet::in_us(fleet::idle_response(service))},
                        {"step_software_us", fleet::in_us(service.software_step)},
                        {"transfer_software_us", fleet::in_us(service.software_transfer)},
                        {"idle_w", service.idle_w},
                        {"busy_w", service.busy_w}});
    }
    return list;
}

} // namespace

Json fleet_json(const FleetReport& report) {
    const fleet::FleetPlan& plan = report.workload.plan;
    const fleet::FleetAnswer& answer = report.answer;
    const fleet::OfferedLoad offered = fleet::offered_load(report.workload);
    Json json = {{"schema", kFleetSchema}};
    json["target"] = {{"percent", plan.target_percent},
                      {"deadline_us", plan.sessions.deadline_ms * 1000},
                      {"unserved_percent", plan.unserved_percent}};
    json["load"] = {{"offered", offered.load()}, {"of_streams", offered.of_streams}, {"of_steps", offered.of_steps}};
    json["boards"] = boards_json(report);
    json["result"] = result_json(answer.result);
    json["loads"] = Json::array();
    for (const fleet::LoadPoint& point : answer.loads)
        json["loads"].push_back({{"load", point.load}, {"result", result_json(point.result)}});
    const auto knee = fleet::knee_of(answer.loads);
    json["knee_load"] = knee ? Json(answer.loads[*knee].load) : Json(nullptr);
    json["boards_needed"] = answer.boards_needed ? Json(*answer.boards_needed) : Json(nullptr);
    json["trials"] = Json::array();
    for (const fleet::BoardTrial& trial : answer.trials)
        json["trials"].push_back({{"boards", trial.boards}, {"result", result_json(trial.result)}});
    Json config = Json::object();
    for (const auto& [key, value] : plan.given) config[key] = value;
    json["manifest"] = {{"program", "bru"}, {"version", program_version()}, {"file", plan.file}, {"config", config}};
    return json;
}

} // namespace bru
