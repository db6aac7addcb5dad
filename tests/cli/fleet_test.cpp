// Does bru fleet answer from a file and its options, and go on where it was killed?
#include "support/catch.hpp"

#include <chrono>
#include <csignal>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "cli/process.hpp"
#include "support/shipped.hpp"

using namespace bru::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

const std::string kFleet =
    "[fleet]\nduration_s = 20\n[board]\nstep_us = 300\nresponse_us = 400\nstreams = 100\ncount = 4\n"
    "[sessions]\nper_s = 200\nduration_s = 1\nsteps = poisson\nperiod_ms = 20\ndeadline_ms = 5\n"
    "[failures]\nmtbf_h = 0.01\nmttr_min = 0.05\n[target]\nloads = 0.2:0.8:0.2\n";

/// bru fleet in a process of its own, which is killed after so long; whether it was.
bool killed_after(std::chrono::milliseconds time, const std::vector<std::string>& words) {
    const pid_t child = fork();
    if (child == 0) {
        std::vector<char*> arguments;
        const std::string program = std::string(BRU_BINARY_DIR) + "/bru";
        arguments.push_back(const_cast<char*>(program.c_str()));
        for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        if (freopen("/dev/null", "w", stdout) == nullptr || freopen("/dev/null", "w", stderr) == nullptr) _exit(126);
        execv(program.c_str(), arguments.data());
        _exit(127);
    }
    std::this_thread::sleep_for(time);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status);
}

} // namespace

TEST_CASE("bru fleet measures its boards and says first whether the target holds", "[cli]") {
    const TemporaryFolder folder;
    const std::string file = folder.write("fleet.ini", "[fleet]\nduration_s = 1\n[board]\nconfig = z7020.ini\n"
                                                       "model = warpeace_h256.onnx\nstreams = 8\n"
                                                       "[sessions]\npermanent = 8\nperiod_ms = 1\ndeadline_ms = 1\n");
    const Outcome good = run_bru({"fleet", file, "--json", folder / "fleet.json"});
    INFO(good.err);
    CHECK(good.status == 0);
    CHECK_THAT(good.out, StartsWith("answer            the target holds"));
    CHECK_THAT(file_text(folder / "fleet.json"), ContainsSubstring("\"step_us\": 3.2"));
    const Outcome late = run_bru({"fleet", file, "--sessions.deadline_ms=0.001"});
    CHECK(late.status == 1);
    CHECK_THAT(late.out, StartsWith("answer            the target does not hold"));
    CHECK(run_bru({"fleet", file, "--sessions.deadline_ms=0.001", "--find-boards"}).status == 1);
    const Outcome crowded = run_bru({"fleet", file, "--sessions.permanent=30", "--find-boards"});
    CHECK(crowded.status == 0);
    CHECK_THAT(crowded.out, ContainsSubstring("4 boards hold the target"));
}

TEST_CASE("bru fleet says what is wrong with its file and its boards", "[cli]") {
    const TemporaryFolder folder;
    const std::string rest = "[sessions]\npermanent = 8\nperiod_ms = 1\ndeadline_ms = 1\n";
    const auto message = [&](const std::string& board) {
        const Outcome outcome = run_bru({"fleet", folder.write("f.ini", board + rest)});
        CHECK(outcome.status == 2);
        return outcome.err;
    };
    CHECK_THAT(run_bru({"fleet"}).err, ContainsSubstring("give a fleet file"));
    CHECK_THAT(message("[board]\nconfig = z7020.ini\n"), ContainsSubstring("[board]: has no model"));
    CHECK_THAT(message("[board]\nconfig = z7021.ini\n"), ContainsSubstring("z7021.ini"));
    CHECK_THAT(message("[board]\nconfig = z7020.ini\nmodel = warpeace_h256.onnx\nstreams = 1000\n"),
               ContainsSubstring("bru.streams = 1000: not allowed"));
}

TEST_CASE("a fleet killed with kill -9 again and again ends with the result of an undisturbed one", "[cli]") {
    const TemporaryFolder folder;
    const std::string file = folder.write("fleet.ini", kFleet);
    REQUIRE(run_bru({"fleet", file, "--json", folder / "whole.json"}).status <= 1);
    const std::vector<std::string> words = {
        "fleet", file, "--json", folder / "killed.json", "--state", folder / "state", "--save-seconds", "0"};
    int killed = 0;
    for (int k = 0; k < 8; ++k) killed += killed_after(std::chrono::milliseconds(60 + 40 * k), words) ? 1 : 0;
    CHECK(killed > 0);
    const Outcome last = run_bru(words);
    CHECK(last.status <= 1);
    CHECK_THAT(last.err, ContainsSubstring("continued where it was"));
    CHECK(file_text(folder / "killed.json") == file_text(folder / "whole.json"));
}
