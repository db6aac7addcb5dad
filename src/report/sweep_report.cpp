#include "report/sweep_report.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/integers.hpp"
#include "base/printable.hpp"
#include "base/text_layout.hpp"
#include "explore/export.hpp"
#include "explore/ranking.hpp"
#include "report/aligned_table.hpp"
#include "report/text.hpp"

namespace bru {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostRows = 20; ///< of the front
constexpr std::size_t kMostReasons = 6;
constexpr std::size_t kTextColumn = 12;

/// Objectives first, then metrics of constraints, then what every reader wants to know.
std::vector<std::size_t> shown_metrics(const Json& plan) {
    std::vector<std::size_t> shown;
    const auto add = [&shown](const std::string& key) {
        const std::size_t index = metric_index(key);
        if (std::find(shown.begin(), shown.end(), index) == shown.end()) shown.push_back(index);
    };
    for (const auto& key : plan["objectives"]) add(key);
    for (const auto& text : plan["constraints"]) add(metrics()[Constraint::parse(text).metric()].key);
    for (const char* key : {"cycles_per_step", "lut_percent", "bram36_percent", "dsp_percent", "energy_uj"}) add(key);
    return shown;
}

std::string number_text(double value) {
    if (std::isnan(value)) return "-";
    if (value == std::floor(value) && std::fabs(value) < 1e15 && value >= 0)
        return grouped(static_cast<std::uint64_t>(value));
    return short_number(value);
}

std::string metric_text(std::size_t metric, double value) {
    if (!metrics()[metric].is_flag || std::isnan(value)) return number_text(value);
    return value != 0 ? "yes" : "no";
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
        row.push_back(point.values.empty() ? "-" : metric_text(metric, point.values[metric]));
    table.add(std::move(row));
}

std::string with_unit(double value, const Metric& metric) {
    return number_text(value) + (metric.unit.empty() ? "" : " " + metric.unit);
}

/// "2.54 times as fast as the default, which has 287.2 cycles", or "" where that cannot be told.
std::string against_default(const StoredPoint& best, const StoredPoint& baseline, std::size_t objective) {
    const Metric& metric = metrics()[objective];
    const double now = best.values[objective];
    const double then = baseline.values[objective];
    if (std::isnan(then) || now <= 0 || then <= 0) return "";
    const double ratio = metric.better == Better::high ? now / then : then / now;
    const bool is_time = metric.unit == "cycles" || metric.unit == "us";
    return fmt::format("{:.2f} times as {} as the default, which has {}", ratio, is_time ? "fast" : "good",
                       with_unit(then, metric));
}

/// A line of the head: a name, and text that goes on below itself.
std::string line(const std::string& name, const std::string& text) { return hanging(name, text, kTextColumn); }

std::string head(const ResultStore& store, const SweepSummary& summary, unsigned processes, std::size_t rows) {
    const Json plan = store.plan();
    const Shard& shard = store.facts().shard;
    const double rate = summary.seconds > 0 ? real(summary.evaluated) / summary.seconds : 0;
    return line("sweep", fmt::format("{}: {}, {} points{}", printable(plan["file"].get<std::string>()),
                                     plan["sampling"].get<std::string>(), grouped(summary.planned),
                                     shard.count > 1 ? fmt::format(" of shard {}", shard.text()) : "")) +
           line("database", fmt::format("{}: {} rows, {} evaluated now", printable(store.path()), grouped(rows),
                                        grouped(summary.evaluated))) +
           (summary.evaluated == 0 ? ""
                                   : line("speed", fmt::format("{} points per second on {} process{}, {:.2f} s",
                                                               grouped(static_cast<std::uint64_t>(rate)), processes,
                                                               processes == 1 ? "" : "es", summary.seconds)));
}

/// An error with other numbers has the same reason.
std::string reason_of(const std::string& error) {
    std::string reason;
    for (const char c : error)
        if (c < '0' || c > '9')
            reason += c;
        else if (reason.empty() || reason.back() != '#')
            reason += '#';
    return reason;
}

/// Why points cannot be built: how many for each reason, the most frequent first, with the first point's message.
std::string reason_lines(const std::vector<StoredPoint>& points) {
    struct Reason {
        const StoredPoint* first = nullptr;
        std::uint64_t count = 0;
    };
    std::map<std::string, Reason> by_reason;
    for (const StoredPoint& point : points) {
        if (point.error.empty()) continue;
        Reason& reason = by_reason[reason_of(point.error)];
        if (reason.count++ == 0) reason.first = &point;
    }
    std::vector<Reason> reasons;
    for (const auto& [text, reason] : by_reason) reasons.push_back(reason);
    std::stable_sort(reasons.begin(), reasons.end(),
                     [](const Reason& a, const Reason& b) { return a.count > b.count; });
    std::string text;
    for (std::size_t k = 0; k < std::min(reasons.size(), kMostReasons); ++k)
        text += line("", fmt::format("{} such as point {}: {}", grouped(reasons[k].count), reasons[k].first->number,
                                     printable(reasons[k].first->error)));
    if (reasons.size() > kMostReasons)
        text += line("", fmt::format("and {} more reasons (the database has all)", reasons.size() - kMostReasons));
    return text;
}

/// "; the nearest is point 3 with lut = 17,382", of those that the constraint excludes.
std::string nearest_excluded(const std::vector<StoredPoint>& points, const Constraint& constraint) {
    const Metric& metric = metrics()[constraint.metric()];
    if (constraint.text() == metric.key) return ""; // a flag
    const StoredPoint* nearest = nullptr;
    for (const StoredPoint& point : points) {
        if (point.values.empty() || constraint.holds(point.values)) continue;
        if (nearest == nullptr || constraint.violation(point.values) < constraint.violation(nearest->values))
            nearest = &point;
    }
    if (nearest == nullptr || !std::isfinite(constraint.violation(nearest->values))) return "";
    return fmt::format("; the nearest is point {} with {} = {}", nearest->number, metric.key,
                       short_number(nearest->values[constraint.metric()]));
}

/// How many of the points each constraint excludes: none of them alone may be the one that leaves nothing.
std::string exclusion_lines(const ResultStore& store) {
    const std::vector<StoredPoint> points = store.points();
    const auto built =
        std::count_if(points.begin(), points.end(), [](const StoredPoint& point) { return !point.values.empty(); });
    std::string text;
    const RankingRules rules = RankingRules::of_plan(store.plan());
    for (const Constraint& constraint : rules.constraints) {
        const auto excluded = std::count_if(points.begin(), points.end(), [&](const StoredPoint& point) {
            return !point.values.empty() && !constraint.holds(point.values);
        });
        text += wrapped(fmt::format("{} excludes {} of {} points{}", printable(constraint.text()), excluded, built,
                                    nearest_excluded(points, constraint)),
                        2);
    }
    return text;
}

/// What the row "default" has where the built-in configuration says nothing: weight bits, models.
std::string default_line(const std::vector<std::string>& keys) {
    std::vector<std::string> names;
    for (const std::string& key : keys)
        if (key.rfind("run.", 0) == 0) names.push_back(last_name(key));
    if (names.empty()) return "";
    return wrapped(
        fmt::format("default: the built-in configuration with the first value of {}", fmt::join(names, ", ")));
}

/// The path's estimate has no known error, so a path that nearly fills the period may miss it.
std::string clock_line(const MetricValues& values) {
    constexpr double kNarrow = 0.95; // of the period
    constexpr double kNsPerUs = 1000;
    const double path_ns = values[metric_index("path_ns")];
    const double period_ns = kNsPerUs * values[metric_index("us_per_step")] / values[metric_index("cycles_per_step")];
    if (!(path_ns <= period_ns) || path_ns < kNarrow * period_ns) return "";
    return wrapped(fmt::format("not certain: the clock; the longest path is estimated at {:.2f} of {:.2f} ns, and the "
                               "error of that estimate is not known",
                               path_ns, period_ns));
}

std::string best_lines(const ResultStore& store, std::size_t objective, bool use_colour) {
    if (!store.facts().best)
        return coloured("\nbest: none, no point holds all constraints\n", Colour::bad, use_colour) +
               exclusion_lines(store);
    const auto baseline = store.find(kBaseline);
    const auto best = store.find(*store.facts().best);
    const Metric& metric = metrics()[objective];
    std::string text = wrapped(
        fmt::format("best: point {}, {} {}", best->number, metric.title, with_unit(best->values[objective], metric)));
    if (baseline && !baseline->values.empty()) text += wrapped(against_default(*best, *baseline, objective), 6);
    text = "\n" + coloured(text, Colour::good, use_colour);
    for (const NarrowMargin& margin : margins_of_best(store))
        text += coloured(
            wrapped("not certain: " + margin_text(margin) + "; synthesize it (tools/synthesize) before you rely on it"),
            Colour::bad, use_colour);
    return text + clock_line(best->values);
}

} // namespace

std::string sweep_table(const ResultStore& store, const SweepSummary& summary, unsigned processes, bool use_colour) {
    const Json plan = store.plan();
    const std::vector<std::string>& keys = store.parameter_keys();
    const std::vector<StoredPoint> points = store.points();
    const auto baseline = store.find(kBaseline);
    const auto on_front =
        std::count_if(points.begin(), points.end(), [](const StoredPoint& point) { return point.front; });
    std::string text = head(store, summary, processes, points.size()) +
                       line("points", fmt::format("{} feasible, {} on the front, {} cannot be built",
                                                  grouped(summary.feasible), on_front, grouped(summary.not_built))) +
                       reason_lines(points);

    const std::vector<std::size_t> shown = shown_metrics(plan);
    AlignedTable table({2, false, 2, {}});
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
    text += "\n" +
            wrapped(front.empty() ? "front: empty, no point holds all constraints; the default for comparison"
                                  : fmt::format("front: feasible points that no other beats in {}",
                                                fmt::join(plan["objectives"].get<std::vector<std::string>>(), ", "))) +
            table.text() + (baseline ? default_line(keys) : "");
    if (front.size() > kMostRows)
        text += fmt::format("  ({} more; the database, --csv and `bru report` have all)\n", front.size() - kMostRows);
    return text + best_lines(store, shown[0], use_colour);
}

} // namespace bru
