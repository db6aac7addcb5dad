// Ctrl-C and SIGTERM end a long run between two steps, so that every writer's destructor removes what is half
// written. A second signal ends the program at once.
#pragma once

#include <stdexcept>

namespace bru {

/// Thrown where work notices the signal.
class Interrupted : public std::runtime_error {
public:
    Interrupted() : std::runtime_error("interrupted") {}
};

void catch_interrupts();
bool interrupted();

} // namespace bru
