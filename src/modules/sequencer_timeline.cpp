// The sequencer's part of a timeline (sequencer.cpp has what it does).
#include <algorithm>

#include "modules/sequencer.hpp"

namespace bru {

void Sequencer::record_timeline(Timeline& timeline) {
    timeline_ = &timeline;
    recording_ = true;
}

/// The next `chunks` chunks of the part under way as passes: a chunk a cycle from next_cycle_ on.
void Sequencer::record_passes(std::uint64_t chunks) {
    const std::uint32_t pass_chunks = part_chunks();
    Cycle cycle = next_cycle_;
    std::uint32_t issued = issued_;
    const auto end = issued_ + static_cast<std::uint32_t>(chunks);
    while (issued < end) {
        const std::uint32_t in_pass = issued % pass_chunks;
        if (in_pass == 0) pass_begin_ = cycle;
        const std::uint32_t count = std::min(pass_chunks - in_pass, end - issued);
        issued += count;
        cycle += count;
        if (issued % pass_chunks != 0) return;
        TimelineEvent pass;
        pass.track = TimelineTrack::dot_product_lanes;
        pass.kind = TimelineKind::pass;
        pass.begin = pass_begin_;
        pass.end = cycle;
        pass.number = vector_.run.input_step;
        pass.count = pass_chunks;
        pass.group = group_;
        pass.vector = static_cast<std::uint8_t>(descriptor_index_);
        pass.part = static_cast<std::uint8_t>(part_);
        pass.plane = static_cast<std::uint8_t>(part_planes() - issued / pass_chunks);
        timeline_->record(pass);
    }
}

/// The cycles from next_cycle_ to `end`; neighbours of the same class become one slice.
void Sequencer::extend_class(Cycle end, CycleClass cycle_class) {
    if (end <= next_cycle_) return;
    const bool goes_on = class_begin_ < class_end_ && class_end_ == next_cycle_ && class_ == cycle_class;
    if (!goes_on) {
        flush_class();
        class_ = cycle_class;
        class_begin_ = next_cycle_;
    }
    class_end_ = end;
}

void Sequencer::flush_class() {
    TimelineEvent event;
    event.begin = class_begin_;
    event.end = class_end_;
    event.part = static_cast<std::uint8_t>(class_);
    timeline_->record(event); // empty at first: not kept
    class_end_ = class_begin_;
}

void Sequencer::finish_timeline(Cycle end) {
    if (timeline_ == nullptr) return;
    extend_class(end, class_of_now());
    flush_class();
}

} // namespace bru
