// A timeline as a trace-event file (JSON), which ui.perfetto.dev and chrome://tracing open.
#pragma once

#include <string>
#include <vector>

#include "observe/timeline.hpp"

namespace bru {

/// What the file says about itself, under "otherData".
struct TimelineSubject {
    std::string model;
    std::string trace;
    double clock_mhz = 0;
};

/// Blocks are threads of the modules that hold them; bursts that may be outstanding at once have a thread each, and a
/// counter says how many are. Each core of a chip has modules of its own, named after it. Times are microseconds from
/// the start of the simulation, to the nanosecond; args have the exact `cycle` and `cycles`. Throws InputError where
/// the file can't be written.
void write_timeline(const std::string& path, const std::vector<const Timeline*>& cores, const TimelineSubject& subject);

} // namespace bru
