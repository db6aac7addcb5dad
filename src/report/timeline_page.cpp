#include "report/timeline_page.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace bru {

namespace {

constexpr Cycle kWithoutSteps = 2000; ///< cycles shown where steps do not tell what to show

/// A track and its slot.
struct Row {
    std::size_t core = 0;
    TimelineTrack track = TimelineTrack::sequencer;
    std::uint8_t slot = 0;

    bool operator<(const Row& other) const {
        return std::tie(core, track, slot) < std::tie(other.core, other.track, other.slot);
    }
};

TimelineWindow first_work(const std::vector<const Timeline*>& cores) {
    Cycle begin = cores.front()->end();
    for (const Timeline* const timeline : cores)
        for (const TimelineEvent& event : timeline->events())
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

nlohmann::ordered_json timeline_page_json(const std::string& title, const std::vector<const Timeline*>& cores,
                                          double clock_mhz, const std::optional<TimelineWindow>& window) {
    const TimelineWindow shown = window ? *window : first_work(cores);
    std::map<Row, int> rows; // in the order of cores and tracks
    for (std::size_t core = 0; core < cores.size(); ++core)
        for (const TimelineEvent& event : cores[core]->events())
            if (is_within(event, shown)) rows[{core, event.track, event.slot}] = 0;
    nlohmann::ordered_json json = {{"title", title}, {"clock_mhz", clock_mhz}};
    json["tracks"] = nlohmann::ordered_json::array();
    int count = 0;
    for (auto& [row, number] : rows) {
        const std::string of_core = cores.size() > 1 ? fmt::format("core {} ", row.core) : "";
        const std::string name = of_core + timeline_track_info(row.track).name;
        json["tracks"].push_back(row.slot == 0 ? name : fmt::format("{} {}", name, row.slot + 1));
        number = count++;
    }
    json["events"] = nlohmann::ordered_json::array();
    for (std::size_t core = 0; core < cores.size(); ++core)
        for (const TimelineEvent& event : cores[core]->events()) {
            if (!is_within(event, shown)) continue;
            json["events"].push_back({{"track", rows[{core, event.track, event.slot}]},
                                      {"name", cores[core]->name(event)},
                                      {"begin", std::max(event.begin, shown.begin) - shown.begin},
                                      {"end", std::min(event.end, shown.end) - shown.begin},
                                      {"class", class_of(event)}});
        }
    return json;
}

} // namespace bru
