// Is an input that comes through a pipe read once, and is it the one that counts?
#include "support/catch.hpp"

#include <csignal>
#include <fstream>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/process.hpp"
#include "support/shipped.hpp"

using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr unsigned kSecondsUntilHung = 20;

/// A FIFO into which a process writes the content once, as `cat FILE > FIFO &` does.
class Fifo {
public:
    Fifo(const TemporaryFolder& folder, const std::string& name, const std::string& content) : path(folder / name) {
        REQUIRE(mkfifo(path.c_str(), 0600) == 0);
        writer_ = fork();
        if (writer_ != 0) return;
        std::ofstream(path, std::ios::binary) << content;
        _exit(0);
    }
    ~Fifo() {
        kill(writer_, SIGKILL);
        waitpid(writer_, nullptr, 0);
    }
    Fifo(const Fifo&) = delete;
    Fifo& operator=(const Fifo&) = delete;

    std::string path;

private:
    pid_t writer_;
};

Outcome run(const std::vector<std::string>& words) {
    const Outcome outcome = run_bru(words, "", kSecondsUntilHung);
    CAPTURE(outcome.err);
    CHECK(outcome.status == 0);
    return outcome;
}

const std::string kModel = source("models/warpeace_h256.onnx");
const std::string kTrace = source("traces/warpeace.trace");

} // namespace

TEST_CASE("a run takes every input from a pipe", "[cli]") {
    const TemporaryFolder folder;
    const Fifo config(folder, "c.ini", "[bru]\nlanes = 32\n");
    const Fifo model(folder, "m.onnx", file_text(kModel));
    const Fifo trace(folder, "t.trace", file_text(kTrace));
    const Fifo device(folder, "d.ini", file_text(source("configs/devices/xc7z020.ini")));
    const Outcome piped = run({"run", "--config", config.path, "--model", model.path, "--trace", trace.path,
                               "--bru.device", device.path, "--steps", "20"});
    CHECK_THAT(piped.out, ContainsSubstring("32 lanes"));
    CHECK_THAT(piped.out, ContainsSubstring("20 steps"));
    CHECK_THAT(one_line(piped.out), ContainsSubstring("0 values checked: a trace from a pipe has no golden file"));
}

TEST_CASE("paths in a configuration from a pipe start from the current folder", "[cli]") {
    const TemporaryFolder folder;
    const Fifo config(folder, "c.ini", "[run]\nmodel = models/warpeace_h256.onnx\ntrace = traces/warpeace.trace\n");
    const Outcome piped = run_bru({"run", "--config", config.path, "--steps", "5"}, source("."), kSecondsUntilHung);
    CAPTURE(piped.err);
    CHECK(piped.status == 0);
    CHECK_THAT(piped.out, ContainsSubstring("model             models/warpeace_h256.onnx"));
}

TEST_CASE("a trace is made from pipes as from files", "[cli]") {
    const TemporaryFolder folder;
    const Fifo rows(folder, "rows.csv", "0\n1\n\n5\n");
    const Fifo labels(folder, "labels", "1\n2\n");
    const Fifo indices(folder, "indices", "1\n0\n");
    const std::vector<std::string> words = {"trace", "--model", kModel, "--out", folder / "t.trace"};
    auto with = [&](const std::vector<std::string>& more) {
        std::vector<std::string> all = words;
        all.insert(all.end(), more.begin(), more.end());
        return run(all);
    };
    CHECK_THAT(one_line(with({"--csv", rows.path, "--labels", labels.path, "--indices", indices.path}).out),
               ContainsSubstring("3 steps in 2 sequences, 2 with a label"));
    const Fifo text(folder, "text", "hello\n");
    CHECK_THAT(one_line(with({"--text", text.path}).out), ContainsSubstring("6 steps in 1 sequence"));
}

TEST_CASE("a sweep file may come through a pipe, its inputs and databases may not", "[cli]") {
    const TemporaryFolder folder;
    const std::string sweep = "[sweep]\nobjectives = lut\n[run]\nsteps = 5\ntrace = " + kTrace + "\nmodel = ";
    const Fifo good(folder, "s.ini", sweep + kModel + "\n");
    run({"sweep", good.path, "--db", folder / "s.db"});
    const Fifo model(folder, "m.onnx", file_text(kModel));
    const Fifo bad(folder, "b.ini", sweep + model.path + "\n");
    const Outcome refused = run_bru({"sweep", bad.path, "--db", folder / "b.db"}, "", kSecondsUntilHung);
    CHECK(refused.status == 2);
    CHECK_THAT(refused.err, ContainsSubstring("run.model = " + model.path + ": is a pipe"));
    const Fifo database(folder, "p.db", file_text(folder / "s.db"));
    const Outcome report =
        run_bru({"report", database.path, "--out", folder / "p.html"}, folder.path, kSecondsUntilHung);
    CHECK(report.status == 2);
    CHECK_THAT(report.err, ContainsSubstring(database.path));
}

TEST_CASE("a device in the place of a file is refused, and /dev/null is an empty one", "[cli]") {
    for (const char* option : {"--config", "--trace"}) {
        const Outcome refused = run_bru({"run", "--model", kModel, option, "/dev/zero"}, "", kSecondsUntilHung);
        CHECK(refused.status == 2);
        CHECK_THAT(refused.err, ContainsSubstring("/dev/zero: is a device or a terminal"));
    }
    run({"run", "--model", kModel, "--trace", kTrace, "--steps", "5", "--config", "/dev/null"});
}
