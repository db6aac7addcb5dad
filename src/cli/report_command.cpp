// bru report: a sweep, a run or a fleet as one HTML file that opens without a network.
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/piped_input.hpp"
#include "base/printable.hpp"
#include "base/text_layout.hpp"
#include "cli/report_timelines.hpp"
#include "cli/shared_options.hpp"
#include "explore/export.hpp"
#include "report/checked_json.hpp"
#include "report/report_page.hpp"
#include "report/text.hpp"

namespace bru::cli {

namespace {

/// Of a sweep's database, or of JSON that bru wrote.
nlohmann::ordered_json read_input(const std::string& path) {
    constexpr std::string_view kDatabaseStart = "SQLite format 3";
    std::string start(kDatabaseStart.size(), ' ');
    std::ifstream(reopenable(path), std::ios::binary).read(start.data(), start.size());
    if (start == kDatabaseStart && is_pipe(path))
        throw InputError({path}, "is a database that comes through a pipe; a database must be a file");
    if (start == kDatabaseStart) return sweep_json(ResultStore(path));
    return read_json(path);
}

/// What was made, in a line.
std::string outcome(const nlohmann::ordered_json& data, const std::string& path, std::size_t bytes) {
    const std::string what = data["kind"] == "run" ? "a run"
                             : data["kind"] == "fleet"
                                 ? "a fleet"
                                 : fmt::format("a sweep of {} points", grouped(data["columns"]["number"].size()));
    return wrapped(fmt::format("{}: {}, {} KiB; open it in a browser", printable(path), what, grouped(bytes / 1024)));
}

int run_report(const Arguments& arguments) {
    const std::string input = arguments.positional;
    if (input.empty())
        throw InputError(
            "bru report: give the database of a sweep, or the JSON of a run or a fleet; see bru report --help");
    const std::string path = arguments.required("out");
    const std::string library_path = arguments.text_or("plotting-library", "");
    refuse_overwriting({path}, {input, library_path});
    note_ending(path, "HTML", {".html"});
    const nlohmann::ordered_json results = read_input(input);
    nlohmann::ordered_json data = page_data(results, input); // checks the input, before anything must be fetched
    const PlottingLibrary library = find_plotting_library(library_path);
    if (data["kind"] != "fleet") {
        ReportTimelines timelines = timelines_of(results);
        set_timelines(data, std::move(timelines.list), timelines.note);
    }
    const std::string page = html_page(data, library);
    write_text_file(path, page);
    fmt::print("{}", outcome(data, path, page.size()));
    return kGood;
}

} // namespace

Command report_command() {
    Command command;
    command.name = "report";
    command.summary = "write a sweep, a run or a fleet as one HTML page that opens without a network";
    command.usage = "INPUT --out FILE.html [--plotting-library FILE]";
    command.details =
        "INPUT is the database of bru sweep, or the JSON of bru sweep, bru run or bru fleet. The page contains "
        "everything that it needs, including\n"
        "its plotting library (Apache ECharts). The build fetches the library; "
        "tools/get-plotting-library fetches it later.";
    command.example = "bru report warpeace.db --out warpeace.html";
    command.positional = {"INPUT", {Completion::Files::any}};
    command.options = {file("out", "the page to write"),
                       file("plotting-library", "path of echarts.min.js, if it is not beside the program")};
    command.run = run_report;
    return command;
}

} // namespace bru::cli
