// --window FROM:TO: the cycles that --vcd and --timeline show, counted from the start of the simulation.
#pragma once

#include <optional>

#include "cli/command.hpp"
#include "machine/cycle.hpp"

namespace bru::cli {

/// [from, to), not empty.
struct Window {
    Cycle from = 0;
    Cycle to = 0;
};

/// nullopt where none was given. Throws InputError where it is malformed, or given without an option that it is for.
std::optional<Window> window_from(const Arguments& arguments);

} // namespace bru::cli
