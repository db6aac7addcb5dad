// Is a file whole or not there, and does it replace exactly the file that was named?
#include "support/catch.hpp"

#include <csignal>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/output_file.hpp"
#include "support/temporary_folder.hpp"

using namespace bru;
using bru::testing::TemporaryFolder;
using Catch::Matchers::ContainsSubstring;
using Names = std::vector<std::string>;

namespace {

void write(const std::string& path, const std::string& text) {
    OutputFile file(path);
    file.write(text);
    file.commit();
}

mode_t permissions(const std::string& path) {
    struct stat status = {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 0777U;
}

} // namespace

TEST_CASE("an older file stays until commit, and without it") {
    const TemporaryFolder folder;
    folder.write("a", "old");
    {
        OutputFile file(folder / "a");
        file.write("new");
        file.flush();
        CHECK(folder.read("a") == "old");
        CHECK(folder.names().size() == 2);
    }
    CHECK(folder.names() == Names{"a"});
    CHECK(folder.read("a") == "old");
    write(folder / "a", "new");
    CHECK(folder.names() == Names{"a"});
    CHECK(folder.read("a") == "new");
}

TEST_CASE("a link planted beside the file is not followed") {
    const TemporaryFolder folder;
    folder.write("precious", "precious");
    for (const std::string& name : Names{"a.partial", "a.partial-" + std::to_string(::getpid())})
        REQUIRE(::symlink((folder / "precious").c_str(), (folder / name).c_str()) == 0);
    write(folder / "a", "new");
    CHECK(folder.read("precious") == "precious");
    CHECK(folder.read("a") == "new");
}

TEST_CASE("a replaced file keeps its permissions, and a new one gets those of the umask") {
    const TemporaryFolder folder;
    const mode_t before = ::umask(022);
    for (const mode_t mode : {0600U, 0640U, 0664U, 0755U}) {
        folder.write("a", "old");
        REQUIRE(::chmod((folder / "a").c_str(), mode) == 0);
        write(folder / "a", "new");
        CHECK(permissions(folder / "a") == mode);
    }
    write(folder / "b", "new");
    CHECK(permissions(folder / "b") == 0644U);
    ::umask(077);
    write(folder / "c", "new");
    CHECK(permissions(folder / "c") == 0600U);
    ::umask(before);
}

TEST_CASE("the content of a private file is private while it is written") {
    const TemporaryFolder folder;
    folder.write("a", "old");
    REQUIRE(::chmod((folder / "a").c_str(), 0600) == 0);
    OutputFile file(folder / "a");
    CHECK(permissions(file.written_path()) == 0600U);
}

TEST_CASE("a symbolic link stays, and the file that it names is replaced; a link to nothing is refused") {
    const TemporaryFolder folder;
    folder.write("target", "old");
    REQUIRE(::symlink("target", (folder / "link").c_str()) == 0);
    write(folder / "link", "new");
    CHECK(folder.read("target") == "new");
    CHECK(std::filesystem::is_symlink(folder / "link"));
    REQUIRE(::symlink("absent", (folder / "dangling").c_str()) == 0);
    CHECK_THROWS_WITH(write(folder / "dangling", "new"),
                      ContainsSubstring("dangling: is a symbolic link to a file that is not there"));
    CHECK(folder.names() == Names{"dangling", "link", "target"});
}

TEST_CASE("a name of 255 bytes can be written") {
    const TemporaryFolder folder;
    const std::string name(255, 'n');
    write(folder / name, "new");
    CHECK(folder.read(name) == "new");
}

TEST_CASE("a file that may not grow is an error that leaves the older file") {
    const TemporaryFolder folder;
    folder.write("a", "old");
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit limit{4096, 4096};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        std::signal(SIGXFSZ, SIG_IGN); // as catch_interrupts does
        try {
            write(folder / "a", std::string(1 << 20, 'x'));
        } catch (const InputError& error) {
            ::_exit(std::string(error.what()).find("a: writing failed: File too large") != std::string::npos ? 7 : 8);
        }
        ::_exit(9);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WEXITSTATUS(status) == 7);
}
