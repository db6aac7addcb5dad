#include "report/sweep_report.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/json_text.hpp"
#include "report/text.hpp"

namespace bru {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostRows = 20; ///< of the front

/// A table of texts with aligned columns, the first row its heads.
class AlignedTable {
public:
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    std::string text() const {
        std::vector<std::size_t> widths;
        for (const auto& row : rows_) {
            widths.resize(std::max(widths.size(), row.size()), 0);
            for (std::size_t k = 0; k < row.size(); ++k) widths[k] = std::max(widths[k], row[k].size());
        }
        std::string text;
        for (const auto& row : rows_) {
            for (std::size_t k = 0; k < row.size(); ++k) text += fmt::format("  {:>{}}", row[k], widths[k]);
            text += "\n";
        }
        return text;
    }

private:
    std::vector<std::vector<std::string>> rows_;
};

/// Objectives first, then what every reader wants to know.
std::vector<std::size_t> shown_metrics(const Json& plan) {
    std::vector<std::size_t> shown;
    const auto add = [&shown](const std::string& key) {
        const std::size_t index = metric_index(key);
        if (std::find(shown.begin(), shown.end(), index) == shown.end()) shown.push_back(index);
    };
    for (const auto& key : plan["objectives"]) add(key);
    for (const char* key : {"cycles_per_step", "lut_percent", "bram36_percent", "dsp_percent", "energy_uj"}) add(key);
    return shown;
}

std::string number_text(double value) {
    if (std::isnan(value)) return "-";
    if (value == std::floor(value) && std::fabs(value) < 1e15 && value >= 0)
        return grouped(static_cast<std::uint64_t>(value));
    return short_number(value);
}

std::string last_name(const std::string& key) { return key.substr(key.find('.') + 1); }

std::string file_name(const std::string& key, const std::string& value) {
    const bool is_path = key == "run.model" || key == "run.trace";
    return is_path ? std::filesystem::path(value).stem().string() : value;
}

void add_point(AlignedTable& table, const std::string& name, const StoredPoint& point,
               const std::vector<std::string>& keys, const std::vector<std::size_t>& shown) {
    std::vector<std::string> row = {name};
    for (std::size_t k = 0; k < keys.size(); ++k) row.push_back(file_name(keys[k], point.parameters[k]));
    for (const std::size_t metric : shown)
        row.push_back(point.values.empty() ? "-" : number_text(point.values[metric]));
    table.add(std::move(row));
}

/// "2.54 times as fast as the default's 287.2"
std::string against_default(const StoredPoint& best, const StoredPoint& baseline, std::size_t objective) {
    const Metric& metric = metrics()[objective];
    const double now = best.values[objective];
    const double then = baseline.values[objective];
    std::string text =
        fmt::format("{} {}{}", metric.title, number_text(now), metric.unit.empty() ? "" : " " + metric.unit);
    if (std::isnan(then) || now <= 0 || then <= 0) return text;
    const double ratio = metric.better == Better::high ? now / then : then / now;
    const bool is_time = metric.unit == "cycles" || metric.unit == "us";
    return text +
           fmt::format(", {:.2f} times as {} as the default's {}", ratio, is_time ? "fast" : "good", number_text(then));
}

} // namespace

std::string sweep_table(const ResultStore& store, const SweepSummary& summary, unsigned processes, bool use_colour) {
    const SweepFacts& facts = store.facts();
    const Json plan = json_from_text(facts.plan_json);
    const std::vector<std::string>& keys = store.parameter_keys();
    const std::vector<StoredPoint> points = store.points();
    const auto baseline = store.find(kBaseline);
    std::string text = fmt::format("sweep       {}: {}, {} points{}\n", plan["file"].get<std::string>(),
                                   plan["sampling"].get<std::string>(), grouped(summary.planned),
                                   facts.shard.count > 1 ? fmt::format(" of shard {}", facts.shard.text()) : "");
    const double rate = summary.seconds > 0 ? static_cast<double>(summary.evaluated) / summary.seconds : 0;
    text += fmt::format("database    {}: {} rows, {} evaluated now{}\n", store.path(), grouped(points.size()),
                        grouped(summary.evaluated),
                        summary.evaluated == 0 ? ""
                                               : fmt::format(" in {:.2f} s, {} per second on {} process{}",
                                                             summary.seconds, grouped(static_cast<std::uint64_t>(rate)),
                                                             processes, processes == 1 ? "" : "es"));
    const auto on_front =
        std::count_if(points.begin(), points.end(), [](const StoredPoint& point) { return point.front; });
    text += fmt::format("points      {} feasible, {} on the front, {} failed\n", grouped(summary.feasible), on_front,
                        grouped(summary.failed));
    const auto failed =
        std::find_if(points.begin(), points.end(), [](const StoredPoint& point) { return !point.error.empty(); });
    if (failed != points.end())
        text += fmt::format("            the first: point {}: {}\n", failed->number, failed->error);

    const std::vector<std::size_t> shown = shown_metrics(plan);
    AlignedTable table;
    std::vector<std::string> heads = {"point"};
    for (const std::string& key : keys) heads.push_back(last_name(key));
    for (const std::size_t metric : shown) heads.push_back(metrics()[metric].key);
    table.add(heads);
    std::vector<const StoredPoint*> front;
    for (const StoredPoint& point : points)
        if (point.front) front.push_back(&point);
    std::stable_sort(front.begin(), front.end(), [&](const StoredPoint* a, const StoredPoint* b) {
        const double sign = metrics()[shown[0]].better == Better::high ? -1 : 1;
        return sign * a->values[shown[0]] < sign * b->values[shown[0]];
    });
    for (std::size_t k = 0; k < std::min(front.size(), kMostRows); ++k)
        add_point(table, std::to_string(front[k]->number), *front[k], keys, shown);
    if (baseline) add_point(table, "default", *baseline, keys, shown);
    text += fmt::format("\nfront: feasible points that no other beats in {}\n{}",
                        fmt::join(plan["objectives"].get<std::vector<std::string>>(), ", "), table.text());
    if (front.size() > kMostRows)
        text += fmt::format("  ({} more; the database, --csv and `bru report` have all)\n", front.size() - kMostRows);
    if (facts.best) {
        const auto best = store.find(*facts.best);
        text += coloured(fmt::format("\nbest: point {}, {}\n", best->number,
                                     baseline && !baseline->values.empty() ? against_default(*best, *baseline, shown[0])
                                                                           : number_text(best->values[shown[0]])),
                         Colour::good, use_colour);
    } else {
        text += coloured("\nbest: none, no point holds all constraints\n", Colour::bad, use_colour);
    }
    return text;
}

} // namespace bru
