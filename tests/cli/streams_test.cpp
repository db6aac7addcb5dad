// Does the exit status tell the truth where standard output or standard error is closed or full?
#include "support/catch.hpp"

#include <cstdlib>
#include <sys/wait.h>

#include "cli/process.hpp"

using namespace bru::test;

namespace {

/// The exit status of `bru` with these words and redirections, as a shell reads them.
int status_of(const std::string& words, const TemporaryFolder& folder) {
    const std::string command = "cd '" + folder.path + "' && " + BRU_BINARY_DIR "/bru " + words;
    const int status = std::system(("timeout 60 sh -c \"" + command + "\"").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

TEST_CASE("an error ends with status 2 where standard error is closed or full") {
    const TemporaryFolder folder;
    CHECK(status_of("run --model absent.onnx 2>&-", folder) == 2);
    CHECK(status_of("run --model absent.onnx 2>/dev/full", folder) == 2);
    CHECK(status_of("2>/dev/full", folder) == 2); // the help text goes there
}

TEST_CASE("a message that cannot be written changes nothing") {
    const TemporaryFolder folder;
    // It says how it counts memories whose depth is open.
    CHECK(status_of("resources >/dev/null 2>/dev/full", folder) == 0);
    CHECK(status_of("resources >/dev/null 2>&-", folder) == 0);
}

TEST_CASE("results that cannot be printed are an error") {
    const TemporaryFolder folder;
    for (const char* const words : {"--version", "--help", "resources", "run --help"}) {
        INFO(words);
        CHECK(status_of(std::string(words) + " >/dev/full 2>/dev/null", folder) == 2);
        CHECK(status_of(std::string(words) + " >&- 2>/dev/null", folder) == 2);
    }
    status_of("resources >/dev/full 2>message", folder);
    CHECK_THAT(file_text(folder / "message"),
               Catch::Matchers::ContainsSubstring("bru: error: standard output could not be written"));
}

TEST_CASE("a file that is written does not take the place of a closed standard output") {
    const TemporaryFolder folder;
    CHECK(status_of("resources --json r.json >&- 2>/dev/null", folder) == 2);
    CHECK(status_of("resources --json expected.json >/dev/null", folder) == 0);
    CHECK(file_text(folder / "r.json") == file_text(folder / "expected.json"));
}

TEST_CASE("a report on /dev/stdout stands among what else is printed") {
    const TemporaryFolder folder;
    CHECK(status_of("resources --json /dev/stdout >all", folder) == 0);
    CHECK(status_of("resources >printed", folder) == 0);
    CHECK(status_of("resources --json r.json >/dev/null", folder) == 0);
    const std::string all = file_text(folder / "all");
    CHECK(all.find(file_text(folder / "printed")) != std::string::npos);
    CHECK(all.find(file_text(folder / "r.json")) != std::string::npos);
}

TEST_CASE("temporary files go where TMPDIR says") {
    const TemporaryFolder folder;
    const std::string trace = "trace --model warpeace_h256.onnx --sample 20 --out t.trace";
    CHECK(status_of(trace, folder) == 0);
    const std::string golden = file_text(folder / "t.trace.golden");
    ::setenv("TMPDIR", "/nowhere", 1);
    CHECK(status_of("trace --model warpeace_h256.onnx --sample 30 --out t.trace 2>message", folder) == 2);
    ::unsetenv("TMPDIR");
    CHECK_THAT(file_text(folder / "message"), Catch::Matchers::ContainsSubstring("/nowhere: no temporary file"));
    CHECK(file_text(folder / "t.trace.golden") == golden);
}
