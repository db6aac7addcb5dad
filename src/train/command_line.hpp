// bru-train's command line: what it understands comes out of the table of settings.
#pragma once

#include <string>
#include <vector>

namespace bru::train {

/// The whole program below main: dispatch, messages, exit status (0 good, 2 wrong use or input, 130 after Ctrl-C).
int run_program(const std::vector<std::string>& words);

} // namespace bru::train
