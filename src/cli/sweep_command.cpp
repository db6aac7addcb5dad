// bru sweep: many configurations of a sweep file into a database, its front and the best point.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/ini_value.hpp"
#include "base/integers.hpp"
#include "base/numbers.hpp"
#include "base/read_text.hpp"
#include "base/terminal.hpp"
#include "base/text_list.hpp"
#include "base/version.hpp"
#include "cli/progress.hpp"
#include "cli/shared_options.hpp"
#include "config/run_keys.hpp"
#include "explore/export.hpp"
#include "explore/sweep.hpp"
#include "report/sweep_report.hpp"
#include "report/text.hpp"

namespace bru::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostProcesses = 1024;

std::string sweep_option(const std::string& key) {
    std::string name = key;
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
}

/// The path of the file, or where several are named with commas between them, of each, as the sweep file writes them.
std::string paths_in_file(ShippedKind kind, const std::string& text) {
    std::error_code ignored;
    const bool is_one = fs::exists(text, ignored) || find_shipped(kind, text);
    std::vector<std::string> paths;
    for (const std::string& name : is_one ? std::vector<std::string>{text} : comma_list(text))
        paths.push_back(ini_value(fs::absolute(find_input_file(kind, name)).string()));
    return fmt::format("{}", fmt::join(paths, ", "));
}

/// Options that stand for keys of the sweep file, in its own names.
std::vector<Override> overrides_from(const Arguments& arguments) {
    std::vector<Override> overrides = arguments.overrides;
    for (const SweepKey& key : sweep_keys())
        if (const auto text = arguments.text(sweep_option(key.key))) overrides.push_back({"sweep." + key.key, *text});
    for (const RunKey& key : run_keys()) {
        const auto text = arguments.text(key.name);
        if (!text) continue;
        overrides.push_back({key.key(), key.is_path ? paths_in_file(key.kind, *text) : *text});
    }
    return overrides;
}

Shard shard_from(const Arguments& arguments) {
    const auto text = arguments.text("shard");
    if (!text) return {};
    const auto shard = parse_shard(*text);
    if (!shard)
        throw InputError(fmt::format("--shard {}: allowed is I/N with I from 1 to N, as in 2/8", text->substr(0, 60)));
    return *shard;
}

/// The best point as a configuration for `bru run --config`, with paths from where that file is.
void write_best(const std::string& path, const ResultStore& store) {
    if (!store.facts().best) {
        std::error_code ignored;
        note(fmt::format("no point holds all constraints, so {} was not written{}", path,
                         fs::exists(path, ignored) ? "; the file of that name is an earlier one, and stays as it is"
                                                   : ""));
        return;
    }
    const auto plan = store.plan();
    const fs::path from = plan["directory"].get<std::string>();
    const auto best = store.find(*store.facts().best);
    std::string text = fmt::format("# Point {} of the sweep {}, the best one in {}.\n", best->number,
                                   plan["file"].get<std::string>(), plan["objectives"][0].get<std::string>());
    for (std::string line : lines_of(best->configuration)) {
        if (line.rfind("steps = ", 0) == 0) { // how much of the trace a sweep looks at says nothing about the point
            text += fmt::format("# The sweep simulated {} steps; a run has no limit.\n", line.substr(8));
            continue;
        }
        for (const RunKey& key : run_keys()) {
            const std::string start = key.key().substr(key.key().find('.') + 1) + " = ";
            if (key.is_path && line.rfind(start, 0) == 0)
                line = start + ini_value(fs::proximate(from / ini_text(line.substr(start.size())),
                                                       fs::absolute(path).parent_path())
                                             .string());
        }
        text += line + "\n";
    }
    write_text_file(path, text);
}

void write_exports(const Arguments& arguments, const ResultStore& store) {
    if (const auto path = arguments.text("json")) write_json_file(*path, sweep_json(store), 1);
    if (const auto path = arguments.text("csv")) write_text_file(*path, sweep_csv(store));
    if (const auto path = arguments.text("best")) write_best(*path, store);
}

void print_table(const Arguments& arguments, const std::string& table) {
    print_report({arguments.text("json"), arguments.text("csv"), arguments.text("best")}, table);
}

/// The databases say what was swept, and how it is judged.
void refuse_beside_merge(const Arguments& arguments) {
    std::vector<std::string> names = {"db", "processes", "shard"};
    for (const SweepKey& key : sweep_keys()) names.push_back(sweep_option(key.key));
    for (const RunKey& key : run_keys()) names.push_back(key.name);
    names.erase(std::remove_if(names.begin(), names.end(),
                               [&arguments](const std::string& name) { return !arguments.has(name); }),
                names.end());
    for (const Override& each : arguments.overrides) names.push_back(each.key);
    if (names.empty()) return;
    throw InputError(fmt::format("--merge joins databases as they are, and --{0} has no effect on that; leave it out, "
                                 "or give --{0} to bru sweep FILE --db DATABASE",
                                 names.front()));
}

int merge(const Arguments& arguments) {
    refuse_beside_merge(arguments);
    const std::string into = arguments.required("merge");
    std::vector<std::string> parts = arguments.more_positionals;
    if (!arguments.positional.empty()) parts.insert(parts.begin(), arguments.positional);
    refuse_overwriting(
        {into, arguments.text_or("json", ""), arguments.text_or("csv", ""), arguments.text_or("best", "")}, parts);
    const std::uint64_t missing = merge_sweeps(into, parts);
    const ResultStore store(into);
    write_exports(arguments, store);
    SweepSummary summary;
    for (const StoredPoint& point : store.points()) {
        ++summary.planned;
        summary.not_built += point.error.empty() ? 0 : 1;
        summary.feasible += point.feasible ? 1 : 0;
    }
    print_table(arguments, sweep_table(store, summary, 0, terminal_wants_colour()));
    if (missing == 0) return store.facts().best ? kGood : kCheckFailed;
    note(fmt::format("{} planned points are in none of these databases: run their shards and merge again",
                     grouped(missing)));
    return kCheckFailed;
}

/// A sweep simulates the steps that there are.
void note_short_trace(const SweepPlan& plan, const ResultStore& store) {
    const auto baseline = store.find(kBaseline);
    if (!baseline || baseline->values.empty()) return;
    const double ran = baseline->values[metric_index("steps")];
    for (const Override& fixed : plan.fixed)
        if (fixed.key == "run.steps" && parse_real(fixed.value).value_or(0) > ran)
            note(
                fmt::format("run.steps = {}: the trace has {} steps, and all of them are simulated", fixed.value, ran));
}

int run_sweep_command(const Arguments& arguments) {
    if (arguments.has("merge")) return merge(arguments);
    if (arguments.positional.empty()) throw InputError("bru sweep: give a sweep file, as in bru sweep warpeace.ini");
    if (!arguments.more_positionals.empty())
        throw InputError(fmt::format("bru sweep: '{}' is one file too many; several databases are given with --merge",
                                     arguments.more_positionals[0]));
    const std::string file = find_input_file(ShippedKind::sweep, arguments.positional);
    const SweepPlan plan = load_sweep_plan(file, overrides_from(arguments));
    for (const std::string& remark : plan.remarks) note(remark);
    SweepOptions options;
    options.version = program_version();
    options.shard = shard_from(arguments);
    options.database = arguments.text_or("db", fs::path(file).stem().string() + ".db");
    options.processes = narrow<unsigned>(
        arguments.integer("processes", 1, kMostProcesses).value_or(std::max(1U, std::thread::hardware_concurrency())));
    refuse_overwriting(
        {options.database, arguments.text_or("json", ""), arguments.text_or("csv", ""), arguments.text_or("best", "")},
        {file});
    note_ending(arguments.text("json"), "JSON", {".json"});
    note_ending(arguments.text("csv"), "CSV", {".csv"});
    note_ending(arguments.text("best"), "INI", {".ini"});
    SweepSummary summary;
    {
        Progress progress("sweep", plan.points, "points");
        options.on_progress = [&progress](std::uint64_t done, std::uint64_t total) {
            progress.expect(total);
            progress.reached(done);
        };
        summary = run_sweep(plan, options);
    }
    const ResultStore store(options.database);
    note_short_trace(plan, store);
    write_exports(arguments, store);
    print_table(arguments, sweep_table(store, summary, options.processes, terminal_wants_colour()));
    const bool is_whole = options.shard.count == 1; // another shard may have the feasible points
    return store.facts().best || !is_whole ? kGood : kCheckFailed;
}

std::vector<std::string> metric_names() {
    std::vector<std::string> names;
    for (const Metric& metric : metrics()) names.push_back(metric.key);
    return names;
}

std::vector<Option> plan_options() {
    std::vector<Option> options;
    for (const SweepKey& key : sweep_keys()) {
        Option option = value(sweep_option(key.key), "TEXT", fmt::format("[sweep] {}: {}", key.key, key.help));
        if (key.key == "sampling") option.completion.words = {"grid", "random", "lhs", "nsga2"};
        if (key.key == "predictions") option.completion.words = {"yes", "auto", "no"};
        if (key.key == "objectives" || key.key == "constraints") {
            option.completion.words = metric_names();
            option.completion.is_list = true;
        }
        options.push_back(std::move(option));
    }
    for (const RunKey& key : run_keys()) {
        Option option = value(key.name, "TEXT", fmt::format("{} = TEXT: {}", key.key(), key.help));
        option.completion.words = key.is_path ? shipped_names(key.kind) : key.choices;
        if (key.is_path) option.completion.files = Completion::Files::any;
        options.push_back(std::move(option));
    }
    return options;
}

} // namespace

Command sweep_command() {
    Command command;
    command.name = "sweep";
    command.summary =
        "evaluate thousands of configurations: timing, resources, energy, predictions; find the Pareto front";
    command.usage = "FILE [--db FILE] [options] [parameters], or --merge FILE DATABASE...";
    command.details =
        "FILE is a configuration whose keys may have several values (lanes = 32, 64, 96..256 step 32). Its section "
        "[sweep] says how\n"
        "points are chosen and judged (docs/sweeps.md). Results go to a SQLite database, one row per point. If a sweep "
        "was stopped or\n"
        "killed, the same command continues it; with other objectives or constraints it ranks the points anew and "
        "simulates nothing. Options and parameters replace what the file says, lists included.\n"
        "The exit status is 1 if no point holds all constraints (except with --shard), or if --merge finds points "
        "missing.";
    command.example = "bru sweep warpeace.ini --best best.ini && bru run --config best.ini";
    command.positional = {"FILE", {Completion::Files::any, shipped_names(ShippedKind::sweep)}, true};
    command.options = join(
        {{file("db", "database of the results (default: the name of the sweep file with .db, in the current folder)"),
          value("processes", "N", "worker processes (default: one per processor)"),
          value("shard", "I/N", "evaluate only the I-th of N parts, for --merge"),
          file("merge", "join the databases of shards into FILE"), file("json", "write the table as JSON"),
          file("csv", "write the table as CSV"), file("best", "write the best point as a configuration for bru run")},
         plan_options()});
    command.renamed = {{"config", "--config: the sweep file is the configuration; put the keys into it"}};
    command.parameters = parameter_options();
    command.run = run_sweep_command;
    return command;
}

} // namespace bru::cli
