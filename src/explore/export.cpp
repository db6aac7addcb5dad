#include "explore/export.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "config/run_keys.hpp"
#include "device/device.hpp"
#include "device/synthesis_evidence.hpp"
#include "explore/ranking.hpp"

namespace bru {

namespace {

using Json = nlohmann::ordered_json;

struct KeyText {
    std::string unit;
    std::string help;
};

KeyText text_of(const std::string& key) {
    for (const Parameter& parameter : parameters())
        if (parameter.key == key) return {parameter.unit, parameter.help};
    const RunKey* const run = find_run_key(key);
    return {"", run != nullptr ? run->help : ""};
}

Json number_or_null(double number) { return std::isnan(number) ? Json(nullptr) : Json(number); }
Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

/// The device that a point was held against: its own key, or the sweep's.
std::string device_of(const StoredPoint& point, const std::vector<std::string>& keys, const Json& plan) {
    for (std::size_t k = 0; k < keys.size(); ++k)
        if (keys[k] == "bru.device") return point.parameters[k];
    return plan["fixed"].value("bru.device", Configuration{}.device);
}

Json devices_json(const std::vector<std::string>& names, const std::string& directory) {
    Json devices = Json::object();
    for (const std::string& name : names) {
        if (devices.contains(name)) continue;
        try {
            const Device device = read_device(find_device_file(name, directory));
            const double lut_limit = real(device.luts) * device.lut_limit_percent / 100;
            devices[name] = {{"name", device.name},
                             {"available",
                              {{"lut", device.luts},
                               {"memory_lut", device.memory_luts},
                               {"ff", device.flip_flops},
                               {"bram36", device.bram36},
                               {"dsp", device.dsp}}},
                             {"limit",
                              {{"lut", lut_limit},
                               {"memory_lut", device.memory_luts},
                               {"ff", device.flip_flops},
                               {"bram36", device.bram36},
                               {"dsp", device.dsp}}}};
        } catch (const SystemError&) {
            throw; // it is there, and cannot be read now
        } catch (const InputError&) {
            devices[name] = nullptr; // its file is gone since: budgets are not known
        }
    }
    return devices;
}

Json point_json(const StoredPoint& point, const std::vector<std::string>& keys, const Json& plan) {
    Json json;
    if (point.number != kBaseline) json["number"] = point.number;
    json["key"] = point.key;
    json["status"] = point.error.empty() ? "ok" : "error";
    json["error"] = text_or_null(point.error);
    json["feasible"] = point.feasible;
    json["violated"] = text_or_null(point.violated);
    json["front"] = point.front;
    json["device"] = device_of(point, keys, plan);
    Json& parameters = json["parameters"] = Json::object();
    for (std::size_t k = 0; k < keys.size(); ++k) parameters[keys[k]] = point.parameters[k];
    Json& values = json["metrics"] = Json::object();
    for (std::size_t k = 0; k < metrics().size(); ++k)
        values[metrics()[k].key] = point.values.empty() ? Json(nullptr) : number_or_null(point.values[k]);
    return json;
}

/// Steps that every point simulated; null where they differ.
Json common_steps(const std::vector<StoredPoint>& points) {
    const std::size_t metric = metric_index("steps");
    Json steps;
    for (const StoredPoint& point : points) {
        if (point.values.empty()) continue;
        const auto here = static_cast<std::uint64_t>(std::max(0.0, point.values[metric]));
        if (!steps.is_null() && steps != here) return nullptr;
        steps = here;
    }
    return steps;
}

/// RFC 4180: quotes where they are needed.
std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

std::string csv_number(double number) { return std::isnan(number) ? "" : fmt::format("{}", number); }

} // namespace

Json plan_json(const SweepPlan& plan) {
    Json json = {{"file", std::filesystem::path(plan.file).filename().string()},
                 {"directory", std::filesystem::absolute(plan.directory).lexically_normal().string()},
                 {"sampling", sampling_name(plan.sampling)},
                 {"points", plan.points},
                 {"seed", plan.seed},
                 {"population", plan.population},
                 {"predictions", plan.predictions},
                 {"accuracy_steps", plan.accuracy_steps}};
    Json& axes = json["axes"] = Json::array();
    for (const Axis& axis : plan.axes) axes.push_back({{"keys", axis.keys}, {"values", axis.values}});
    Json& fixed = json["fixed"] = Json::object();
    for (const Override& each : plan.fixed) fixed[each.key] = each.value;
    Json& objectives = json["objectives"] = Json::array();
    for (const std::size_t objective : plan.objectives) objectives.push_back(metrics()[objective].key);
    Json& constraints = json["constraints"] = Json::array();
    for (const Constraint& constraint : plan.constraints) constraints.push_back(constraint.text());
    return json;
}

namespace {

/// The largest one over all versions of the tool that the estimate was checked with, as bru run shows them.
CalibrationError largest_error(const Calibration& calibration) {
    CalibrationError largest = calibration.error_of("core");
    for (const VersionError& each : synthesis_evidence(Shape{}, calibration).errors) {
        largest.lut_percent = std::max(largest.lut_percent, each.error.lut_percent);
        largest.ff_percent = std::max(largest.ff_percent, each.error.ff_percent);
    }
    return largest;
}

} // namespace

std::vector<NarrowMargin> margins_of_best(const ResultStore& store) {
    if (!store.facts().best) return {};
    const Json plan = store.plan();
    const auto best = store.find(*store.facts().best);
    if (!best || best->values.empty()) return {};
    try {
        const Device device =
            read_device(find_device_file(device_of(*best, store.parameter_keys(), plan), plan["directory"]));
        return narrow_margins(best->values, RankingRules::of_plan(plan).constraints, device,
                              largest_error(read_calibration(device)));
    } catch (const SystemError&) {
        throw;
    } catch (const InputError&) {
        return {}; // the device's file is gone since
    }
}

Json sweep_json(const ResultStore& store) {
    const SweepFacts& facts = store.facts();
    const Json plan = store.plan();
    const std::vector<StoredPoint> points = store.points();
    const auto baseline = store.find(kBaseline);
    Json json;
    json["schema"] = kSweepSchema;
    json["manifest"] = {{"program", "bru"},
                        {"version", facts.version},
                        {"sweep_file", plan["file"]},
                        {"directory", plan["directory"]},
                        {"sampling", plan["sampling"]},
                        {"seed", plan["seed"]},
                        {"population", plan["population"]},
                        {"accuracy_steps", plan["accuracy_steps"]},
                        {"shard", facts.shard.text()},
                        {"points_planned", plan["points"]},
                        {"points", points.size()},
                        {"complete", facts.complete}};
    Json& varied = json["parameters"] = Json::array();
    for (const Json& axis : plan["axes"])
        for (std::size_t key = 0; key < axis["keys"].size(); ++key) {
            const KeyText text = text_of(axis["keys"][key]);
            Json values = Json::array();
            for (const Json& value : axis["values"]) values.push_back(value[key]);
            varied.push_back(
                {{"key", axis["keys"][key]}, {"unit", text.unit}, {"help", text.help}, {"values", values}});
        }
    Json& fixed = json["fixed"] = plan["fixed"];
    for (const Parameter& parameter : parameters()) {
        const auto& keys = store.parameter_keys();
        if (std::find(keys.begin(), keys.end(), parameter.key) == keys.end() && !fixed.contains(parameter.key))
            fixed[parameter.key] = parameter.get(Configuration{});
    }
    Json& all_metrics = json["metrics"] = Json::array();
    for (const Metric& metric : metrics())
        all_metrics.push_back({{"key", metric.key},
                               {"title", metric.title},
                               {"unit", metric.unit},
                               {"better", better_name(metric.better)},
                               {"help", metric.help}});
    json["objectives"] = plan["objectives"];
    json["constraints"] = plan["constraints"];
    std::vector<std::string> devices;
    Json rows = Json::array();
    for (const StoredPoint& point : points) {
        rows.push_back(point_json(point, store.parameter_keys(), plan));
        devices.push_back(device_of(point, store.parameter_keys(), plan));
    }
    if (baseline) devices.push_back(device_of(*baseline, store.parameter_keys(), plan));
    json["manifest"]["steps"] = common_steps(points);
    json["devices"] = devices_json(devices, plan["directory"]);
    json["points"] = std::move(rows);
    json["baseline"] = baseline ? point_json(*baseline, store.parameter_keys(), plan) : Json(nullptr);
    json["chosen"] = facts.best ? Json(*facts.best) : Json(nullptr);
    Json& narrow = json["chosen_margins"] = Json::array();
    for (const NarrowMargin& margin : margins_of_best(store))
        narrow.push_back({{"metric", margin.metric},
                          {"value", margin.value},
                          {"limit", margin.limit},
                          {"error_percent", margin.error_percent},
                          {"constraint", margin.limited_by}});
    return json;
}

std::string sweep_csv(const ResultStore& store) {
    std::string text = "number,key,status,error,feasible,violated,front";
    for (const std::string& key : store.parameter_keys()) text += "," + csv_field(key);
    for (const Metric& metric : metrics()) text += "," + metric.key;
    text += "\n";
    for (const StoredPoint& point : store.points()) {
        text +=
            fmt::format("{},{},{},{},{},{},{}", point.number, point.key, point.error.empty() ? "ok" : "error",
                        csv_field(point.error), point.feasible ? 1 : 0, csv_field(point.violated), point.front ? 1 : 0);
        for (const std::string& parameter : point.parameters) text += "," + csv_field(parameter);
        for (std::size_t k = 0; k < metrics().size(); ++k)
            text += "," + (point.values.empty() ? "" : csv_number(point.values[k]));
        text += "\n";
    }
    return text;
}

} // namespace bru
