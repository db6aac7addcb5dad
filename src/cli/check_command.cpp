// bru check: every trace of a folder, for every output mode and number format that its golden file knows, against
// golden outputs and golden cycles.
#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/folder_names.hpp"
#include "base/printable.hpp"
#include "base/terminal.hpp"
#include "base/text_layout.hpp"
#include "cli/progress.hpp"
#include "cli/shared_options.hpp"
#include "config/run_keys.hpp"
#include "report/text.hpp"
#include "run/golden_runs.hpp"
#include "trace/trace_file.hpp"

namespace bru::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kTextColumn = 6;   ///< behind the verdict
constexpr std::size_t kUpdateColumn = 9; ///< behind what an update did

std::vector<std::string> traces_in(const std::string& folder) {
    std::error_code error;
    if (fs::is_regular_file(folder, error))
        throw InputError({folder}, fmt::format("is a file; give the folder of the traces{}",
                                               fs::path(folder).extension() == ".trace" ? ", or run this trace alone "
                                                                                          "with bru run"
                                                                                        : ""));
    std::vector<std::string> paths;
    for (const std::string& name : names_in_folder(folder, ".trace", error)) {
        std::error_code ignored;
        const fs::path path = fs::path(folder) / name;
        if (fs::is_regular_file(path, ignored)) paths.push_back(path.string());
    }
    if (error)
        throw InputError({folder},
                         fmt::format("cannot be read as a folder: {}; give a folder of traces", error.message()));
    if (paths.empty()) throw InputError({folder}, "has no *.trace files; bru trace makes them");
    return paths;
}

/// The model file that a trace was made for: in --models, or else in the trace's folder, models/ beside it or models/
/// here.
std::string find_model(const std::string& trace_path, const Arguments& arguments) {
    const std::string name = fs::path(read_trace_header(trace_path).model_name).filename().string();
    const fs::path folder = fs::path(trace_path).parent_path();
    std::vector<fs::path> folders = {folder, folder / "models", folder / ".." / "models", fs::path("models")};
    std::error_code ignored;
    if (const auto given = arguments.text("models")) { // then in no other place
        if (!name.empty() && fs::is_regular_file(fs::path(*given) / name, ignored))
            return (fs::path(*given) / name).string();
        throw InputError({trace_path}, fmt::format("its model '{}' is not in --models {}; name the folder that has it, "
                                                   "or leave --models out",
                                                   name, *given));
    }
    for (const fs::path& candidate : folders) {
        if (!name.empty() && fs::is_regular_file(candidate / name, ignored)) return (candidate / name).string();
    }
    if (const auto shipped = find_shipped(ShippedKind::model, name)) return *shipped;
    throw InputError({trace_path}, fmt::format("its model '{}' is neither beside it nor in models/ nor among the "
                                               "shipped ones ({}); say where with --models FOLDER",
                                               name, places_looked_at(ShippedKind::model)));
}

/// Counts that differ, "total 301 instead of 300", or "" where all are equal.
std::string compare_cycles(const GoldenCycles& expected, const GoldenCycles& got) {
    std::map<std::string, std::uint64_t> counts(got.counts.begin(), got.counts.end());
    std::string text;
    for (const auto& [name, value] : expected.counts) {
        if (counts[name] == value) continue;
        text += fmt::format("{}{}: expected {}, got {}", text.empty() ? "" : "; ", name, value, counts[name]);
    }
    return text;
}

/// The run of a trace as the command line has it.
RunSpecification specification_of(const std::string& trace_path, const Arguments& arguments) {
    RunSpecification specification = specification_from(arguments, find_model(trace_path, arguments));
    specification.trace.path = trace_path;
    specification.compare_golden = true;
    return specification;
}

/// "A8 N10 S16 logits every"
std::string name_of(const Run& run) {
    const std::string key = run.golden_key().text();
    return key.substr(key.find(' ') + 1);
}

struct Tally {
    int checked = 0;
    int without_cycles = 0; ///< of these
    int failed = 0;
    int unchecked = 0;
};

class Checker {
public:
    explicit Checker(const Arguments& arguments) : arguments_(arguments), colour_(terminal_wants_colour()) {}

    void check_trace(const std::string& trace_path) {
        const std::vector<RunSpecification> runs = golden_runs(library_, specification_of(trace_path, arguments_));
        if (runs.empty())
            say(trace_path, "none", "", "no golden outputs for this model; bru check --update writes them");
        for (const RunSpecification& run : runs) check_run(run);
    }

    int finish() const {
        fmt::print("{} checked, {} failed, {} without golden data\n", tally_.checked, tally_.failed, tally_.unchecked);
        if (tally_.without_cycles > 0)
            fmt::print("{}", wrapped(fmt::format("cycles were compared in {} of {}; the others have none recorded for "
                                                 "this configuration (--update records them)",
                                                 tally_.checked - tally_.without_cycles, tally_.checked)));
        return tally_.failed == 0 ? kGood : kCheckFailed;
    }

private:
    void check_run(const RunSpecification& specification) {
        const std::string& trace_path = specification.trace.path;
        const Run run(library_, specification);
        RunObservers observers;
        observers.on_step = step_progress(trace_path, specification.trace);
        const RunOutcome outcome = run.execute(observers);
        observers = {}; // its line of progress ends
        const GoldenCycles got = golden_cycles(run, outcome);
        const auto expected = find_cycles(golden_path(trace_path), got.key);

        if (!outcome.golden) {
            say(trace_path, "none", name_of(run), outcome.golden_remark);
            return;
        }
        tally_.without_cycles += expected ? 0 : 1;
        const std::string cycles = expected ? compare_cycles(*expected, got) : "";
        if (outcome.golden->mismatches > 0)
            say(trace_path, "FAIL", name_of(run),
                fmt::format("{} of {} values differ, first: {}", grouped(outcome.golden->mismatches),
                            grouped(outcome.golden->checked), outcome.golden_remark));
        else if (!cycles.empty())
            say(trace_path, "FAIL", name_of(run), "cycles differ: " + cycles);
        else
            say(trace_path, "ok", name_of(run),
                fmt::format("{} values equal, {}", grouped(outcome.golden->checked),
                            expected ? grouped(outcome.simulation.total_cycles) + " cycles equal"
                                     : "cycles of this configuration not recorded"));
    }

    void say(const std::string& trace_path, const std::string& verdict, const std::string& target,
             const std::string& text) {
        const bool failed = verdict == "FAIL";
        (failed ? tally_.failed : verdict == "ok" ? tally_.checked : tally_.unchecked) += 1;
        if (failed) ++tally_.checked;
        const Colour colour = failed ? Colour::bad : Colour::good;
        fmt::print("{}", hanging(coloured(verdict, colour, colour_ && verdict != "none"),
                                 fmt::format("{}{}: {}", printable(trace_path), target.empty() ? "" : " " + target,
                                             printable(text)),
                                 kTextColumn));
        std::fflush(stdout);
    }

    const Arguments& arguments_;
    NotingLibrary library_;
    bool colour_;
    Tally tally_;
};

/// A number format that the user chose, and where.
struct ChosenFormat {
    std::string key;
    std::string where; ///< "--bru.scale_bits", or "a.ini: bru.scale_bits = 10"
};

/// The first number format of the command line, or the first of the configuration file that is not the default.
std::optional<ChosenFormat> number_format(const Arguments& arguments) {
    const std::set<std::string> formats = {"bru.activation_bits", "bru.lut_address_bits", "bru.scale_bits"};
    for (const Override& given : arguments.overrides)
        if (formats.count(given.key) != 0) return ChosenFormat{given.key, "--" + given.key};
    const auto file = arguments.text("config");
    if (!file) return std::nullopt;
    const Configuration configuration = load_configuration(*file);
    for (const Parameter& parameter : parameters())
        if (formats.count(parameter.key) != 0 && parameter.get(configuration) != parameter.get(Configuration{}))
            return ChosenFormat{parameter.key,
                                fmt::format("{}: {} = {}", *file, parameter.key, parameter.get(configuration))};
    return std::nullopt;
}

/// The arguments name an output mode or a number format themselves.
bool names_outputs(const Arguments& arguments) {
    return arguments.has("output") || arguments.has("output-steps") || number_format(arguments).has_value();
}

void refuse_number_formats(const Arguments& arguments) {
    if (const auto given = number_format(arguments))
        throw InputError(fmt::format("{}: bru check runs every number format that a golden file names, and takes none; "
                                     "--update adds outputs of this format, and bru run runs a single one",
                                     given->where));
}

/// Keys of [run] are those of bru run. What could change a check, and does not, is told.
void note_unused_run_keys(const Arguments& arguments) {
    const auto file = arguments.text("config");
    if (!file) return;
    const Configuration configuration = load_configuration(*file);
    std::vector<std::string> unused;
    for (const RunKey& key : run_keys())
        if (!key.is_path && configuration.run.count(key.name) != 0) unused.push_back(key.key());
    if (!unused.empty())
        note(fmt::format("{}: {} {} no effect on bru check, which runs whole traces as their golden files name them",
                         *file, fmt::join(unused, ", "), unused.size() == 1 ? "has" : "have"));
}

/// Rewrites every section that the file has or, where it has none or the arguments name one, that one.
void update(const std::string& trace_path, const Arguments& arguments) {
    NotingLibrary library;
    const RunSpecification base = specification_of(trace_path, arguments);
    std::vector<RunSpecification> runs;
    if (!names_outputs(arguments)) runs = golden_runs(library, base);
    if (runs.empty()) runs.push_back(base);
    for (const GoldenChange& change : update_golden(library, runs, step_progress(trace_path, base.trace)))
        fmt::print("{}", hanging(!change.existed  ? "new"
                                 : change.changed ? "CHANGED"
                                                  : "same",
                                 fmt::format("{} {}: {}", printable(trace_path), change.section, change.description),
                                 kUpdateColumn));
}

int run_check(const Arguments& arguments) {
    if (arguments.positional.empty())
        throw InputError("bru check: give the folder of traces, as in bru check traces; see bru check --help");
    const std::vector<std::string> traces = traces_in(arguments.positional);
    configuration_from(arguments); // a wrong option is told before any work
    if (const auto models = arguments.text("models"); models && !fs::is_directory(*models))
        throw InputError(fmt::format("--models {}: {}; name the folder of the models", *models,
                                     fs::exists(*models) ? "is no folder" : "there is no such folder"));
    note_unused_run_keys(arguments);
    if (arguments.has("update")) {
        for (const std::string& trace : traces) update(trace, arguments);
        return kGood;
    }
    refuse_number_formats(arguments);
    Checker checker(arguments);
    for (const std::string& trace : traces) checker.check_trace(trace);
    return checker.finish();
}

} // namespace

Command check_command() {
    Command command;
    command.name = "check";
    command.summary = "run every trace of a folder, and compare outputs and cycles with the golden files";
    command.usage = "FOLDER [--update] [--config FILE] [--models FOLDER] [parameters]";
    command.details = "Runs each *.trace of the folder for every output mode and number format in its golden file "
                      "(TRACE.golden). Compares every\n"
                      "output value and, if they are recorded for this configuration, the cycles. Reports step, unit, "
                      "expected and actual value of a\n"
                      "mismatch. The exit status is 1 if anything differs. --update writes outputs (from the reference "
                      "execution) and cycles, and\n"
                      "reports what changed.";
    command.example = "bru check traces";
    command.positional = {"FOLDER", {Completion::Files::folders, {}, false, ShippedKind::trace}};
    std::vector<Option> models = model_options();
    const auto names_model = [](const Option& option) {
        return option.name == "model" || option.name == "region" || option.name == "input";
    };
    models.erase(std::remove_if(models.begin(), models.end(), names_model), models.end()); // each trace names its own
    command.options = join({{flag("update", "rewrite the golden files, and report what changed"),
                             folder("models", "where the models of the traces are (default: beside the traces, or "
                                              "models/, or the shipped ones)")},
                            config_options(),
                            models,
                            output_options(),
                            core_options()});
    command.parameters = parameter_options();
    command.run = run_check;
    return command;
}

} // namespace bru::cli
