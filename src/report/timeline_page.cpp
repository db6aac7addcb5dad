#include "report/timeline_page.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace bru {

namespace {

constexpr Cycle kWithoutSteps = 2000; ///< cycles shown where steps do not tell what to show

using Row = std::pair<TimelineTrack, std::uint8_t>; ///< a track and its slot

TimelineWindow first_work(const Timeline& timeline) {
    Cycle begin = timeline.end();
    for (const TimelineEvent& event : timeline.events())
        if (event.kind == TimelineKind::pass) begin = std::min(begin, event.begin);
    return {begin, begin + kWithoutSteps};
}

bool is_within(const TimelineEvent& event, const TimelineWindow& window) {
    return event.begin < window.end && event.end > window.begin;
}

std::string class_of(const TimelineEvent& event) {
    if (event.kind == TimelineKind::cycle_class) return cycle_class_name(static_cast<CycleClass>(event.part));
    if (event.kind == TimelineKind::pass) return cycle_class_name(CycleClass::compute);
    return "";
}

} // namespace

nlohmann::ordered_json timeline_page_json(const std::string& title, const Timeline& timeline, double clock_mhz,
                                          const std::optional<TimelineWindow>& window) {
    const TimelineWindow shown = window ? *window : first_work(timeline);
    std::map<Row, int> rows; // in the order of the tracks
    for (const TimelineEvent& event : timeline.events())
        if (is_within(event, shown)) rows[{event.track, event.slot}] = 0;
    nlohmann::ordered_json json = {{"title", title}, {"clock_mhz", clock_mhz}};
    json["tracks"] = nlohmann::ordered_json::array();
    int count = 0;
    for (auto& [row, number] : rows) {
        const std::string name = timeline_track_info(row.first).name;
        json["tracks"].push_back(row.second == 0 ? name : fmt::format("{} {}", name, row.second + 1));
        number = count++;
    }
    json["events"] = nlohmann::ordered_json::array();
    for (const TimelineEvent& event : timeline.events()) {
        if (!is_within(event, shown)) continue;
        json["events"].push_back({{"track", rows[{event.track, event.slot}]},
                                  {"name", timeline.name(event)},
                                  {"begin", std::max(event.begin, shown.begin) - shown.begin},
                                  {"end", std::min(event.end, shown.end) - shown.begin},
                                  {"class", class_of(event)}});
    }
    return json;
}

} // namespace bru
