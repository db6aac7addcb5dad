// Does a signal that ends the program leave nothing half written, and does the program end in time?
#include "support/catch.hpp"

#include <chrono>
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

#include "base/interrupt.hpp"
#include "base/output_file.hpp"
#include "support/temporary_folder.hpp"

using namespace bru;
using bru::testing::TemporaryFolder;
using Names = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

namespace {

enum class Work { waits_for_the_flag, notices_nothing };

struct Ended {
    int status = 0; ///< exit status, or 128 + signal
    double seconds = 0;
};

/// A process that has begun to write `path` gets the signal.
Ended signalled(int number, Work work, const std::string& path) {
    int ready[2] = {-1, -1};
    REQUIRE(::pipe(ready) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        std::signal(number, SIG_DFL); // a test may be run with some of them ignored, and sanitizers handle others
        catch_interrupts();
        OutputFile file(path);
        file.write("half");
        file.flush();
        if (::write(ready[1], "r", 1) != 1) ::_exit(99);
        while (work == Work::notices_nothing || !interrupted()) ::usleep(1000);
        file.~OutputFile();
        ::_exit(98);
    }
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    ::close(ready[0]);
    ::close(ready[1]);
    const auto begun = Clock::now();
    ::kill(child, number);
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            std::chrono::duration<double>(Clock::now() - begun).count()};
}

} // namespace

TEST_CASE("every signal that ends a program and can be caught removes what is half written") {
    const TemporaryFolder folder;
    folder.write("a", "old");
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU, SIGVTALRM,
                             SIGPROF, SIGIO, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS}) {
        INFO("signal " << number);
        const bool asks = number == SIGINT || number == SIGTERM || number == SIGHUP;
        CHECK(signalled(number, Work::notices_nothing, folder / "a").status == (asks ? 130 : 128 + number));
        CHECK(folder.names() == Names{"a"});
    }
    CHECK(folder.read("a") == "old");
}

TEST_CASE("work that notices the signal ends in its own way, and other work within a second") {
    const TemporaryFolder folder;
    CHECK(signalled(SIGTERM, Work::waits_for_the_flag, folder / "a").status == 98);
    CHECK(signalled(SIGTERM, Work::notices_nothing, folder / "a").seconds < 1);
    CHECK(folder.names().empty());
}
