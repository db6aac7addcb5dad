// A program that is started, waited for, and whose standard output is wanted.
#pragma once

#include <string>
#include <vector>

namespace bru {

struct SubprocessResult {
    int status = 0; ///< exit status, or 128 + signal
    std::string output;
};

/// Standard input is empty, standard error is this process's. Throws InputError where it can't be started, Interrupted
/// where Ctrl-C came in the meantime (it reaches the program too).
SubprocessResult run_program_for_output(const std::string& path, const std::vector<std::string>& words);

} // namespace bru
