// A fleet's result as the page shows it: the parts of bru-fleet-1 that it needs, checked.
#include "report/checked_json.hpp"

#include "report/report_page.hpp"
#include <nlohmann/json.hpp>

namespace bru {

namespace {

using Json = nlohmann::ordered_json;

Json fleet_numbers(const CheckedJson& object, std::initializer_list<const char*> keys) {
    Json result = Json::object();
    for (const char* key : keys) result[key] = object.at(key).checked_number();
    return result;
}

/// A number, or null where the file has none.
Json number_or_null(const CheckedJson& object, const char* key) {
    const auto found = object.find(key);
    return found && !found->value().is_null() ? found->checked_number() : Json(nullptr);
}

Json fleet_result_of(const CheckedJson& result) {
    Json shown = fleet_numbers(
        result, {"boards", "within_share", "unserved_share", "lost_share", "up_share", "energy_j", "counted_s"});
    shown["holds"] = result.at("holds").boolean();
    shown["sessions"] =
        fleet_numbers(result.at("sessions"), {"arrived", "ended", "rejected", "dropped", "moved", "alive", "waiting"});
    shown["steps"] = fleet_numbers(result.at("steps"), {"made", "answered", "within_deadline", "lost_in_network",
                                                        "lost_in_failures", "in_flight"});
    shown["response_us"] =
        fleet_numbers(result.at("response_us"), {"mean", "p50", "p90", "p99", "p999", "largest", "target"});
    shown["machine_share"] = fleet_numbers(result.at("machine_share"), {"mean", "least", "largest"});
    shown["software_share"] = fleet_numbers(result.at("software_share"), {"mean", "least", "largest"});
    shown["cost"] = fleet_numbers(result.at("cost"), {"boards", "electricity", "per_million_steps"});
    return shown;
}

/// Runs that were tried, each with what was varied.
Json tried_of(const CheckedJson& list, const char* varied) {
    Json result = Json::array();
    for (std::size_t i = 0; i < list.size(); ++i) {
        const CheckedJson item = list.item(i);
        result.push_back({{varied, item.at(varied).checked_number()}, {"result", fleet_result_of(item.at("result"))}});
    }
    return result;
}

Json kinds_of(const CheckedJson& boards) {
    Json result = Json::array();
    for (std::size_t i = 0; i < boards.size(); ++i) {
        const CheckedJson board = boards.item(i);
        Json item = fleet_numbers(board, {"count", "streams", "step_us", "saturated_step_us", "response_us",
                                          "step_software_us", "transfer_software_us", "idle_w", "busy_w"});
        item["section"] = board.at("section").text();
        result.push_back(std::move(item));
    }
    return result;
}

Json fleet_texts(const CheckedJson& object) {
    object.check_object();
    Json result = Json::object();
    for (const auto& [key, value] : object.value().items())
        if (value.is_string()) result[key] = value;
    return result;
}

} // namespace

Json fleet_page_data(const Json& input, const std::string& file) {
    const CheckedJson fleet(input, file);
    Json shown = Json::object();
    shown["target"] = fleet_numbers(fleet.at("target"), {"percent", "deadline_us", "unserved_percent"});
    shown["load"] = fleet_numbers(fleet.at("load"), {"offered", "of_streams", "of_steps"});
    shown["boards"] = kinds_of(fleet.at("boards"));
    shown["result"] = fleet_result_of(fleet.at("result"));
    shown["loads"] = tried_of(fleet.at("loads"), "load");
    shown["trials"] = tried_of(fleet.at("trials"), "boards");
    shown["knee_load"] = number_or_null(fleet, "knee_load");
    shown["boards_needed"] = number_or_null(fleet, "boards_needed");
    const CheckedJson manifest = fleet.at("manifest");
    Json data = {{"kind", "fleet"}, {"source", file}, {"manifest", fleet_texts(manifest)}, {"fleet", std::move(shown)}};
    data["config"] = fleet_texts(manifest.at("config"));
    return data;
}

} // namespace bru
