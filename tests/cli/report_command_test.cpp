// Does `bru report` take what bru wrote, and refuse everything else with a message and without a file?
#include "support/catch.hpp"

#include <filesystem>

#include "cli/process.hpp"
#include "support/shipped.hpp"

using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

/// What stands for the plotting library where only the command is tested.
std::string fake_library(const TemporaryFolder& folder) {
    folder.write("echarts.license.txt", "licence");
    return folder.write("echarts.min.js", "/* Licensed to the Apache Software Foundation: echarts */");
}

Outcome report(const TemporaryFolder& folder, const std::string& input) {
    return run_bru({"report", input, "--out", folder / "out.html", "--plotting-library", fake_library(folder)});
}

void check_refused(const TemporaryFolder& folder, const std::string& input, const std::string& fragment) {
    const Outcome outcome = report(folder, input);
    CAPTURE(input, outcome.out, outcome.err);
    CHECK(outcome.status == 2);
    CHECK_THAT(outcome.err, ContainsSubstring("bru: error: ") && ContainsSubstring(fragment) &&
                                !ContainsSubstring("internal error"));
    CHECK_FALSE(std::filesystem::exists(folder / "out.html"));
}

} // namespace

TEST_CASE("a run and a sweep become pages") {
    const TemporaryFolder folder;
    const std::string run = folder / "run.json";
    REQUIRE(run_bru({"run", "--model", source("models/mnist_rows_h128.onnx"), "--trace", source("traces/digits.trace"),
                     "--steps", "56", "--json", run})
                .status == 0);
    const Outcome of_run = report(folder, run);
    INFO(of_run.err);
    CHECK(of_run.status == 0);
    CHECK_THAT(one_line(of_run.out), ContainsSubstring("out.html: a run"));
    CHECK_THAT(file_text(folder / "out.html"), ContainsSubstring("\"timelines\":[{\"title\":\"This run\""));

    const std::string database = folder / "sweep.db";
    REQUIRE(run_bru({"sweep", source("configs/sweeps/warpeace.ini"), "--db", database, "--bru.lanes=32, 64",
                     "--bru.lane_width=16", "--bru.update_width=2", "--bru.output_fifo_beats=128", "--processes", "1"})
                .status == 0);
    const Outcome of_sweep = report(folder, database);
    INFO(of_sweep.err);
    CHECK(of_sweep.status == 0);
    CHECK_THAT(one_line(of_sweep.out), ContainsSubstring("a sweep of 2 points"));
    CHECK_THAT(file_text(folder / "out.html"),
               ContainsSubstring("{\"title\":\"Default\"") && ContainsSubstring("{\"title\":\"Chosen #1\""));
}

TEST_CASE("a run whose model is gone or another by now is a page without a timeline") {
    const TemporaryFolder folder;
    const std::string run = folder / "run.json";
    REQUIRE(run_bru({"run", "--model", source("models/mnist_rows_h128.onnx"), "--trace", source("traces/digits.trace"),
                     "--steps", "28", "--json", run})
                .status == 0);
    std::string text = file_text(run);
    const std::string key = "\"model_fingerprint\": \"";
    text[text.find(key) + key.size()] ^= 1;
    const Outcome outcome = report(folder, folder.write("other.json", text));
    INFO(outcome.err);
    CHECK(outcome.status == 0);
    CHECK_THAT(file_text(folder / "out.html"), ContainsSubstring("is another model by now"));
}

TEST_CASE("what is no result of bru is refused") {
    const TemporaryFolder folder;
    check_refused(folder, folder / "none.json", "none.json: cannot be read");
    check_refused(folder, folder.path, "cannot be read");
    check_refused(folder, folder.write("empty.json", ""), "empty.json: is empty");
    check_refused(folder, folder.write("list.json", "[1, 2]"), "list.json: is JSON, but no object as bru writes it");
    check_refused(folder, folder.write("text.json", "cycles: 12"), "text.json: is no JSON");
    check_refused(folder, folder.write("nul.json", std::string(100, '\0')), "is no JSON");
    check_refused(folder, folder.write("other.json", "{\"schema\": \"bru-resources-1\"}"), "allowed is bru-sweep-1");
    check_refused(folder, folder.write("cut.json", "{\"schema\": \"bru-run-2\", \"cycles\": {"),
                  "cut.json:1: is no whole JSON");
    check_refused(folder, folder.write("deep.json", std::string(200'000, '[')), "is no JSON");
    check_refused(folder, folder.write("cut.db", std::string("SQLite format 3\0 and then nothing", 33)), "cut.db");
}

TEST_CASE("wrong use of bru report says what to give") {
    const TemporaryFolder folder;
    const std::string input = folder.write("run.json", "{}");
    CHECK_THAT(run_bru({"report"}).err,
               ContainsSubstring("give the database of a sweep, or the JSON of a run or a fleet"));
    CHECK_THAT(run_bru({"report", input}).err, ContainsSubstring("--out is required"));
    CHECK_THAT(run_bru({"report", input, "--out", input}).err, ContainsSubstring("would be overwritten"));
    CHECK(file_text(input) == "{}");
}

TEST_CASE("a wrong plotting library is refused, after the input was found to be good") {
    const TemporaryFolder folder;
    const std::string run = folder / "run.json";
    const std::string no_run = folder.write("no.json", "{}");
    const std::string library = folder / "no.js";
    REQUIRE(run_bru({"run", "--model", source("models/mnist_rows_h128.onnx"), "--trace", source("traces/digits.trace"),
                     "--steps", "28", "--json", run})
                .status == 0);
    CHECK_THAT(run_bru({"report", run, "--out", folder / "o.html", "--plotting-library", library}).err,
               ContainsSubstring("no.js: there is no such file; fetch it with tools/get-plotting-library"));
    CHECK_THAT(run_bru({"report", run, "--out", folder / "o.html", "--plotting-library", no_run}).err,
               ContainsSubstring("is not Apache ECharts"));
    CHECK_THAT(run_bru({"report", no_run, "--out", folder / "o.html", "--plotting-library", library}).err,
               ContainsSubstring("schema: is missing"));
    CHECK_FALSE(std::filesystem::exists(folder / "o.html"));
}
