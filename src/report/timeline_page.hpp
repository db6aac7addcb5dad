// A window of a timeline as the page of `bru report` draws it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "observe/timeline.hpp"

namespace bru {

/// Of each core of a chip, in their order; with several, the names of rows begin with that of the core.
/// `title`, `clock_mhz`, `tracks` (names of the rows that have an event), `events`: track, name, begin and end in
/// cycles from the window's begin, class ("" where the event is of no cycle class). Without a window: the first cycles
/// in which chunks are issued.
nlohmann::ordered_json timeline_page_json(const std::string& title, const std::vector<const Timeline*>& cores,
                                          double clock_mhz, const std::optional<TimelineWindow>& window);

} // namespace bru
