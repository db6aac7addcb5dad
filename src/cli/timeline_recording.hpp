// --timeline FILE [--window FROM:TO]: what the blocks of a run did when, as a trace-event file.
#pragma once

#include <optional>
#include <string>

#include "cli/command.hpp"
#include "cli/core_timelines.hpp"
#include "run/run.hpp"

namespace bru::cli {

class TimelineRecording {
public:
    /// Throws InputError where the window is malformed, or the core is one that does not record.
    TimelineRecording(const Arguments& arguments, std::size_t cores);

    /// Every core records, where a timeline is wanted.
    void observe(RunObservers& observers);
    /// Throws InputError as soon as there are more events than a timeline keeps.
    void check_room() const;
    /// Writes the file; says so where the run ended before the window began.
    void write(const Run& run) const;

private:
    std::string path_;
    std::optional<CoreTimelines> timelines_;
};

} // namespace bru::cli
