// --timeline FILE [--window FROM:TO]: what the blocks of a run did when, as a trace-event file.
#pragma once

#include <memory>
#include <string>

#include "cli/command.hpp"
#include "observe/timeline.hpp"
#include "run/run.hpp"

namespace bru::cli {

class TimelineRecording {
public:
    /// Throws InputError where the window is malformed, or the core is one that does not record.
    explicit TimelineRecording(const Arguments& arguments);

    /// For RunObservers; nullptr where no timeline is wanted.
    Timeline* timeline() const { return timeline_.get(); }
    /// Throws InputError as soon as there are more events than a timeline keeps.
    void check_room() const;
    /// Writes the file; says so where the run ended before the window began.
    void write(const Run& run) const;

private:
    std::string path_;
    std::unique_ptr<Timeline> timeline_;
};

} // namespace bru::cli
