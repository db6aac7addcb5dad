// What the blocks did when: events between two cycles, for timelines that people look at. The SystemC blocks, the
// DMA and the host record the cycles that they know anyway; without a Timeline none of this is done.
// Contract: events of one row (a track and its slot) do not overlap; they come in any order of cycles.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "machine/cycle.hpp"
#include "machine/cycle_class.hpp"

namespace bru {

/// The blocks. Those behind the lanes are pipelines: a row group is shown where its slices enter, one per cycle.
enum class TimelineTrack : std::uint8_t {
    sequencer,         ///< the class of every counted cycle
    dot_product_lanes, ///< passes, in the cycles in which their chunks are issued
    scale_bias,        ///< every part of a row group
    activation_lut,    ///< the gates of a row group
    cell_update,       ///< the gates of a row group, on their way to c' and h'
    state_registers,   ///< h' of a row group, being written
    stream_input,      ///< steps and loads, first to last beat transferred
    stream_output,     ///< output vectors, first to last beat transferred
    mm2s,              ///< bursts, request to last data beat; a slot for each burst that can be outstanding
    s2mm,              ///< bursts, request to response
    host,              ///< register accesses, and the latency of an interrupt that is served
    core_interrupt,    ///< the line is high
    mm2s_interrupt,
    s2mm_interrupt
};
inline constexpr std::size_t kTimelineTracks = 14;

struct TimelineTrackInfo {
    const char* process; ///< the module that holds the block
    const char* name;
};
const TimelineTrackInfo& timeline_track_info(TimelineTrack track);

/// What an event is, and with it what its fields mean. Steps are counted from 0 since the start of the inputs.
enum class TimelineKind : std::uint8_t {
    cycle_class,       ///< part: the CycleClass
    pass,              ///< all chunks of one plane of a part. number: step, count: chunks; vector, group, part, plane
    slices,            ///< slices of a row group. number: step, count: slices; vector, group, part
    vector,            ///< instead of those of its row groups, first slice to last. number: step, count: slices; vector
    input_step,        ///< number: step, count: beats
    load,              ///< part: LoadTarget, number: first word, count: beats
    output_vector,     ///< number: of the vector, from 0; count: beats
    burst,             ///< number: address, count: bytes, group: cycles from the request to the first data beat
    register_write,    ///< number: value, group: address; part: 0 the core, 1 the DMA
    register_read,     ///< the same
    interrupt_latency, ///< from the interrupt to the software's first instruction
    interrupt
};
/// "cycle_class", "pass", ...
const char* timeline_kind_name(TimelineKind kind);

/// What the blocks behind the lanes show: each row group, or each vector, which is a fraction of the events.
enum class TimelineDetail { row_groups, vectors };

/// In the cycles [begin, end), never empty.
struct TimelineEvent {
    Cycle begin = 0;
    Cycle end = 0;
    std::uint64_t number = 0;
    std::uint32_t count = 0;
    std::uint32_t group = 0;
    TimelineTrack track = TimelineTrack::sequencer;
    TimelineKind kind = TimelineKind::cycle_class;
    std::uint8_t slot = 0;   ///< row of the track
    std::uint8_t vector = 0; ///< descriptor: index into Timeline::vectors
    std::uint8_t part = 0;   ///< 0: x, 1: h
    std::uint8_t plane = 0;  ///< the top one first, so that it counts down to 0
};

/// A layer direction or the dense layer, in the order of the descriptors.
struct TimelineVector {
    std::string name;                         ///< "layer 0", "layer 0 reverse", "dense"
    std::array<std::uint32_t, 2> planes = {}; ///< of part x and part h
};

struct TimelineWindow {
    Cycle begin = 0;
    Cycle end = 0;
};

class Timeline {
public:
    static constexpr std::size_t kMostEvents = 1'000'000; ///< 40 bytes each
    static constexpr Cycle kNoEnd = ~Cycle{0};

    /// Events are cut to [begin, end), in cycles from the start of the simulation. Beyond `most_events` it keeps
    /// nothing.
    explicit Timeline(Cycle begin = 0, Cycle end = kNoEnd, TimelineDetail detail = TimelineDetail::row_groups,
                      std::size_t most_events = kMostEvents)
        : begin_(begin), end_(end), detail_(detail), most_events_(most_events) {
        events_.reserve(most_events); // memory is taken where it is touched
    }

    TimelineDetail detail() const { return detail_; }
    Cycle begin() const { return begin_; }
    /// The window's end, or the simulation's where that came before.
    Cycle end() const { return end_; }
    void ends_at(Cycle cycle) { end_ = std::max(begin_, std::min(end_, cycle)); }

    bool wants(Cycle from, Cycle to) const { return from < end_ && to > begin_ && from < to; }
    void record(const TimelineEvent& event) {
        if (!wants(event.begin, event.end)) return;
        if (events_.size() == most_events_) {
            full_ = true;
            return;
        }
        events_.push_back(event);
        events_.back().begin = std::max(event.begin, begin_);
        events_.back().end = std::min(event.end, end_);
    }

    /// In the order of recording: by time within a row, not between rows.
    const std::vector<TimelineEvent>& events() const { return events_; }
    /// Events were left out: there are more than it keeps.
    bool full() const { return full_; }
    std::size_t most_events() const { return most_events_; }

    /// What a viewer writes on the event: "state_wait", "layer 0 h group 3", "dense x group 1 plane 5", "write 64 B".
    std::string name(const TimelineEvent& event) const;
    void append_name(std::string& text, const TimelineEvent& event) const; ///< the same behind `text`

    /// The cycles from the first chunk of step `first` to that of step `first + steps`: what a picture of so many steps
    /// shows. nullopt where one of them was not recorded. For networks without reverse layers.
    std::optional<TimelineWindow> step_window(std::uint64_t first, std::uint64_t steps) const;

    std::vector<TimelineVector> vectors; ///< set by simulate()

private:
    Cycle begin_;
    Cycle end_;
    TimelineDetail detail_;
    std::size_t most_events_;
    bool full_ = false;
    std::vector<TimelineEvent> events_;
};

} // namespace bru
