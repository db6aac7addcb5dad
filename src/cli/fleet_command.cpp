// bru fleet: boards that serve sessions which come and go.
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "base/error.hpp"
#include "cli/progress.hpp"
#include "cli/shared_options.hpp"
#include "report/fleet_report.hpp"
#include "run/fleet_boards.hpp"

namespace bru::cli {

namespace {

/// Options of the command line that stand for keys.
std::vector<Override> overrides_of(const Arguments& arguments) {
    std::vector<Override> overrides = arguments.overrides;
    if (const auto loads = arguments.text("loads")) overrides.push_back({"target.loads", *loads});
    return overrides;
}

int run_fleet_command(const Arguments& arguments) {
    if (arguments.positional.empty())
        throw InputError("bru fleet: give a fleet file, as in bru fleet microphones.ini; see bru fleet --help");
    const std::string file = find_input_file(ShippedKind::fleet, arguments.positional);
    const std::string state = arguments.text_or("state", "");
    refuse_overwriting({state, arguments.text_or("json", "")}, {file});
    note_ending(arguments.text("json"), "JSON", {".json"});
    const fleet::FleetPlan plan = fleet::load_fleet_plan(file, overrides_of(arguments));
    NotingLibrary library;
    FleetReport report;
    report.workload = fleet_workload(library, plan);
    {
        Progress progress("fleet", 0, "simulated ms");
        fleet::FleetRunOptions options;
        options.find_boards = arguments.has("find-boards");
        options.state_file = state;
        options.seconds_between_saves = arguments.real("save-seconds", 0, 86'400).value_or(10);
        options.on_progress = [&progress](const std::string& what, std::uint64_t done, std::uint64_t total) {
            progress.rename(what);
            progress.expect(total);
            progress.reached(done);
        };
        report.answer = fleet::run_fleet(report.workload, options);
    }
    if (report.answer.was_continued) note(fmt::format("{}: continued where it was", state));
    if (const auto path = arguments.text("json")) write_json_file(*path, fleet_json(report));
    print_report({arguments.text("json")}, fleet_table(report));
    const bool holds =
        arguments.has("find-boards") ? report.answer.boards_needed.has_value() : report.answer.result.holds;
    return holds ? kGood : kCheckFailed;
}

/// Every key of a fleet file as an option; of boards, those of the first kind.
std::vector<Option> key_options() {
    std::vector<Option> options;
    for (const fleet::FleetKey& key : fleet::fleet_keys()) {
        Option option = value(key.key, "VALUE", fmt::format("{} (allowed: {})", key.help, key.allowed));
        option.standard = key.standard;
        options.push_back(std::move(option));
    }
    return options;
}

} // namespace

Command fleet_command() {
    Command command;
    command.name = "fleet";
    command.summary =
        "how many boards a service needs: sessions that come and go, on boards that the simulation measured";
    command.usage = "FILE [--find-boards] [--loads L] [--state FILE] [options] [keys of the file]";
    command.details =
        "FILE is an INI file with boards, sessions, network, failures and a target (docs/fleet.md lists the keys). The "
        "cycle-accurate simulation measures each board; then an event-driven simulation of the fleet runs.\n"
        "If a run with --state was stopped or killed, the same command continues it.\n"
        "The exit status is 1 if the target does not hold; with --find-boards, if no number of boards holds it.";
    command.example = "bru fleet microphones.ini --find-boards --loads 0.1:0.9:0.1 --json fleet.json";
    command.positional = {"FILE", {Completion::Files::any, shipped_names(ShippedKind::fleet)}};
    command.options =
        join({{flag("find-boards", "find the least number of boards, of the first kind, that holds the target"),
               value("loads", "L",
                     "loads to try, as shares of what the fleet can take: FIRST:LAST:STEP, or numbers with commas"),
               file("state", "keep the state of the run in FILE, so that it can be continued")},
              needing("state", {value("save-seconds", "S", "time between two savings of the state (default: 10)")}),
              {file("json", "write the result as JSON")}});
    command.parameters = key_options();
    command.run = run_fleet_command;
    return command;
}

} // namespace bru::cli
