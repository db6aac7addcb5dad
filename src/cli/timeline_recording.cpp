#include "cli/timeline_recording.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "cli/shared_options.hpp"
#include "cli/window.hpp"
#include "report/text.hpp"
#include "report/timeline_file.hpp"

namespace bru::cli {

TimelineRecording::TimelineRecording(const Arguments& arguments) : path_(arguments.text_or("timeline", "")) {
    const std::optional<Window> window = window_from(arguments);
    if (path_.empty()) return;
    // A whole run is mostly row groups behind the lanes, all alike: shown by vector, the file is less than half as
    // long.
    timeline_ = window ? std::make_unique<Timeline>(window->from, window->to)
                       : std::make_unique<Timeline>(0, Timeline::kNoEnd, TimelineDetail::vectors);
}

void TimelineRecording::check_room() const {
    if (!timeline_ || !timeline_->full()) return;
    throw InputError(
        {"--timeline " + path_},
        fmt::format("more than {} events by cycle {}, which is what a timeline holds; show part of the run with "
                    "--window FROM:TO, in cycles from the start of the simulation, or run fewer --steps",
                    grouped(timeline_->most_events()), timeline_->events().back().end));
}

void TimelineRecording::write(const Run& run) const {
    if (!timeline_) return;
    check_room();
    if (timeline_->begin() == timeline_->end())
        note(fmt::format("--window begins in cycle {}, when the run was over: {} is empty; give a window that begins "
                         "before the cycle that the report calls total",
                         timeline_->begin(), path_));
    write_timeline(path_, *timeline_,
                   {run.network().name, run.specification().trace.path, run.configuration().clock_mhz});
}

} // namespace bru::cli
