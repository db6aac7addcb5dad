#include "explore/stored_plan.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/json_text.hpp"
#include "explore/metrics.hpp"

namespace bru {

namespace {

using Json = nlohmann::ordered_json;

/// Throws InputError without the file's name.
void require(bool holds, const char* member) {
    if (!holds)
        throw InputError(
            fmt::format("its plan has no {} as bru sweep writes it; give the database of a `bru sweep`", member));
}

bool are_texts(const Json& list) {
    if (!list.is_array()) return false;
    for (const Json& each : list)
        if (!each.is_string()) return false;
    return true;
}

bool is_axis(const Json& axis) {
    if (!axis.is_object() || !axis.contains("keys") || !axis.contains("values")) return false;
    const Json& keys = axis.at("keys");
    const Json& values = axis.at("values");
    if (!are_texts(keys) || keys.empty() || !values.is_array() || values.empty()) return false;
    for (const Json& each : values)
        if (!are_texts(each) || each.size() != keys.size()) return false;
    return true;
}

void check(const Json& plan) {
    require(plan.is_object(), "object");
    for (const char* key : {"file", "directory", "sampling"}) require(plan.contains(key) && plan[key].is_string(), key);
    for (const char* key : {"points", "seed", "population", "accuracy_steps"})
        require(plan.contains(key) && plan[key].is_number_unsigned(), key);
    require(plan.contains("predictions") && plan["predictions"].is_boolean(), "predictions");
    require(plan.contains("axes") && plan["axes"].is_array(), "axes");
    for (const Json& axis : plan["axes"]) require(is_axis(axis), "axes");
    require(plan.contains("fixed") && plan["fixed"].is_object(), "fixed");
    for (const auto& [key, value] : plan["fixed"].items()) require(value.is_string(), "fixed");
    for (const char* key : {"objectives", "constraints"}) require(plan.contains(key) && are_texts(plan[key]), key);
    require(!plan["objectives"].empty(), "objectives");
    for (const Json& key : plan["objectives"]) metric_index(key.get<std::string>());
    for (const Json& text : plan["constraints"]) Constraint::parse(text.get<std::string>());
}

} // namespace

Json checked_plan(const std::string& text, const std::string& path) {
    return in_place({path}, [&] {
        Json plan = json_or_discarded(text);
        check(plan);
        return plan;
    });
}

} // namespace bru
