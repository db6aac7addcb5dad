#include "explore/sweep.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/integers.hpp"
#include "base/json_text.hpp"
#include "base/piped_input.hpp"
#include "config/run_keys.hpp"
#include "explore/export.hpp"
#include "explore/genetic_search.hpp"
#include "explore/pareto.hpp"
#include "explore/ranking.hpp"
#include "explore/sampling.hpp"
#include "explore/worker_pool.hpp"
#include "model/onnx/import.hpp"
#include "trace/golden_file.hpp"

namespace bru {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kShownPlan = 100;       ///< bytes of a line of a plan, in a message
constexpr double kSecondsBetweenSaves = 0.25; ///< what a killed sweep can lose

std::string file_digest(const std::string& path) {
    std::ifstream file(reopenable(path), std::ios::binary);
    if (!file) throw unreadable(path, errno);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return text_digest(bytes);
}

/// Digests of all models, traces and device files that the sweep reads.
std::string inputs_digest(const SweepPlan& plan) {
    std::set<std::string> files;
    const auto add = [&](const std::string& key, const std::string& value) {
        if (const RunKey* const run = find_run_key(key); run != nullptr && run->is_path)
            files.insert(run_value(*run, value, plan.directory));
        if (key == "bru.device") files.insert(find_device_file(value, plan.directory));
    };
    for (const Override& fixed : plan.fixed) add(fixed.key, fixed.value);
    for (const Axis& axis : plan.axes)
        for (const auto& values : axis.values)
            for (std::size_t key = 0; key < axis.keys.size(); ++key) add(axis.keys[key], values[key]);
    std::string text;
    for (const std::string& file : files)
        text += fmt::format("{} {}\n", std::filesystem::path(file).filename().string(), file_digest(file));
    return text;
}

SweepFacts facts_of(const SweepPlan& plan, const SweepOptions& options) {
    SweepFacts facts;
    facts.plan_json = json_text(plan_json(plan));
    facts.plan_text = plan.text();
    facts.inputs = inputs_digest(plan);
    facts.version = options.version;
    facts.shard = options.shard;
    return facts;
}

/// Where the database has predictions, the points that are still missing get them, too, whatever is ranked now.
SweepPlan with_stored_predictions(SweepPlan plan, const std::string& database) {
    std::error_code ignored;
    if (plan.predictions || !std::filesystem::is_regular_file(database, ignored)) return plan;
    try {
        const auto stored = ResultStore(database).plan();
        plan.predictions = stored.value("predictions", false);
        if (plan.predictions) plan.accuracy_steps = stored.value("accuracy_steps", plan.accuracy_steps);
    } catch (const InputError&) {
        return plan; // a file that cannot be used is refused where the sweep opens it
    }
    return plan;
}

/// One sweep under way: pool, store, and what to do with each result.
class SweepRun {
public:
    SweepRun(const SweepPlan& plan, const SweepOptions& options)
        : plan_(with_stored_predictions(plan, options.database)), options_(options), pool_(plan_, options.processes),
          store_(options.database, facts_of(plan_, options), plan_) {}

    SweepSummary all() {
        const auto begin = Clock::now();
        if (!store_.find(kBaseline)) evaluate_baseline();
        if (plan_.sampling == Sampling::nsga2)
            is_searched_otherwise() ? keep_search() : search();
        else
            take_list();
        store_.save();
        summary_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
        finish();
        return summary_;
    }

private:
    void evaluate_baseline() {
        bool asked = false;
        pool_.run(
            [&]() -> std::optional<Task> {
                if (asked) return std::nullopt;
                asked = true;
                return Task{kBaseline, {}};
            },
            [&](Evaluation&& evaluation) {
                StoredPoint point = stored(std::move(evaluation));
                for (const Axis& axis : plan_.axes)
                    for (const std::string& key : axis.keys) point.parameters.push_back(baseline_value(axis, key));
                store_.add(point);
            },
            [] {});
    }

    /// What the default configuration has for a key of an axis: the built-in default, or the first of the values.
    static std::string baseline_value(const Axis& axis, const std::string& key) {
        for (const Parameter& parameter : parameters())
            if (parameter.key == key) return parameter.get(Configuration{});
        const auto place = std::find(axis.keys.begin(), axis.keys.end(), key) - axis.keys.begin();
        return axis.values[0][place];
    }

    StoredPoint stored(Evaluation&& evaluation) const {
        if (!evaluation.failure.empty())
            throw InputError(
                fmt::format("point {} could not be evaluated: {}; all other results are kept, and the same "
                            "command goes on from there",
                            evaluation.number, evaluation.failure));
        StoredPoint point;
        point.number = evaluation.number;
        point.key = std::move(evaluation.key);
        point.error = std::move(evaluation.error);
        point.configuration = std::move(evaluation.configuration);
        point.values = std::move(evaluation.values);
        if (!point.error.empty()) return point;
        point.violated = violated_constraints(point.values, plan_.constraints);
        point.feasible = point.violated.empty();
        return point;
    }

    void keep(Evaluation&& evaluation, const Assignment& assignment) {
        StoredPoint point = stored(std::move(evaluation));
        for (std::size_t axis = 0; axis < plan_.axes.size(); ++axis)
            for (const std::string& value : plan_.axes[axis].values[assignment[axis]])
                point.parameters.push_back(value);
        store_.add(point);
        ++summary_.evaluated;
        ++done_;
    }

    void look_up() {
        const auto now = Clock::now();
        if (std::chrono::duration<double>(now - saved_).count() >= kSecondsBetweenSaves) {
            store_.save();
            saved_ = now;
        }
        if (options_.on_progress) options_.on_progress(done_, summary_.planned);
    }

    void take_list() {
        const PointList list(plan_);
        const std::uint64_t first = options_.shard.index - 1;
        summary_.planned = first < list.size() ? (list.size() - first - 1) / options_.shard.count + 1 : 0;
        const std::vector<std::int64_t> there = store_.numbers();
        done_ = there.size();
        auto known = there.begin();
        std::uint64_t next = first;
        const auto source = [&]() -> std::optional<Task> {
            for (; next < list.size(); next += options_.shard.count) {
                while (known != there.end() && *known < narrow<std::int64_t>(next)) ++known;
                if (known != there.end() && *known == narrow<std::int64_t>(next)) continue;
                Task task{narrow<std::int64_t>(next), list[next]};
                next += options_.shard.count;
                return task;
            }
            return std::nullopt;
        };
        pool_.run(
            source,
            [&](Evaluation&& evaluation) {
                const Assignment assignment = list[evaluation.number];
                keep(std::move(evaluation), assignment);
            },
            [this] { look_up(); });
    }

    /// Objectives and constraints guided the search in the database, and those are not the present ones.
    bool is_searched_otherwise() const {
        const auto then = store_.plan();
        const auto now = plan_json(plan_);
        return then["objectives"] != now["objectives"] || then["constraints"] != now["constraints"];
    }

    /// The points that a finished search found can be ranked anew; where it is to go on, it needs its own objectives.
    void keep_search() {
        if (!store_.facts().complete)
            throw InputError({store_.path()},
                             "other objectives or constraints guided this search, and it has not finished; finish it "
                             "with those first, or give another name with --db");
        summary_.planned = store_.count();
        done_ = summary_.planned;
    }

    /// Generations are the same however the sweep was cut: those in the database are taken from there.
    void search() {
        summary_.planned = plan_.points;
        GeneticSearch guided(plan_);
        std::int64_t first = 0;
        while (true) {
            const std::vector<Assignment> generation = guided.next_generation();
            if (generation.empty()) break;
            std::vector<Outcome> outcomes(generation.size());
            std::vector<std::size_t> missing;
            for (std::size_t k = 0; k < generation.size(); ++k) {
                const auto known = store_.find(first + k);
                if (!known) {
                    missing.push_back(k);
                    continue;
                }
                outcomes[k] = outcome(known->values);
                ++done_;
            }
            evaluate_generation(generation, missing, first, outcomes);
            guided.report(outcomes);
            first += generation.size();
        }
        summary_.planned = first;
    }

    void evaluate_generation(const std::vector<Assignment>& generation, const std::vector<std::size_t>& missing,
                             std::int64_t first, std::vector<Outcome>& outcomes) {
        std::size_t next = 0;
        pool_.run(
            [&]() -> std::optional<Task> {
                if (next == missing.size()) return std::nullopt;
                const std::size_t place = missing[next++];
                return Task{first + narrow<std::int64_t>(place), generation[place]};
            },
            [&](Evaluation&& evaluation) {
                const std::size_t place = evaluation.number - first;
                outcomes[place] = outcome(evaluation.values);
                keep(std::move(evaluation), generation[place]);
            },
            [this] { look_up(); });
    }

    Outcome outcome(const MetricValues& values) const {
        Outcome result;
        if (values.empty()) return result;
        result.objectives = objective_values(values, plan_.objectives);
        for (const Constraint& constraint : plan_.constraints) result.violation += constraint.violation(values);
        return result;
    }

    void finish();

    const SweepPlan plan_;
    const SweepOptions& options_;
    WorkerPool pool_; ///< before the database is open: forked processes have no part in that
    ResultStore store_;
    SweepSummary summary_;
    std::uint64_t done_ = 0;
    Clock::time_point saved_ = Clock::now();
};

void SweepRun::finish() {
    const Ranking ranking = rank(store_, {plan_.objectives, plan_.constraints});
    store_.finish(ranking, json_text(plan_json(plan_)), store_.count() >= summary_.planned);
    for (const StoredPoint& point : store_.points()) {
        summary_.not_built += point.error.empty() ? 0 : 1;
        summary_.feasible += point.feasible ? 1 : 0;
    }
}

} // namespace

/// A model that is refused whatever the machine would make every one of its points one that cannot be built.
void check_models(const SweepPlan& plan) {
    std::set<std::string> paths;
    const auto add = [&](const std::string& key, const std::string& value) {
        if (key == "run.model") paths.insert(run_value(*find_run_key(key), value, plan.directory));
    };
    for (const Override& fixed : plan.fixed) add(fixed.key, fixed.value);
    for (const Axis& axis : plan.axes)
        for (const auto& values : axis.values)
            for (std::size_t key = 0; key < axis.keys.size(); ++key) add(axis.keys[key], values[key]);
    // Weights that are no bit planes are refused or not by a parameter of the point.
    for (const std::string& path : paths) import_onnx(path, {1, 1});
}

SweepSummary run_sweep(const SweepPlan& plan, const SweepOptions& options) {
    std::error_code ignored;
    // What a database was made with has passed, and a file that is another one now is refused by the database.
    if (!std::filesystem::exists(options.database, ignored)) check_models(plan);
    if (plan.sampling == Sampling::nsga2 && options.shard.count > 1)
        throw InputError(
            "--shard: a guided search (sampling = nsga2) goes from generation to generation and cannot be cut "
            "into shards; use more --processes, or sampling = lhs");
    return SweepRun(plan, options).all();
}

namespace {

/// The first line that two texts do not share: "bru.lanes = 32, 64" and "bru.lanes = 32".
std::string first_other_line(const std::string& a, const std::string& b) {
    std::istringstream lines_of_a(a);
    std::istringstream lines_of_b(b);
    while (true) {
        std::string line_of_a;
        std::string line_of_b;
        const bool is_in_a = static_cast<bool>(std::getline(lines_of_a, line_of_a));
        const bool is_in_b = static_cast<bool>(std::getline(lines_of_b, line_of_b));
        if (!is_in_a && !is_in_b) return "";
        if (line_of_a != line_of_b || is_in_a != is_in_b)
            return fmt::format("'{}' in one, '{}' in the other", is_in_a ? line_of_a.substr(0, kShownPlan) : "nothing",
                               is_in_b ? line_of_b.substr(0, kShownPlan) : "nothing");
    }
}

/// In what two databases are of different sweeps; "" where they are of one.
std::string difference_of(const SweepFacts& a, const SweepFacts& b) {
    if (a.plan_text != b.plan_text) return first_other_line(a.plan_text, b.plan_text);
    if (a.inputs != b.inputs) return "a model, a trace or a device file had another content";
    return "";
}

} // namespace

std::uint64_t merge_sweeps(const std::string& into, const std::vector<std::string>& parts) {
    if (parts.empty()) throw InputError("--merge: give the databases of the shards behind it");
    for (std::size_t k = 0; k < parts.size(); ++k)
        for (std::size_t other = k + 1; other < parts.size(); ++other)
            if (std::error_code ignored; std::filesystem::equivalent(parts[k], parts[other], ignored))
                throw InputError({parts[other]}, "is named twice behind --merge; name the database of each shard once");
    std::vector<std::unique_ptr<ResultStore>> sources;
    sources.reserve(parts.size());
    for (const std::string& part : parts) sources.push_back(std::make_unique<ResultStore>(part));
    SweepFacts facts = sources[0]->facts();
    for (const auto& source : sources)
        if (const std::string difference = difference_of(facts, source->facts()); !difference.empty())
            throw InputError(fmt::format("{} and {} are of different sweeps: {}; merge the shards of one sweep file, "
                                         "made with the same options and input files",
                                         sources[0]->path(), source->path(), difference));
    facts.shard = {};
    const auto plan = sources[0]->plan();
    for (const auto& source : sources) {
        const auto other = source->plan();
        if (other["objectives"] != plan["objectives"] || other["constraints"] != plan["constraints"])
            throw InputError(
                fmt::format("{} and {} have other objectives or constraints; run the sweep with the same ones on both "
                            "(that ranks the points and simulates nothing)",
                            sources[0]->path(), source->path()));
    }
    SweepPlan columns; // what the tables' columns are made from
    for (const auto& axis : plan["axes"]) columns.axes.push_back({axis["keys"], axis["values"]});
    ResultStore target(into, facts, columns);
    for (const auto& source : sources) {
        std::vector<StoredPoint> points = source->points();
        if (auto baseline = source->find(kBaseline)) points.push_back(std::move(*baseline));
        for (const StoredPoint& point : points) {
            const auto known = target.find(point.number);
            if (!known) {
                target.add(point);
                continue;
            }
            if (known->key != point.key || known->error != point.error ||
                !std::equal(known->values.begin(), known->values.end(), point.values.begin(), point.values.end(),
                            [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }))
                throw InputError({source->path()},
                                 fmt::format("point {} differs from that of another shard; make the shards with the "
                                             "same version of the program",
                                             point.number));
        }
    }
    target.save();
    const std::uint64_t planned = plan["points"];
    const std::uint64_t there = target.count();
    target.finish(rank(target, RankingRules::of_plan(plan)), facts.plan_json, there >= planned);
    return planned - std::min(planned, there);
}

} // namespace bru
