// A sweep's points as columns. Nothing is computed here: every number of the page is one of the sweep's.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/numbers.hpp"
#include "report/checked_json.hpp"
#include "report/report_page.hpp"

namespace bru {

namespace {

using Json = nlohmann::ordered_json;

std::string text_or_empty(const CheckedJson& object, const std::string& key) {
    const auto found = object.find(key);
    return found ? found->text() : std::string();
}

Json texts_of(const CheckedJson& list) {
    Json result = Json::array();
    for (std::size_t i = 0; i < list.size(); ++i) result.push_back(list.item(i).text());
    return result;
}

/// Members of an object that are texts, numbers or truths; others are not shown.
Json scalars_of(const CheckedJson& object) {
    object.check_object();
    Json result = Json::object();
    for (const auto& [key, value] : object.value().items())
        if (value.is_string() || value.is_number() || value.is_boolean()) result[key] = value;
    return result;
}

Json numbers_of(const CheckedJson& object) {
    object.check_object();
    Json result = Json::object();
    for (const auto& member : object.value().items()) result[member.key()] = object.at(member.key()).checked_number();
    return result;
}

/// The values of one parameter, numbered in the order in which an axis shows them.
class ParameterValues {
public:
    ParameterValues(const CheckedJson& parameter, const CheckedJson& points) : key_(parameter.at("key").text()) {
        if (const auto listed = parameter.find("values"))
            for (std::size_t i = 0; i < listed->size(); ++i) add(listed->item(i).text());
        for (std::size_t i = 0; i < points.size(); ++i)
            if (const auto value = points.item(i).at("parameters").find(key_)) add(value->text());
        sort_numbers();
        for (std::size_t i = 0; i < values_.size(); ++i) places_[values_[i]] = narrow<int>(i);
    }

    const std::string& key() const { return key_; }
    const std::vector<std::string>& values() const { return values_; }

    /// -1 where the point has none.
    int place(const CheckedJson& point) const {
        const auto value = point.at("parameters").find(key_);
        if (!value) return -1;
        const auto found = places_.find(value->text());
        return found == places_.end() ? -1 : found->second;
    }

private:
    void add(const std::string& value) {
        if (places_.emplace(value, 0).second) values_.push_back(value);
    }

    void sort_numbers() {
        const auto is_real = [](const std::string& text) { return parse_real(text).has_value(); };
        if (!std::all_of(values_.begin(), values_.end(), is_real)) return;
        std::stable_sort(values_.begin(), values_.end(),
                         [](const std::string& a, const std::string& b) { return *parse_real(a) < *parse_real(b); });
    }

    std::string key_;
    std::vector<std::string> values_;
    std::map<std::string, int> places_;
};

struct Metric {
    std::string key, title, unit, better, help;
};

std::vector<Metric> metrics_of(const CheckedJson& sweep) {
    std::vector<Metric> metrics;
    const CheckedJson list = sweep.at("metrics");
    for (std::size_t i = 0; i < list.size(); ++i) {
        const CheckedJson item = list.item(i);
        Metric metric = {item.at("key").text(), text_or_empty(item, "title"), text_or_empty(item, "unit"),
                         text_or_empty(item, "better"), text_or_empty(item, "help")};
        if (metric.title.empty()) metric.title = metric.key;
        if (metric.better != "low" && metric.better != "high") metric.better = "none";
        metrics.push_back(std::move(metric));
    }
    return metrics;
}

/// The columns of points [0, count), `item` giving each.
template <typename Item>
Json columns_of(std::size_t count, const Item& item, const std::vector<ParameterValues>& parameters,
                const std::vector<Metric>& metrics) {
    Json columns = {{"number", Json::array()},
                    {"key", Json::array()},
                    {"ok", Json::array()},
                    {"error", Json::array()},
                    {"feasible", Json::array()},
                    {"front", Json::array()},
                    {"violated", Json::array()},
                    {"device", Json::array()},
                    {"parameters", Json(parameters.size(), Json::array())},
                    {"metrics", Json(metrics.size(), Json::array())}};
    const auto truth = [](const CheckedJson& point, const char* key) {
        const auto found = point.find(key);
        return found && found->boolean() ? 1 : 0;
    };
    for (std::size_t i = 0; i < count; ++i) {
        const CheckedJson point = item(i);
        const auto number = point.find("number");
        columns["number"].push_back(number ? number->checked_number() : Json(i));
        columns["key"].push_back(text_or_empty(point, "key"));
        columns["ok"].push_back(point.at("status").text() == "ok" ? 1 : 0);
        columns["error"].push_back(text_or_empty(point, "error"));
        columns["feasible"].push_back(truth(point, "feasible"));
        columns["front"].push_back(truth(point, "front"));
        columns["violated"].push_back(text_or_empty(point, "violated"));
        columns["device"].push_back(text_or_empty(point, "device"));
        for (std::size_t k = 0; k < parameters.size(); ++k)
            columns["parameters"][k].push_back(parameters[k].place(point));
        const auto values = point.find("metrics");
        for (std::size_t k = 0; k < metrics.size(); ++k) {
            const auto value = values ? values->find(metrics[k].key) : std::nullopt;
            columns["metrics"][k].push_back(value ? value->checked_number() : Json(nullptr));
        }
    }
    return columns;
}

Json devices_of(const CheckedJson& sweep) {
    Json devices = Json::object();
    const auto found = sweep.find("devices");
    if (!found) return devices;
    found->check_object();
    for (const auto& member : found->value().items()) {
        if (member.value().is_null()) continue; // its file is gone: budgets are not known
        const CheckedJson device = found->at(member.key());
        devices[member.key()] = {{"name", device.at("name").text()},
                                 {"available", numbers_of(device.at("available"))},
                                 {"limit", numbers_of(device.at("limit"))}};
    }
    return devices;
}

Json place_of_chosen(const CheckedJson& sweep, const Json& columns) {
    const auto chosen = sweep.find("chosen");
    if (!chosen) return nullptr;
    const double number = chosen->number();
    const Json& numbers = columns["number"];
    for (std::size_t i = 0; i < numbers.size(); ++i)
        if (numbers[i].get<double>() == number) return i;
    chosen->refuse("the number of a point");
}

} // namespace

Json sweep_page_data(const Json& input, const std::string& file) {
    const CheckedJson sweep(input, file);
    const CheckedJson points = sweep.at("points");
    const std::vector<Metric> metrics = metrics_of(sweep);
    std::vector<ParameterValues> parameters;
    Json data = {{"kind", "sweep"}, {"source", file}, {"manifest", scalars_of(sweep.at("manifest"))}};
    const CheckedJson varied = sweep.at("parameters");
    data["parameters"] = Json::array();
    for (std::size_t i = 0; i < varied.size(); ++i) {
        const CheckedJson parameter = varied.item(i);
        parameters.emplace_back(parameter, points);
        data["parameters"].push_back({{"key", parameters.back().key()},
                                      {"unit", text_or_empty(parameter, "unit")},
                                      {"help", text_or_empty(parameter, "help")}});
    }
    data["metrics"] = Json::array();
    for (const Metric& metric : metrics)
        data["metrics"].push_back({{"key", metric.key},
                                   {"title", metric.title},
                                   {"unit", metric.unit},
                                   {"better", metric.better},
                                   {"help", metric.help}});
    data["objectives"] = texts_of(sweep.at("objectives"));
    for (const Json& objective : data["objectives"])
        if (std::none_of(metrics.begin(), metrics.end(),
                         [&](const Metric& metric) { return metric.key == objective.get<std::string>(); }))
            sweep.at("objectives").refuse("a list of keys of `metrics`");
    const auto constraints = sweep.find("constraints");
    data["constraints"] = constraints ? texts_of(*constraints) : Json::array();
    const auto fixed = sweep.find("fixed");
    data["fixed"] = fixed ? scalars_of(*fixed) : Json::object();
    data["devices"] = devices_of(sweep);
    const auto point = [&](std::size_t i) { return points.item(i); };
    data["columns"] = columns_of(points.size(), point, parameters, metrics);
    const auto baseline = sweep.find("baseline");
    data["baseline"] = nullptr;
    const auto only_baseline = [&](std::size_t) { return *baseline; };
    if (baseline) data["baseline"] = columns_of(1, only_baseline, parameters, metrics);
    data["chosen"] = place_of_chosen(sweep, data["columns"]);
    for (std::size_t k = 0; k < parameters.size(); ++k) {
        data["parameters"][k]["values"] = parameters[k].values();
        // The default need not be one of the values swept.
        const auto own = baseline ? baseline->at("parameters").find(parameters[k].key()) : std::nullopt;
        data["parameters"][k]["baseline"] = own ? Json(own->text()) : Json(nullptr);
    }
    return data;
}

} // namespace bru
