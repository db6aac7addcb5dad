#include "observe/timeline_observer.hpp"

#include <algorithm>

#include "base/enumeration.hpp"
#include "base/integers.hpp"
#include "machine/core_shape.hpp"
#include "machine/registers.hpp"

namespace bru {

namespace {

TimelineTrack track_of(PipelineStage stage) {
    switch (stage) {
    case PipelineStage::scale_bias: return TimelineTrack::scale_bias;
    case PipelineStage::activation_lut: return TimelineTrack::activation_lut;
    case PipelineStage::cell_update: return TimelineTrack::cell_update;
    case PipelineStage::state_registers: return TimelineTrack::state_registers;
    case PipelineStage::stream_output: break;
    }
    return TimelineTrack::stream_output;
}

} // namespace

TimelineObserver::TimelineObserver(const CoreShape& shape, Timeline& timeline) : shape_(shape), timeline_(timeline) {
    output_.track = TimelineTrack::stream_output;
    output_.kind = TimelineKind::output_vector;
}

void TimelineObserver::finish() {
    finish_class();
    finish_input();
}

// ---------------------------------------------------------------- sequencer

/// Neighbours of the same class become one event.
void TimelineObserver::cycles_classified(CycleClass cycle_class, Cycle begin, Cycle end) {
    const auto part = static_cast<std::uint8_t>(cycle_class);
    const bool goes_on = class_.begin < class_.end && class_.end == begin && class_.part == part;
    if (!goes_on) {
        finish_class();
        class_.begin = begin;
        class_.part = part;
    }
    class_.end = end;
}

void TimelineObserver::finish_class() {
    timeline_.record(class_); // an empty event is not kept
    class_.begin = class_.end;
}

/// A pass is one event, from its first chunk to its last.
void TimelineObserver::chunks_issued(const IssuedChunks& chunks) {
    Cycle cycle = chunks.cycle;
    std::uint32_t issued = chunks.first;
    const std::uint32_t end = chunks.first + chunks.count;
    while (issued < end) {
        const std::uint32_t in_pass = issued % chunks.part_chunks;
        if (in_pass == 0) pass_begin_ = cycle;
        const std::uint32_t count = std::min(chunks.part_chunks - in_pass, end - issued);
        issued += count;
        cycle += count;
        if (issued % chunks.part_chunks != 0) return;
        TimelineEvent pass;
        pass.track = TimelineTrack::dot_product_lanes;
        pass.kind = TimelineKind::pass;
        pass.begin = pass_begin_;
        pass.end = cycle;
        pass.number = chunks.vector.input_step;
        pass.count = chunks.part_chunks;
        pass.group = chunks.group;
        pass.vector = static_cast<std::uint8_t>(chunks.vector.descriptor_index);
        pass.part = static_cast<std::uint8_t>(chunks.part);
        pass.plane = static_cast<std::uint8_t>(chunks.part_planes - issued / chunks.part_chunks);
        timeline_.record(pass);
    }
}

void TimelineObserver::part_issued(const IssuedPart& part) {
    if (part.part != 0) return;
    std::vector<Cycle>& begins = first_part_begins_[part.vector.descriptor_index];
    begins.resize(std::max<std::size_t>(begins.size(), part.group + 1));
    begins[part.group] = part.begin;
}

// ---------------------------------------------------------------- the pipeline

void TimelineObserver::slices_enter(PipelineStage stage, const RowGroupRun& run) {
    if (stage == PipelineStage::stream_output) return; // logits: shown by the beats that leave
    const TimelineTrack track = track_of(stage);
    if (stage == PipelineStage::scale_bias)
        parts_enter(run);
    else
        groups_enter(track, run, stage != PipelineStage::activation_lut);
    TimelineEvent& vector = vectors_[index_of(track)];
    if (!run.vector_ends || vector.count == 0) return;
    timeline_.record(vector);
    vector = {};
}

/// The stage takes all slices of each group, or those that hold units.
void TimelineObserver::groups_enter(TimelineTrack track, const RowGroupRun& run, bool units_only) {
    const int size = run.descriptor->size;
    for (int g = 0; g < run.group_count; ++g) {
        const int group = run.first_group + g;
        const int units = std::min(size - group * shape_.units_per_group, shape_.units_per_group);
        const int unit_slices = (units + shape_.update_width - 1) / shape_.update_width;
        record_slices(track, run, group, run.begin_cycles[g] + run.latency_cycles, 0,
                      units_only ? unit_slices : shape_.slices_per_group);
    }
}

/// scale_bias takes the slices of all parts.
void TimelineObserver::parts_enter(const RowGroupRun& run) {
    const int last_part = run.descriptor->part_count() - 1;
    const std::vector<Cycle>& first_begins = first_part_begins_[run.descriptor_index];
    for (int g = 0; g < run.group_count; ++g) {
        const int group = run.first_group + g;
        if (last_part > 0)
            record_slices(TimelineTrack::scale_bias, run, group, first_begins[group] + run.latency_cycles, 0,
                          shape_.slices_per_group);
        record_slices(TimelineTrack::scale_bias, run, group, run.begin_cycles[g] + run.latency_cycles, last_part,
                      shape_.slices_per_group);
    }
}

void TimelineObserver::record_slices(TimelineTrack track, const RowGroupRun& run, int group, Cycle begin, int part,
                                     int slices) {
    TimelineEvent event;
    event.track = track;
    event.begin = begin;
    event.end = begin + slices;
    event.number = run.input_step;
    event.count = slices;
    event.vector = static_cast<std::uint8_t>(run.descriptor_index);
    if (timeline_.detail() == TimelineDetail::row_groups) {
        event.kind = TimelineKind::slices;
        event.group = group;
        event.part = static_cast<std::uint8_t>(part);
        timeline_.record(event);
        return;
    }
    event.kind = TimelineKind::vector;
    TimelineEvent& vector = vectors_[index_of(track)];
    if (vector.count > 0) {
        event.begin = vector.begin;
        event.count += vector.count;
    }
    vector = event;
}

// ---------------------------------------------------------------- the streams

/// A step or a load is one event, from its first beat to its last.
void TimelineObserver::beat_accepted(const InputBeat& beat) {
    if (beat.header) finish_input();
    if (input_.count++ == 0) {
        input_.track = TimelineTrack::stream_input;
        input_.kind = beat.target == LoadTarget::run ? TimelineKind::input_step : TimelineKind::load;
        input_.part = static_cast<std::uint8_t>(beat.target);
        input_.number = beat.number;
        input_.begin = beat.transferred;
    }
    input_.end = beat.transferred + 1;
}

void TimelineObserver::finish_input() {
    if (input_.count > 0) timeline_.record(input_);
    input_ = {};
}

/// A vector is one event, from its first beat to its last.
void TimelineObserver::beat_left(const OutputBeat& left) {
    if (output_.count++ == 0) output_.begin = left.transferred;
    if (!left.ends_vector) return;
    output_.end = left.transferred + 1;
    timeline_.record(output_);
    output_.count = 0;
    ++output_.number;
}

// ---------------------------------------------------------------- DMA and host

/// Each burst that can be outstanding has a row: it is requested after the end of the one before it there.
void TimelineObserver::burst_requested(const RequestedBurst& burst) {
    TimelineEvent event;
    event.track = burst.direction == DmaDirection::mm2s ? TimelineTrack::mm2s : TimelineTrack::s2mm;
    event.kind = TimelineKind::burst;
    event.begin = burst.request;
    event.end = burst.last_beat + 1;
    event.number = burst.address;
    event.count = burst.bytes;
    event.group = narrow<std::uint32_t>(burst.first_beat - burst.request);
    event.slot = static_cast<std::uint8_t>(burst.slot);
    timeline_.record(event);
}

void TimelineObserver::register_accessed(const RegisterAccess& access) {
    TimelineEvent event;
    event.track = TimelineTrack::host;
    event.kind = access.write ? TimelineKind::register_write : TimelineKind::register_read;
    event.begin = access.begin;
    event.end = access.end;
    event.number = access.value;
    event.group = access.offset;
    event.part = access.block == RegisterBlock::core ? 0 : 1;
    timeline_.record(event);
}

void TimelineObserver::interrupt_served(Cycle begin, Cycle end) {
    TimelineEvent event;
    event.track = TimelineTrack::host;
    event.kind = TimelineKind::interrupt_latency;
    event.begin = begin;
    event.end = end;
    timeline_.record(event);
}

} // namespace bru
