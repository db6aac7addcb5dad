#include "report/run_difference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/json_text.hpp"
#include "base/printable.hpp"
#include "base/text_layout.hpp"
#include "report/checked_json.hpp"
#include "report/text.hpp"

namespace bru {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kRunSchema = "bru-run-"; ///< and a number
constexpr std::size_t kNameColumns = 38;
constexpr std::size_t kValueColumns = 14;
constexpr std::size_t kChangeColumns = 11;
constexpr std::size_t kTextColumn = 12; ///< of values that take lines of their own
constexpr int kMostLevels = 16;         ///< of objects in objects; reports have fewer

constexpr double kRounding = 1e-9; ///< relative: numbers that near are the same number, rounded in another order

/// What a reader looks for first.
constexpr const char* kHeadline[] = {"cycles.per_step", "latency_us.response", "energy.step_uj", "fits"};

enum class Role { metric, whole_run, input, neither };

bool begins_with(const std::string& text, std::string_view start) { return text.compare(0, start.size(), start) == 0; }

bool ends_with(const std::string& text, std::string_view end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

Role role_of(const std::string& name) {
    for (const std::string_view start : {"host.", "synthesis.", "estimate_errors.", "schema", "hints."})
        if (begins_with(name, start)) return Role::neither;
    if (name == "hints" || name == "golden.message") return Role::neither;
    for (const char* length : {"steps", "sequences", "output_vectors"})
        if (name == length) return Role::input;
    for (const std::string_view start :
         {"cycles.total", "cycles.classes.", "time_us", "golden.", "predictions.", "saturated_inputs", "saturation.",
          "deadline.", "latency_us.mean", "latency_us.queueing", "latency_us.p", "latency_us.max"})
        if (begins_with(name, start) && name != "golden.file") return Role::whole_run;
    if (begins_with(name, "manifest.") || name == "golden.file" || name == "clock_mhz" || name == "dma_clock_mhz")
        return Role::input;
    if (begins_with(name, "resources.") && (ends_with(name, ".available") || ends_with(name, ".limit")))
        return Role::input;
    return Role::metric;
}

/// An element of a list is called by the first text in it, such as the name of a block; others by their index.
std::string element_name(const Json& element, std::size_t index) {
    if (element.is_object() && !element.empty() && element.front().is_string())
        return element.front().get<std::string>();
    return fmt::format("{}", index);
}

/// Values of a file and their places, in the order of the file.
struct Leaves {
    std::string file;
    std::vector<std::string> names = {};
    std::map<std::string, Json> values = {};

    void collect(const Json& value, const std::string& name, int level = 0) {
        if (level > kMostLevels)
            throw InputError({file},
                             fmt::format("has more than {} levels; give what bru run --json wrote", kMostLevels));
        const std::string inside = name.empty() ? "" : name + ".";
        if (value.is_object()) {
            for (const auto& [key, member] : value.items()) collect(member, inside + key, level + 1);
        } else if (value.is_array()) {
            for (std::size_t i = 0; i < value.size(); ++i)
                collect(value[i], inside + element_name(value[i], i), level + 1);
        } else if (values.emplace(name, value).second) {
            names.push_back(name);
        }
    }
};

Leaves leaves_of(const Json& run, const std::string& file) {
    const CheckedJson schema = CheckedJson(run, file).at("schema");
    if (begins_with(schema.text(), "bru-") && !begins_with(schema.text(), kRunSchema))
        throw InputError({file}, fmt::format("is the JSON of bru {}; bru diff takes that of bru run --json",
                                             printable(schema.text().substr(4, schema.text().find('-', 4) - 4))));
    if (!begins_with(schema.text(), kRunSchema)) schema.refuse("\"bru-run-2\", as bru run --json writes it");
    Leaves leaves{file};
    leaves.collect(run, "");
    if (leaves.values.count("cycles.total") == 0)
        throw InputError({file},
                         fmt::format("has no cycles.total (schema {}), so it is no report that this bru knows; let bru "
                                     "run --json write it anew",
                                     printable(schema.text())));
    return leaves;
}

std::string shown(const Json& value) {
    if (value.is_null()) return "missing";
    if (value.is_string()) {
        const std::string text = printable(value.get<std::string>());
        return text.empty() ? "(empty)" : text;
    }
    if (value.is_number_float()) return fmt::format("{:.6g}", value.get<double>());
    if (value.is_number_unsigned()) return grouped(value.get<std::uint64_t>());
    return json_text(value);
}

/// A text that stands where the other file has a number is shown as one.
std::string shown_beside(const Json& value, const Json& other) {
    return value.is_string() && !other.is_string() && !other.is_null() ? '"' + shown(value) + '"' : shown(value);
}

bool is_same(const Json& a, const Json& b) {
    if (!a.is_number() || !b.is_number()) return a == b;
    const double first = a.get<double>();
    const double second = b.get<double>();
    return std::abs(first - second) <= kRounding * std::max(std::abs(first), std::abs(second));
}

std::string shown_change(const ChangedValue& value) {
    if (is_same(value.before, value.after)) return "same";
    const double percent = value.change_percent();
    if (std::isinf(percent)) return "changed";
    const std::string text = fmt::format("{:+.2f} %", percent);
    return text.size() < kChangeColumns ? text : fmt::format("{:+.1e} %", percent);
}

/// A row with a column for each text; texts that are too long take lines of their own.
std::string row(const std::string& name, const std::string& before, const std::string& after,
                const std::string& change) {
    const std::string start = "  " + shown_name(name);
    if (std::max(columns_of(before), columns_of(after)) >= kValueColumns)
        return start + "\n" + hanging("    before", before, kTextColumn) + hanging("    after", after, kTextColumn);
    const std::size_t columns = columns_of(start);
    std::string text = start + (columns > kNameColumns ? "\n" + std::string(kNameColumns, ' ')
                                                       : std::string(kNameColumns - columns, ' '));
    text += fmt::format("{:>{}}{:>{}}{:>{}}", before, kValueColumns, after, kValueColumns, change, kChangeColumns);
    return text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
}

Json list_json(const std::vector<ChangedValue>& values) {
    Json list = Json::array();
    for (const ChangedValue& value : values) {
        Json item = {{"name", value.name}, {"before", value.before}, {"after", value.after}};
        const double percent = value.change_percent();
        if (std::isfinite(percent)) item["change_percent"] = percent;
        list.push_back(std::move(item));
    }
    return list;
}

} // namespace

double ChangedValue::change_percent() const {
    if (!before.is_number() || !after.is_number() || before.get<double>() == 0)
        return std::numeric_limits<double>::infinity();
    return 100 * (after.get<double>() - before.get<double>()) / std::abs(before.get<double>());
}

std::size_t RunDifference::above(double percent) const {
    return std::count_if(changed_metrics.begin(), changed_metrics.end(),
                         [&](const ChangedValue& value) { return std::abs(value.change_percent()) > percent; });
}

RunDifference compare_runs(const Json& before, const std::string& before_file, const Json& after,
                           const std::string& after_file) {
    const Leaves first = leaves_of(before, before_file);
    const Leaves second = leaves_of(after, after_file);
    if (const CheckedJson schema = CheckedJson(after, after_file).at("schema"); schema.value() != before.at("schema"))
        schema.refuse(
            fmt::format("{} as in {}: keys of the same name mean other things; run both with one version of bru",
                        before.at("schema").dump(), before_file));
    std::vector<std::string> names = first.names;
    for (const std::string& name : second.names)
        if (first.values.count(name) == 0) names.push_back(name);
    RunDifference difference;
    const auto value_of = [](const Leaves& leaves, const std::string& name) {
        const auto found = leaves.values.find(name);
        return found == leaves.values.end() ? Json() : found->second;
    };
    for (const char* length : {"steps", "sequences"})
        if (value_of(first, length) != value_of(second, length)) difference.same_steps = false;
    for (const char* name : kHeadline)
        if (first.values.count(name) != 0 || second.values.count(name) != 0)
            difference.headline.push_back({name, value_of(first, name), value_of(second, name)});
    for (const std::string& name : names) {
        const Role role = role_of(name);
        if (role == Role::neither || (role == Role::whole_run && !difference.same_steps)) continue;
        if (role != Role::input) ++difference.metrics;
        ChangedValue value{name, value_of(first, name), value_of(second, name)};
        if (is_same(value.before, value.after)) continue;
        (role == Role::input ? difference.changed_inputs : difference.changed_metrics).push_back(std::move(value));
    }
    return difference;
}

std::string difference_table(const RunDifference& difference, double allowed_percent) {
    const std::size_t changed = difference.changed_metrics.size();
    std::string text = fmt::format("{} of {} metrics differ", grouped(changed), grouped(difference.metrics));
    if (changed > 0)
        text += fmt::format(", {} by more than {:g} %", grouped(difference.above(allowed_percent)), allowed_percent);
    text += "\n";
    if (!difference.same_steps)
        text += wrapped("The runs have other steps, so their totals, predictions and latencies in the trace are not "
                        "compared.");
    const auto rows = [](const std::string& title, const std::vector<ChangedValue>& values, bool with_change) {
        std::string lines = "\n" + row(title, "before", "after", with_change ? "change" : "").substr(2);
        for (const ChangedValue& value : values)
            lines += row(value.name, shown_beside(value.before, value.after), shown_beside(value.after, value.before),
                         with_change ? shown_change(value) : "");
        return lines;
    };
    if (!difference.headline.empty()) text += rows("main figures", difference.headline, true);
    if (!difference.changed_inputs.empty()) text += rows("inputs that differ", difference.changed_inputs, false);
    if (changed > 0) text += rows("metrics that differ", difference.changed_metrics, true);
    return text;
}

Json difference_json(const RunDifference& difference, double allowed_percent) {
    return {{"schema", "bru-diff-1"},
            {"metrics", difference.metrics},
            {"allowed_percent", allowed_percent},
            {"above", difference.above(allowed_percent)},
            {"changed_metrics", list_json(difference.changed_metrics)},
            {"changed_inputs", list_json(difference.changed_inputs)}};
}

} // namespace bru
