// --vcd FILE --window FROM:TO: the core's signals of a run as a waveform file.
#pragma once

#include <memory>
#include <string>

#include "cli/command.hpp"
#include "observe/signal_trace.hpp"
#include "run/run.hpp"

namespace bru::cli {

class Waveform {
public:
    /// Throws InputError where the window is missing, malformed or too long.
    explicit Waveform(const Arguments& arguments);

    /// For RunObservers; nullptr where no waveform is wanted.
    SignalTrace* signals() const { return trace_.get(); }
    /// Writes the file; says so where the run ended before the window began.
    void write(const Run& run) const;

private:
    std::string path_;
    std::unique_ptr<SignalTrace> trace_;
};

} // namespace bru::cli
