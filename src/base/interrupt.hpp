// What signals do. Ctrl-C, SIGTERM and SIGHUP end a long run between two steps, so that every destructor removes what
// is half written. Work that does not notice them in time, and every other signal that ends a program, finds its
// unfinished files removed by the handler.
#pragma once

#include <chrono>
#include <stdexcept>

namespace bru {

/// Thrown where work notices the signal.
class Interrupted : public std::runtime_error {
public:
    Interrupted() : std::runtime_error("interrupted") {}
};

/// How long a program goes on after Ctrl-C before it is ended where it stands.
inline constexpr std::chrono::milliseconds kTimeToEnd{700};

/// Installs the handlers. A second Ctrl-C ends the program at once. A file that grows beyond `ulimit -f` is an error of
/// writing afterwards, and no signal.
void catch_interrupts(std::chrono::milliseconds time_to_end = kTimeToEnd);
bool interrupted();

/// For work that keeps its results when it is interrupted, and whose steps may be long.
void set_time_to_end(std::chrono::milliseconds time_to_end);

} // namespace bru
