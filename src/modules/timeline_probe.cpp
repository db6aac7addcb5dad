#include "modules/timeline_probe.hpp"

#include <algorithm>

namespace bru {

void TimelineProbe::parts_enter(const RowGroupRun& run) {
    const int last_part = run.descriptor->part_count() - 1;
    const auto latency = static_cast<Cycle>(run.latency_cycles);
    for (int g = 0; g < run.group_count; ++g) {
        const int group = run.first_group + g;
        if (last_part > 0)
            record(TimelineTrack::scale_bias, run, group, run.first_part_begin_cycles[g] + latency, 0,
                   shape_.slices_per_group);
        record(TimelineTrack::scale_bias, run, group, run.begin_cycles[g] + latency, last_part,
               shape_.slices_per_group);
    }
    finish_vector(run);
}

void TimelineProbe::slices_enter(TimelineTrack track, const RowGroupRun& run) {
    for (int g = 0; g < run.group_count; ++g)
        record(track, run, run.first_group + g, run.begin_cycles[g] + static_cast<Cycle>(run.latency_cycles), 0,
               shape_.slices_per_group);
    finish_vector(run);
}

void TimelineProbe::units_enter(TimelineTrack track, const RowGroupRun& run) {
    for (int g = 0; g < run.group_count; ++g) {
        const int group = run.first_group + g;
        const int units = static_cast<int>(run.descriptor->size) - group * shape_.units_per_group;
        const int slices = (std::min(units, shape_.units_per_group) + shape_.update_width - 1) / shape_.update_width;
        record(track, run, group, run.begin_cycles[g] + static_cast<Cycle>(run.latency_cycles), 0, slices);
    }
    finish_vector(run);
}

void TimelineProbe::record(TimelineTrack track, const RowGroupRun& run, int group, Cycle begin, int part, int slices) {
    TimelineEvent event;
    event.track = track;
    event.begin = begin;
    event.end = begin + static_cast<Cycle>(slices);
    event.number = run.input_step;
    event.count = static_cast<std::uint32_t>(slices);
    event.vector = static_cast<std::uint8_t>(run.descriptor_index);
    if (timeline_->detail() == TimelineDetail::row_groups) {
        event.kind = TimelineKind::slices;
        event.group = static_cast<std::uint32_t>(group);
        event.part = static_cast<std::uint8_t>(part);
        timeline_->record(event);
        return;
    }
    event.kind = TimelineKind::vector;
    if (vector_.count > 0) {
        event.begin = vector_.begin;
        event.count += vector_.count;
    }
    vector_ = event;
}

void TimelineProbe::finish_vector(const RowGroupRun& run) {
    if (!run.vector_ends || vector_.count == 0) return;
    timeline_->record(vector_);
    vector_ = {};
}

} // namespace bru
