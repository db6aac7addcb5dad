// A handler sets flags, starts a timer, removes unfinished files, writes one line, and ends the program: all of them
// are allowed in a handler.
#include "base/interrupt.hpp"

#include <atomic>
#include <csignal>
#include <string_view>

#include <sys/time.h>
#include <unistd.h>

#include "base/unfinished_files.hpp"

namespace bru {

namespace {

constexpr int kStatus = 130; ///< what shells expect after an interrupt

/// They end a program that does nothing about them. A sanitizer, or who started the program, may have decided
/// otherwise.
constexpr int kOtherSignals[] = {SIGPIPE, SIGQUIT, SIGUSR1, SIGUSR2, SIGXCPU, SIGVTALRM, SIGPROF, SIGIO,
                                 SIGPWR,  SIGABRT, SIGSEGV, SIGBUS,  SIGFPE,  SIGILL,    SIGTRAP, SIGSYS};

volatile std::sig_atomic_t signal_seen = 0;
std::atomic<int> milliseconds_to_end{0};

[[noreturn]] void end_now() {
    remove_unfinished_files();
    constexpr std::string_view message = "bru: interrupted\n";
    if (::write(STDERR_FILENO, message.data(), message.size()) < 0) ::_exit(kStatus);
    ::_exit(kStatus);
}

void on_interrupt(int) {
    if (signal_seen != 0) end_now();
    signal_seen = 1;
    const int left = milliseconds_to_end;
    itimerval timer{};
    timer.it_value.tv_sec = left / 1000;
    timer.it_value.tv_usec = suseconds_t{left % 1000} * 1000;
    ::setitimer(ITIMER_REAL, &timer, nullptr);
}

/// The timer of on_interrupt, or an alarm that another program has set.
void on_alarm(int) {
    if (signal_seen != 0) end_now();
    remove_unfinished_files();
    std::signal(SIGALRM, SIG_DFL);
    std::raise(SIGALRM);
}

void on_other_signal(int number) {
    remove_unfinished_files();
    std::signal(number, SIG_DFL);
    std::raise(number); // ends the program when this handler returns
}

void handle(int number, void (*handler)(int), bool even_if_ignored = false) {
    struct sigaction action = {};
    if (sigaction(number, nullptr, &action) != 0) return;
    if (action.sa_handler != SIG_DFL && !(even_if_ignored && action.sa_handler == SIG_IGN)) return;
    action = {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, nullptr);
}

} // namespace

void catch_interrupts(std::chrono::milliseconds time_to_end) {
    set_time_to_end(time_to_end);
    handle(SIGINT, on_interrupt, true); // also of a program that a shell has started in the background
    handle(SIGTERM, on_interrupt, true);
    handle(SIGHUP, on_interrupt); // nohup ignores it
    handle(SIGALRM, on_alarm);
    for (const int number : kOtherSignals) handle(number, on_other_signal);
    std::signal(SIGXFSZ, SIG_IGN);
}

bool interrupted() { return signal_seen != 0; }

void set_time_to_end(std::chrono::milliseconds time_to_end) {
    milliseconds_to_end = static_cast<int>(time_to_end.count());
}

} // namespace bru
