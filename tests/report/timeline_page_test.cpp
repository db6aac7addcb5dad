// Does the page's timeline show what lies in its window, in rows of their own, and nothing else?
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include "report/timeline_page.hpp"

namespace bru {

namespace {

TimelineEvent event(TimelineTrack track, TimelineKind kind, Cycle begin, Cycle end, std::uint8_t part = 0,
                    std::uint8_t slot = 0) {
    TimelineEvent made;
    made.track = track;
    made.kind = kind;
    made.begin = begin;
    made.end = end;
    made.part = part;
    made.slot = slot;
    return made;
}

Timeline small_timeline() {
    Timeline timeline;
    timeline.vectors = {{"layer 0", {1, 1}}};
    timeline.record(event(TimelineTrack::sequencer, TimelineKind::cycle_class, 0, 100,
                          static_cast<std::uint8_t>(CycleClass::weight_load)));
    timeline.record(event(TimelineTrack::sequencer, TimelineKind::cycle_class, 100, 130,
                          static_cast<std::uint8_t>(CycleClass::state_wait)));
    timeline.record(event(TimelineTrack::dot_product_lanes, TimelineKind::pass, 110, 120));
    timeline.record(event(TimelineTrack::mm2s, TimelineKind::burst, 115, 140, 0, 1));
    timeline.record(event(TimelineTrack::host, TimelineKind::register_write, 10, 20));
    timeline.ends_at(200);
    return timeline;
}

} // namespace

TEST_CASE("events are cut to the window and counted from its begin") {
    const Timeline small = small_timeline();
    const auto json = timeline_page_json("Default", {&small}, 200, TimelineWindow{105, 125});
    CHECK(json["title"] == "Default");
    CHECK(json["tracks"].size() == 3); // the host did nothing in the window
    CHECK(json["tracks"][0] == "sequencer");
    REQUIRE(json["events"].size() == 3);
    CHECK(json["events"][0]["class"] == "state_wait");
    CHECK(json["events"][0]["begin"] == 0);
    CHECK(json["events"][0]["end"] == 20);
    CHECK(json["events"][1]["class"] == "compute");
    CHECK(json["events"][1]["begin"] == 5);
    CHECK(json["events"][2]["class"] == "");
    CHECK(json["events"][2]["end"] == 20);
    const std::string burst_row = json["tracks"][2];
    CHECK(burst_row.back() == '2'); // the second of the bursts under way at once
}

TEST_CASE("without a window the first work of the lanes is shown") {
    const Timeline small = small_timeline();
    const auto json = timeline_page_json("Run", {&small}, 200, std::nullopt);
    CHECK(json["events"][0]["class"] == "state_wait"); // weight_load ended before the first pass, in cycle 110
    CHECK(json["events"][1]["begin"] == 0);
}

TEST_CASE("several cores have rows of their own, one core after the other") {
    const Timeline small = small_timeline();
    const Timeline empty;
    const auto json = timeline_page_json("Chip", {&small, &empty, &small}, 200, TimelineWindow{105, 125});
    REQUIRE(json["tracks"].size() == 6);
    CHECK(json["tracks"][0] == "core 0 sequencer");
    CHECK(json["tracks"][3] == "core 2 sequencer");
    REQUIRE(json["events"].size() == 6);
    CHECK(json["events"][3]["track"] == 3);
    CHECK(json["events"][3]["class"] == "state_wait");
}

TEST_CASE("an empty timeline is a timeline without rows") {
    const Timeline empty;
    const auto json = timeline_page_json("Run", {&empty}, 200, std::nullopt);
    CHECK(json["tracks"].empty());
    CHECK(json["events"].empty());
}

} // namespace bru
