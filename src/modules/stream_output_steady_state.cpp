// stream_output where no values are computed: vectors that are serialized like earlier ones (recurring_schedule.hpp).
#include <algorithm>

#include "modules/stream_output.hpp"

namespace bru {

namespace {

constexpr std::uint64_t kBeatBytes = 8;

} // namespace

/// Beats of a vector, at most.
std::uint64_t StreamOutput::most_beats(const Descriptor& descriptor) const {
    if (!descriptor.dense()) {
        const auto slices = divide_up(descriptor.size, static_cast<std::uint32_t>(shape_.update_width));
        return (slices * slice_bytes_ + 2 * kBeatBytes - 1) / kBeatBytes;
    }
    if (registers_.output_kind() == OutputKind::argmax) return 1;
    const auto rows_per_slice = static_cast<std::uint32_t>(kGates * shape_.update_width);
    return std::uint64_t{divide_up(descriptor.size, rows_per_slice)} * divide_up(rows_per_slice, 2);
}

/// Whether the beat FIFO has room for all beats of a vector in `cycle` already, so that none has to wait.
bool StreamOutput::has_room(const Descriptor& descriptor, Cycle cycle) const {
    const std::uint64_t capacity = transfer_cycles_.capacity();
    const std::uint64_t beats = most_beats(descriptor);
    if (!waiting_.empty() || beats > capacity) return false;
    if (pushed_ + beats <= capacity) return true;
    const std::uint64_t must_be_gone = pushed_ + beats - capacity - 1;
    return must_be_gone < transferred_ && transfer_cycles_[must_be_gone] < cycle;
}

bool StreamOutput::collect_waits(const Descriptor& descriptor, std::uint64_t reserved, Cycle base,
                                 std::vector<Cycle>& waits) const {
    if (finished_slices_ != reserved || !has_room(descriptor, base)) return false;
    waits.push_back(from_base(serializer_cycle_ + 1, base));
    waits.push_back(packed_end_ - packed_beat_);
    const std::uint64_t kept = std::min(finished_slices_, slice_end_cycles_.capacity());
    for (std::uint64_t slice = finished_slices_ - kept; slice < finished_slices_; ++slice)
        waits.push_back(from_base(slice_end_cycles_[slice] + 1, base));
    return true;
}

/// Serializes the run, a whole vector, with `serialize`, or as an earlier one was.
template <typename Serialize>
void StreamOutput::serialize_vector(const RowGroupRun& run, const Serialize& serialize) {
    const bool whole = !shape_.computes_values && !recording_ && run.first_group == 0 && run.vector_ends;
    const Cycle base = run.begin_cycles[0] + static_cast<Cycle>(run.latency_cycles) + 1;
    if (!whole || !pushed_beats_.empty() || !has_room(*run.descriptor, base)) {
        serialize();
        return;
    }
    waits_.clear();
    waits_.push_back(from_base(serializer_cycle_ + 1, base));
    waits_.push_back(packed_end_ - packed_beat_);
    for (int group = 0; group < run.group_count; ++group)
        waits_.push_back(run.begin_cycles[group] - run.begin_cycles[0]);
    RecurringSchedules<SerialSchedule>& known = schedules_[static_cast<std::size_t>(run.descriptor_index)];
    if (const SerialSchedule* const schedule = known.find(waits_)) {
        serialize_as_before(run, *schedule, base);
        return;
    }
    const std::uint64_t first_slice = finished_slices_;
    serialize();
    SerialSchedule schedule;
    schedule.waits = waits_;
    for (const StreamBeat& beat : pushed_beats_) schedule.beats_valid.push_back(beat.valid_cycle - base);
    schedule.slices = finished_slices_ - first_slice;
    const std::uint64_t kept = std::min(schedule.slices, slice_end_cycles_.capacity());
    for (std::uint64_t slice = finished_slices_ - kept; slice < finished_slices_; ++slice)
        schedule.slice_ends.push_back(slice_end_cycles_[slice] - base);
    schedule.serializer = serializer_cycle_ - base;
    known.add(std::move(schedule));
}

void StreamOutput::serialize_as_before(const RowGroupRun& run, const SerialSchedule& schedule, Cycle base) {
    Work end;
    mark_vector_end(end, run);
    for (const Cycle valid : schedule.beats_valid) pushed_beats_.push_back({0, base + valid, false});
    pushed_beats_.back().last = end.tlast;
    pushed_ += schedule.beats_valid.size();
    if (end.last_of_run) last_beats_.push_back(pushed_ - 1);
    finished_slices_ += schedule.slices;
    std::uint64_t slice = finished_slices_ - schedule.slice_ends.size();
    for (const Cycle slice_end : schedule.slice_ends) slice_end_cycles_[slice++] = base + slice_end;
    serializer_cycle_ = base + schedule.serializer;
    packed_end_ = packed_beat_;
}

void StreamOutput::serialize(const RowGroupRun& run) {
    if (!run.descriptor->dense())
        serialize_vector(run, [&] { serialize_hidden(run); });
    else if (registers_.output_kind() == OutputKind::argmax)
        serialize_vector(run, [&] { find_maximum(run); });
    else
        serialize_vector(run, [&] { serialize_logits(run); });
}

} // namespace bru
