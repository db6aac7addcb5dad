// Does bru sweep keep what it found when it is killed, and does what it chooses run?
#include "support/catch.hpp"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/process.hpp"
#include "support/shipped.hpp"

using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string sweep_file(const TemporaryFolder& folder, const std::string& more = "") {
    return folder.write("s.ini",
                        "[run]\nmodel = " + source("models/warpeace_h256.onnx") +
                            "\ntrace = " + source("traces/warpeace.trace") +
                            "\noutput = hidden\nsteps = 300\n[bru]\nlanes = 16..128 step 8\n"
                            "lane_width = 4..32 step 4\nupdate_width = 1, 2, 4\n[sweep]\nconstraints = fits\n" +
                            more);
}

/// Starts bru in the background, its output to nowhere.
pid_t start(const std::vector<std::string>& words) {
    std::fflush(stdout); // or the child prints what waits there once more
    const pid_t child = fork();
    if (child != 0) return child;
    std::freopen("/dev/null", "w", stdout);
    std::freopen("/dev/null", "w", stderr);
    std::vector<char*> arguments = {const_cast<char*>("bru")};
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    execv(BRU_BINARY_DIR "/bru", arguments.data());
    _exit(127);
}

int wait_for(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

} // namespace

TEST_CASE("a database that cannot be used says why, and what to do", "[cli]") {
    const TemporaryFolder folder;
    const std::string file = sweep_file(folder);
    const auto refusal = [&](const std::vector<std::string>& words) {
        const Outcome outcome = run_bru(words, folder.path);
        CHECK(outcome.status == 2);
        return outcome.err;
    };
    CHECK_THAT(refusal({"sweep", file, "--db", "no/x.db"}),
               ContainsSubstring("no/x.db: cannot be written: there is no folder no"));
    CHECK_THAT(refusal({"sweep", file, "--db", "."}), ContainsSubstring("is a folder; name a file to write"));
    REQUIRE(run_bru({"sweep", file, "--db", "ok.db"}, folder.path).status == 0);
    folder.write("cut.db", file_text(folder / "ok.db").substr(0, 20'000));
    CHECK_THAT(refusal({"sweep", "--merge", "m.db", "cut.db"}), ContainsSubstring("cut.db: is damaged or cut short"));
    folder.write("text.db",
                 "no database, but text of more than a hundred characters, so that it cannot be an empty file");
    CHECK_THAT(refusal({"sweep", file, "--db", "text.db"}), ContainsSubstring("no sweep database"));
}

TEST_CASE("the best point of a sweep runs, whatever the characters of its model's path", "[cli]") {
    const TemporaryFolder folder;
    const std::string odd = "run #2, \"a\"";
    REQUIRE(std::filesystem::create_directory(folder / odd));
    std::filesystem::copy_file(source("models/warpeace_h256.onnx"), folder / (odd + "/m\n,.onnx"));
    const std::string file =
        folder.write("s.ini", "[run]\ntrace = " + source("traces/warpeace.trace") +
                                  "\noutput = hidden\nsteps = 20\n[bru]\nlanes = 32, 64\n[sweep]\nobjectives = lut\n");
    const Outcome sweep =
        run_bru({"sweep", file, "--db", folder / "s.db", "--best", folder / "best.ini", "--model", odd + "/m\n,.onnx"},
                folder.path);
    CAPTURE(sweep.err);
    REQUIRE(sweep.status == 0);
    const Outcome run = run_bru({"run", "--config", folder / "best.ini", "--steps", "20"});
    CAPTURE(run.err, file_text(folder / "best.ini"));
    CHECK(run.status == 0);
    CHECK_THAT(run.out, ContainsSubstring("32 lanes"));
}

TEST_CASE("a sweep killed five times with kill -9 ends with the table of an undisturbed one", "[cli]") {
    const TemporaryFolder folder;
    const std::string file = sweep_file(folder); // at 2,000 steps long enough to be met in the middle
    REQUIRE(run_bru({"sweep", file, "--steps", "2000", "--db", folder / "whole.db", "--csv", folder / "whole.csv"})
                .status == 0);
    std::mt19937 random(std::random_device{}());
    int killed = 0;
    for (int round = 0; round < 5; ++round) {
        const pid_t child = start({"sweep", file, "--steps", "2000", "--db", folder / "cut.db", "--processes", "1"});
        usleep(20'000 + static_cast<useconds_t>(random() % 150'000));
        kill(child, SIGKILL);
        killed += WIFSIGNALED(wait_for(child)) ? 1 : 0;
    }
    CHECK(killed > 0);
    const Outcome last =
        run_bru({"sweep", file, "--steps", "2000", "--db", folder / "cut.db", "--csv", folder / "cut.csv"});
    INFO(last.err);
    CHECK(last.status == 0);
    CHECK(file_text(folder / "cut.csv") == file_text(folder / "whole.csv"));
}

TEST_CASE("Ctrl-C keeps what was evaluated and says so", "[cli]") {
    const TemporaryFolder folder;
    const std::string file = sweep_file(folder);
    const pid_t child = start({"sweep", file, "--db", folder / "a.db", "--steps", "2000", "--processes", "1"});
    usleep(500'000);
    kill(child, SIGINT);
    const int status = wait_for(child);
    CHECK(WIFEXITED(status));
    CHECK((WEXITSTATUS(status) == 130 || WEXITSTATUS(status) == 0));
    CHECK(folder.names() == std::vector<std::string>{"a.db", "s.ini"});
}

TEST_CASE("the best point of a sweep is a configuration that runs as the sweep said", "[cli]") {
    const TemporaryFolder folder;
    const Outcome swept =
        run_bru({"sweep", sweep_file(folder), "--db", folder / "a.db", "--json", folder / "a.json", "--best",
                 folder / "best.ini", "--sampling", "lhs", "--points", "40", "--seed", "3"});
    INFO(swept.err);
    REQUIRE(swept.status == 0);
    CHECK(swept.err.empty());
    CHECK_THAT(one_line(swept.out), ContainsSubstring("best: point") && ContainsSubstring("default") &&
                                        ContainsSubstring("cycles_per_step"));
    const auto sweep = nlohmann::json::parse(file_text(folder / "a.json"));
    // The cut of the trace belongs to the sweep and not to the point.
    CHECK_THAT(file_text(folder / "best.ini"), !ContainsSubstring("\nsteps ="));
    const Outcome ran =
        run_bru({"run", "--config", folder / "best.ini", "--steps", "300", "--json", folder / "run.json"});
    INFO(ran.err);
    REQUIRE(ran.status == 0);
    const auto run = nlohmann::json::parse(file_text(folder / "run.json"));
    for (const auto& point : sweep["points"]) {
        if (point["number"] != sweep["chosen"]) continue;
        CHECK(run["cycles"]["total"] == point["metrics"]["cycles_total"]);
        CHECK(run["cycles"]["per_step"] == point["metrics"]["cycles_per_step"]);
        CHECK(run["resources"]["lut"]["used"] == point["metrics"]["lut"]);
        CHECK(run["fits"] == (point["metrics"]["fits"] == 1));
    }
}

TEST_CASE("one trace serves a sweep over weight bits, and the choice does not depend on its steps", "[cli]") {
    const TemporaryFolder folder;
    const auto chosen = [&](const std::string& steps) {
        const std::string file =
            folder.write("b.ini", "[run]\nmodel = " + source("models/warpeace_h256.onnx") +
                                      "\ntrace = " + source("traces/warpeace.trace") +
                                      "\ndense_weight_bits = 1, 2, 6\nsteps = " + steps +
                                      "\n[bru]\nlanes = 32, 64, 128\n[sweep]\nobjectives = energy_uj, latency_us\n"
                                      "constraints = fits, latency_us < 3\n");
        const Outcome swept = run_bru({"sweep", file, "--db", folder / (steps + ".db"), "--json", folder / "b.json"});
        INFO(swept.err);
        REQUIRE(swept.status == 0);
        const auto sweep = nlohmann::json::parse(file_text(folder / "b.json"));
        for (const auto& point : sweep["points"]) CHECK(point["error"].is_null());
        return sweep["chosen"].get<int>();
    };
    const int few = chosen("20");
    CHECK(few == chosen("2000"));
}

TEST_CASE("a sweep shows the metrics of its constraints, and why points cannot be built", "[cli]") {
    const TemporaryFolder folder;
    const Outcome swept = run_bru({"sweep", sweep_file(folder), "--db", folder / "a.db", "--steps", "10",
                                   "--constraints", "ff < 30000, path_ns < 9", "--bru.weight_words=auto,5"});
    INFO(swept.out);
    REQUIRE(swept.status == 0);
    CHECK_THAT(swept.out, ContainsSubstring(" ff ") && ContainsSubstring("path_ns"));
    CHECK_THAT(one_line(swept.out), ContainsSubstring("cannot be built") && !ContainsSubstring("failed"));
    CHECK_THAT(one_line(swept.out), ContainsSubstring("such as point") && ContainsSubstring("weight_words"));
}

TEST_CASE("shards are merged from the command line", "[cli]") {
    const TemporaryFolder folder;
    const std::string file = sweep_file(folder);
    REQUIRE(run_bru({"sweep", file, "--shard", "1/2", "--db", folder / "1.db"}).status == 0);
    const Outcome half = run_bru({"sweep", "--merge", folder / "all.db", folder / "1.db"});
    CHECK(half.status == 1);
    CHECK_THAT(half.err, ContainsSubstring("180 planned points"));
    REQUIRE(run_bru({"sweep", file, "--shard", "2/2", "--db", folder / "2.db"}).status == 0);
    const Outcome merged = run_bru({"sweep", "--merge", folder / "all.db", folder / "1.db", folder / "2.db"});
    CHECK(merged.status == 0);
    CHECK_THAT(one_line(merged.out),
               ContainsSubstring("all.db: 360 rows, 0 evaluated now points") && !ContainsSubstring("per second on"));
    // The merged database is that of the whole sweep: nothing is left to do.
    const Outcome whole = run_bru({"sweep", file, "--db", folder / "all.db"});
    CHECK(whole.status == 0);
    CHECK_THAT(one_line(whole.out), ContainsSubstring(" 0 evaluated now"));
    CHECK_THAT(run_bru({"sweep", file, "--shard", "3/2"}).err, ContainsSubstring("--shard 3/2"));
    CHECK_THAT(run_bru({"sweep", file, "--shard", "0/2"}).err, ContainsSubstring("I from 1 to N"));
    CHECK_THAT(run_bru({"sweep", file, "--shard", "1/2", "--sampling", "nsga2", "--points", "9"}).err,
               ContainsSubstring("guided"));
}

TEST_CASE("the clock of a best point whose path nearly fills the period is not certain", "[cli]") {
    const TemporaryFolder folder;
    const auto swept = [&](const std::string& clock) {
        const Outcome outcome =
            run_bru({"sweep", sweep_file(folder), "--db", folder / (clock + ".db"), "--steps", "10", "--bru.lanes=64",
                     "--bru.lane_width=16", "--bru.update_width=2", "--bru.clock_mhz=" + clock});
        CHECK(outcome.status == 0);
        return one_line(outcome.out);
    };
    CHECK_THAT(swept("165"),
               ContainsSubstring("not certain: the clock; the longest path is estimated at 5.87 of 6.06 ns"));
    CHECK_THAT(swept("100"), !ContainsSubstring("not certain"));
}

TEST_CASE("a sweep without a feasible point ends with status 1 and says what excludes how many", "[cli]") {
    const TemporaryFolder folder;
    const std::string best = folder.write("b.ini", "of before");
    const Outcome swept = run_bru({"sweep", sweep_file(folder), "--db", folder / "a.db", "--best", best, "--steps",
                                   "10", "--bru.lanes=32, 64, 32", "--bru.lane_width=8", "--bru.update_width=1",
                                   "--constraints", "lut < 3, lut > 4"});
    CAPTURE(swept.out, swept.err);
    CHECK(swept.status == 1);
    CHECK_THAT(one_line(swept.out),
               ContainsSubstring("lut < 3 excludes 2 of 2 points; the nearest is point 0 with lut = ") &&
                   ContainsSubstring("lut > 4 excludes 0 of 2 points") && !ContainsSubstring("0 of 2 points;") &&
                   ContainsSubstring("front: empty"));
    CHECK_THAT(one_line(swept.err), ContainsSubstring("stays as it is") &&
                                        ContainsSubstring("bru.lanes: 32 is named twice, and counts once"));
    CHECK(file_text(best) == "of before");
    // The best of a wider limit: the line below it says how much better it is than the default.
    const Outcome wider =
        run_bru({"sweep", folder / "s.ini", "--db", folder / "a.db", "--steps", "10", "--bru.lanes=32, 64",
                 "--bru.lane_width=8", "--bru.update_width=1", "--constraints", "fits"});
    CHECK(wider.status == 0);
    CHECK_THAT(one_line(wider.out), ContainsSubstring("as the default, which has"));
}

TEST_CASE("a sweep that cannot begin says why", "[cli]") {
    const TemporaryFolder folder;
    CHECK_THAT(run_bru({"sweep"}).err, ContainsSubstring("give a sweep file"));
    CHECK_THAT(run_bru({"sweep", folder / "absent.ini"}).err, ContainsSubstring("absent.ini"));
    const std::string file = sweep_file(folder);
    CHECK_THAT(run_bru({"sweep", file, file}).err, ContainsSubstring("one file too many"));
    CHECK_THAT(run_bru({"sweep", file, "--db", file}).err, ContainsSubstring("would be overwritten"));
    CHECK_THAT(run_bru({"sweep", file, "--db", folder / "no/such/folder.db"}).err, ContainsSubstring("folder.db"));
    CHECK_THAT(run_bru({"sweep", file, "--db", "-"}).err, ContainsSubstring("cannot be standard output"));
    CHECK_THAT(run_bru({"sweep", file, "--constraints", "fits, lut < 1e999"}).err,
               ContainsSubstring("beyond the range"));
    CHECK_THAT(run_bru({"sweep", file, "--objectives", "lut, lut"}).err, ContainsSubstring("lut is named twice"));
    const std::string cut = folder.write("cut.onnx", file_text(source("models/warpeace_h256.onnx")).substr(0, 900));
    const Outcome damaged = run_bru({"sweep", file, "--model", cut});
    CHECK(damaged.status == 2);
    CHECK_THAT(damaged.err,
               ContainsSubstring("cut.onnx: not an ONNX model, or damaged") && !ContainsSubstring("; it is"));
    std::filesystem::remove(cut);
    CHECK_THAT(run_bru({"sweep", file, "--processes", "0"}).err, ContainsSubstring("--processes 0"));
    CHECK(folder.names() == std::vector<std::string>{"s.ini"});
}

TEST_CASE("models and traces of a sweep are lists on the command line, too", "[cli]") {
    const TemporaryFolder folder;
    const std::string sweep = folder.write("s.ini", "[run]\nsteps = 5\n[sweep]\nobjectives = cycles_per_step\n");
    const std::string first = source("models/mnist_rows_h128.onnx");
    const std::string second = folder / "second, of two.onnx";
    std::filesystem::copy_file(source("models/digits_h128.onnx"), second);
    const Outcome swept = run_bru(
        {"sweep", sweep, "--model", first + "," + source("models/digits_h128.onnx"), "--db", folder / "two.db"});
    CAPTURE(swept.err);
    CHECK(swept.status == 0);
    CHECK_THAT(swept.out, ContainsSubstring("grid, 2 points"));
    const Outcome one = run_bru({"sweep", sweep, "--model", second, "--db", folder / "one.db"});
    CAPTURE(one.err);
    CHECK_THAT(one.out, ContainsSubstring("grid, 1 point"));
    CHECK_THAT(run_bru({"sweep", sweep, "--model", first + ",absent.onnx"}).err,
               ContainsSubstring("absent.onnx: cannot be opened: there is no such model"));
}
