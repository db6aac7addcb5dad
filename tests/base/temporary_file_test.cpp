// Are data that were put aside read back whole, and is it said where there is no room for them?
#include "support/catch.hpp"

#include <csignal>
#include <cstdlib>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/temporary_file.hpp"
#include "support/temporary_folder.hpp"

using namespace bru;
using bru::testing::TemporaryFolder;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string content(TemporaryFile& file) {
    std::string all;
    file.rewind();
    for (std::string_view block = file.next_block(); !block.empty(); block = file.next_block()) all += block;
    return all;
}

/// TMPDIR while it lives.
struct TemporaryDirectory {
    explicit TemporaryDirectory(const std::string& path) { ::setenv("TMPDIR", path.c_str(), 1); }
    ~TemporaryDirectory() { ::unsetenv("TMPDIR"); }
};

} // namespace

TEST_CASE("what was written to a temporary file is read back, more than once, and the file has no name") {
    const TemporaryFolder folder;
    const TemporaryDirectory directory(folder.path());
    TemporaryFile file;
    std::string expected;
    for (int line = 0; line < 30'000; ++line) {
        const std::string text = "line " + std::to_string(line) + "\n";
        file.write(text);
        expected += text;
    }
    CHECK(content(file) == expected);
    CHECK(content(file) == expected);
    CHECK(folder.names().empty());
}

TEST_CASE("temporary files are made where TMPDIR says, and an error names that folder and the remedy") {
    const TemporaryDirectory directory("/nowhere/at/all");
    CHECK_THROWS_WITH(TemporaryFile(), ContainsSubstring("/nowhere/at/all: no temporary file can be made") &&
                                           ContainsSubstring("TMPDIR"));
}

TEST_CASE("a temporary file without room is an error of writing") {
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit limit{100'000, 100'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        std::signal(SIGXFSZ, SIG_IGN);
        TemporaryFile file;
        try {
            for (int block = 0; block < 100; ++block) file.write(std::string(10'000, 'x'));
        } catch (const InputError& error) {
            ::_exit(std::string(error.what()).find("/tmp: a temporary file cannot be written") == 0 ? 7 : 8);
        }
        ::_exit(9);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("a temporary file that has lost bytes is an error of reading") {
    TemporaryFile file;
    file.write(std::string(200'000, 'x'));
    file.flush();
    REQUIRE(::ftruncate(file.descriptor(), 150'000) == 0);
    CHECK_THROWS_WITH(content(file), ContainsSubstring("does not give back what was written"));
}
