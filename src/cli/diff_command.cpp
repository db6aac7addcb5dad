// bru diff: two runs, metric by metric.
#include <fmt/format.h>

#include "base/error.hpp"
#include "base/numbers.hpp"
#include "cli/shared_options.hpp"
#include "report/checked_json.hpp"
#include "report/run_difference.hpp"

namespace bru::cli {

namespace {

constexpr double kMostPercent = 1e6;
constexpr const char* kRun = "bru run --json";

/// "1%", "1" and "0.5 %" are percentages.
double allowed_percent(const Arguments& arguments) {
    const auto given = arguments.text("fail-above");
    if (!given) return 0;
    std::string text = *given;
    if (!text.empty() && text.back() == '%') text.pop_back();
    while (!text.empty() && text.back() == ' ') text.pop_back();
    Arguments number;
    number.set("fail-above", text);
    return *number.real("fail-above", 0, kMostPercent);
}

int run_diff(const Arguments& arguments) {
    const std::size_t count = arguments.more_positionals.size() + (arguments.positional.empty() ? 0 : 1);
    if (count != 2)
        throw InputError(
            fmt::format("bru diff: {} given{}; give two files that bru run --json wrote, the earlier "
                        "one first; see bru diff --help",
                        count, count > 2 ? fmt::format(", the last '{}'", arguments.more_positionals.back()) : ""));
    const std::string& before = arguments.positional;
    const std::string& after = arguments.more_positionals.front();
    refuse_overwriting({arguments.text_or("json", "")}, {before, after});
    const double allowed = allowed_percent(arguments);
    const RunDifference difference = compare_runs(read_json(before, kRun), before, read_json(after, kRun), after);
    if (const auto path = arguments.text("json")) write_json_file(*path, difference_json(difference, allowed));
    print_report({arguments.text("json")}, difference_table(difference, allowed));
    return difference.above(allowed) == 0 ? kGood : kCheckFailed;
}

} // namespace

Command diff_command() {
    Command command;
    command.name = "diff";
    command.summary = "compare two runs, metric by metric";
    command.usage = "BEFORE.json AFTER.json [--fail-above PERCENT] [--json FILE]";
    command.details =
        "Reads two files that bru run --json wrote, for example a recorded one and one of today. Prints every metric "
        "that differs, with its change in percent of the first file, and every input of the runs that differs "
        "(parameters, model, trace, device). The speed of the host and the synthesis evidence are left out. The exit "
        "status is 1 if a metric changed by more than --fail-above, up or down; a metric that only one file has "
        "counts as changed.";
    command.example = "bru diff recorded.json today.json --fail-above 1%";
    command.positional = {"FILE", {Completion::Files::any, {}, false, {}}, true};
    command.options = {value("fail-above", "PERCENT", "changes up to this are no failure (default: 0)"),
                       file("json", "write the differences as JSON")};
    command.run = run_diff;
    return command;
}

} // namespace bru::cli
