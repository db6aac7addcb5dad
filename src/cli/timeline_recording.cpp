#include "cli/timeline_recording.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "cli/shared_options.hpp"
#include "cli/window.hpp"
#include "report/text.hpp"
#include "report/timeline_file.hpp"

namespace bru::cli {

TimelineRecording::TimelineRecording(const Arguments& arguments, std::size_t cores)
    : path_(arguments.text_or("timeline", "")) {
    const std::optional<Window> window = window_from(arguments);
    if (path_.empty()) return;
    // A whole run is mostly row groups behind the lanes, all alike: shown by vector, the file is less than half as
    // long.
    if (window)
        timelines_.emplace(cores, window->from, window->to);
    else
        timelines_.emplace(cores, 0, Timeline::kNoEnd, TimelineDetail::vectors);
}

void TimelineRecording::observe(RunObservers& observers) {
    if (timelines_) timelines_->observe(observers);
}

void TimelineRecording::check_room() const {
    if (!timelines_) return;
    for (const Timeline* const timeline : timelines_->all())
        if (timeline->full())
            throw InputError(
                {"--timeline " + path_},
                fmt::format("more than {} events by cycle {}, which is what a timeline holds; show part of the run "
                            "with --window FROM:TO, in cycles from the start of the simulation, or run fewer --steps",
                            grouped(timeline->most_events()), timeline->events().back().end));
}

void TimelineRecording::write(const Run& run) const {
    if (!timelines_) return;
    check_room();
    const Timeline& first = *timelines_->all().front();
    if (first.begin() == first.end())
        note(fmt::format("--window begins in cycle {}, when the run was over: {} is empty; give a window that begins "
                         "before the cycle that the report calls total",
                         first.begin(), path_));
    write_timeline(path_, timelines_->all(),
                   {run.network().name, run.specification().trace.path, run.configuration().clock_mhz});
}

} // namespace bru::cli
