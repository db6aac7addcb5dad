#include "schedule/issue_scheduler.hpp"

#include <algorithm>

#include "base/enumeration.hpp"
#include "base/integers.hpp"
#include "machine/core_shape.hpp"
#include "machine/timing.hpp"

namespace bru {

IssueScheduler::IssueScheduler(const CoreShape& shape, bool recognizes)
    : shape_(shape), part_interval_cycles_(std::max(shape.slices_per_group, kScaleBiasTurnaround)),
      recognizes_(recognizes), scoreboard_(shape) {}

void IssueScheduler::reset(Cycle first_cycle) {
    state_ = IssueState();
    state_.next_cycle = first_cycle;
    classes_ = {};
    reserved_slices_ = 0;
    taken_groups_ = 0;
    foreseen_groups_ = 0;
    part_begin_ = 0;
    last_x_cycle_ = 0;
    x_is_issued_ = false;
    recognizing_ = false;
}

void IssueScheduler::restart(const CoreRegisters& registers) {
    scoreboard_.restart(registers);
    for (RecurringSchedules<Schedule>& schedules : schedules_) schedules.clear();
}

void IssueScheduler::begin(const VectorPlan& plan, const ArrivedSteps& input, const SliceRoom& room) {
    plan_ = plan;
    taken_groups_ = 0;
    foreseen_groups_ = 0;
    x_is_issued_ = false;
    begin_cycle_ = state_.next_cycle;
    begin_classes_ = classes_;
    source_wait_cycles_ = 0;
    gather_waits(input);
    recognizing_ = recognizes_ && !observers_ && describe_begin(room) && !repeat_schedule();
}

bool IssueScheduler::issue(const ArrivedSteps& input, SliceRoom& room) {
    for (; state_.group < descriptor().groups; ++state_.group, state_.part = 0) {
        const std::uint32_t parts = descriptor().part_count();
        for (; state_.part < parts; ++state_.part, state_.issued = 0)
            if (!issue_part(input, room)) return false;
        scoreboard_.group_begins(plan_.stream, plan_.descriptor_index)[state_.group] = part_begin_;
    }
    if (recognizing_) remember_schedule();
    recognizing_ = false;
    if (vector_observer_ != nullptr) report_vector();
    return true;
}

void IssueScheduler::report_vector() const {
    IssuedVector issued{plan_};
    issued.begin = begin_cycle_;
    issued.first_chunk = state_.first_chunk_ready - kVectorCycles;
    issued.end = state_.next_cycle;
    for (std::size_t index = 0; index < classes_.size(); ++index)
        issued.classes[index] = classes_[index] - begin_classes_[index];
    issued.source_wait_cycles = source_wait_cycles_;
    const bool two_directions = !descriptor().x_from_input() && descriptor().source_chunks < descriptor().x_chunks;
    issued.source_descriptor = descriptor().source + (two_directions ? 1 : 0);
    vector_observer_->vector_issued(issued);
}

IssueScheduler::IssuedGroups IssueScheduler::take_issued_groups() {
    IssuedGroups groups;
    groups.first = taken_groups_;
    groups.count = state_.group - taken_groups_;
    groups.begin_cycles = scoreboard_.group_begins(plan_.stream, plan_.descriptor_index).data() + taken_groups_;
    groups.vector_ends = state_.group == descriptor().groups;
    taken_groups_ = state_.group;
    return groups;
}

void IssueScheduler::count_from(Cycle first) {
    classes_.fill(0);
    state_.next_cycle = first;
}

void IssueScheduler::wait_until(Cycle ready, CycleClass cycle_class) {
    if (ready <= state_.next_cycle) return;
    if (observers_) observers_.tell(&Observer::cycles_classified, cycle_class, state_.next_cycle, ready);
    classes_[index_of(cycle_class)] += ready - state_.next_cycle;
    state_.next_cycle = ready;
}

// ---------------------------------------------------------------- what the vector waits for

/// The only place where the conditions of a vector are listed.
void IssueScheduler::gather_waits(const ArrivedSteps& input) {
    const std::uint32_t index = plan_.descriptor_index;
    state_.group = 0;
    state_.part = 0;
    state_.issued = 0;
    state_.emits = plan_.emit;
    state_.first_chunk_ready = std::max(state_.first_chunk_ready, plan_.header_ready);
    state_.x_ready.clear();
    state_.h_ready.clear();
    if (descriptor().x_from_input()) {
        gather_input(input);
    } else {
        const std::uint32_t first = std::min(descriptor().source_chunks, descriptor().x_chunks);
        for (std::uint32_t chunk = 0; chunk < first; ++chunk)
            state_.x_ready.push_back(scoreboard_.final_from(plan_.stream, descriptor().source, chunk));
        for (std::uint32_t chunk = first; chunk < descriptor().x_chunks; ++chunk)
            state_.x_ready.push_back(scoreboard_.final_from(plan_.stream, descriptor().source + 1, chunk - first));
    }
    if (descriptor().dense()) return;
    for (std::uint32_t chunk = 0; chunk < descriptor().h_chunks; ++chunk)
        state_.h_ready.push_back(
            plan_.first_step ? 0 : scoreboard_.final_from(plan_.stream, index, chunk)); // initial: always final
}

/// Appends the input chunks that have arrived.
void IssueScheduler::gather_input(const ArrivedSteps& input) {
    if (descriptor().one_hot()) {
        state_.x_ready.assign(descriptor().x_chunks, 0); // the column is in the header
        return;
    }
    const std::vector<Cycle>& arrived = input.input_step(plan_.input_step)->chunk_cycles;
    while (state_.x_ready.size() < std::min<std::size_t>(arrived.size(), descriptor().x_chunks))
        state_.x_ready.push_back(arrived[state_.x_ready.size()] + kInputCycles);
}

// ---------------------------------------------------------------- vectors that go like earlier ones

/// False: something that the vector may wait for is not known yet.
bool IssueScheduler::describe_begin(const SliceRoom& room) {
    if (state_.x_ready.size() < descriptor().x_chunks) return false;
    begin_key_.restart(state_.next_cycle);
    state_.describe(begin_key_);
    return !plan_.emit || room.describe_reservations(descriptor(), reserved_slices_, begin_key_);
}

/// True: the vector began in a known state, and is issued.
bool IssueScheduler::repeat_schedule() {
    const Schedule* const schedule = schedules_[plan_.descriptor_index].find(begin_key_);
    begin_slices_ = reserved_slices_;
    if (schedule == nullptr) return false;
    const Cycle base = begin_key_.base();
    std::vector<Cycle>& begins = scoreboard_.group_begins(plan_.stream, plan_.descriptor_index);
    for (std::size_t group = 0; group < begins.size(); ++group) begins[group] = base + schedule->group_begins[group];
    for (std::size_t index = 0; index < classes_.size(); ++index) classes_[index] += schedule->classes[index];
    state_.next_cycle = base + schedule->end.next_cycle;
    state_.first_chunk_ready = base + schedule->end.first_chunk_ready;
    state_.part_register_free = base + schedule->end.part_register_free;
    state_.scale_bias_free = base + schedule->end.scale_bias_free;
    state_.group = descriptor().groups;
    reserved_slices_ += schedule->slices;
    last_x_cycle_ = base + schedule->last_x_cycle;
    source_wait_cycles_ = schedule->source_wait_cycles;
    x_is_issued_ = true;
    return true;
}

void IssueScheduler::remember_schedule() {
    const Cycle base = begin_key_.base();
    Schedule schedule;
    for (const Cycle begin : scoreboard_.group_begins(plan_.stream, plan_.descriptor_index))
        schedule.group_begins.push_back(begin - base);
    for (std::size_t index = 0; index < classes_.size(); ++index)
        schedule.classes[index] = classes_[index] - begin_classes_[index];
    schedule.end.next_cycle = from_base(state_.next_cycle, base);
    schedule.end.first_chunk_ready = from_base(state_.first_chunk_ready, base);
    schedule.end.part_register_free = from_base(state_.part_register_free, base);
    schedule.end.scale_bias_free = from_base(state_.scale_bias_free, base);
    schedule.last_x_cycle = from_base(last_x_cycle_, base);
    schedule.source_wait_cycles = source_wait_cycles_;
    schedule.slices = reserved_slices_ - begin_slices_;
    schedules_[plan_.descriptor_index].add(begin_key_, std::move(schedule));
}

// ---------------------------------------------------------------- when its chunks are issued

bool IssueScheduler::issue_part(const ArrivedSteps& input, SliceRoom& room) {
    const std::uint32_t chunks = part_chunks();
    const std::uint32_t total = chunks * part_planes();
    if (state_.group == 0 && !x_part() && state_.issued == 0 && chunks > 1 && h_never_waits(chunks - 1))
        issue_chunks(chunks - 1);
    while (state_.issued < total) {
        const bool last_of_part = state_.issued + 1 == total;
        const bool look_at_sources = state_.group == 0 && state_.issued < chunks; // later, all has been there once
        if (!look_at_sources && !last_of_part)
            issue_chunks(total - 1 - state_.issued);
        else if (!issue_chunk(last_of_part, input, room))
            return false;
    }
    return true;
}

/// The next `chunks` chunks of the part, one per cycle.
void IssueScheduler::issue_chunks(std::uint32_t chunks) {
    if (observers_) report_issue(chunks);
    classes_[index_of(CycleClass::compute)] += chunks;
    state_.next_cycle += chunks;
    state_.issued += chunks;
}

void IssueScheduler::report_issue(std::uint32_t chunks) const {
    IssuedChunks issued{plan_};
    issued.group = state_.group;
    issued.part = state_.part;
    issued.part_chunks = part_chunks();
    issued.part_planes = part_planes();
    issued.first = state_.issued;
    issued.count = chunks;
    issued.cycle = state_.next_cycle;
    observers_.tell(&Observer::cycles_classified, CycleClass::compute, issued.cycle, issued.cycle + chunks);
    observers_.tell(&Observer::chunks_issued, issued);
}

/// The next chunk, when all four conditions hold. False: not yet known when.
bool IssueScheduler::issue_chunk(bool last_of_part, const ArrivedSteps& input, SliceRoom& room) {
    if (state_.group == 0 && state_.issued < part_chunks() && !wait_for_source(input)) return false;
    if (last_of_part && !begin_part(room)) return false;
    const Cycle cycle = state_.next_cycle;
    if (state_.group == 0 && x_part() && state_.issued == 0) state_.first_chunk_ready = cycle + kVectorCycles;
    issue_chunks(1);
    if (last_of_part && x_part() && state_.group + 1 == descriptor().groups) {
        last_x_cycle_ = cycle;
        x_is_issued_ = true;
    }
    return true;
}

/// Conditions 1 and 2. False: not yet known when.
bool IssueScheduler::wait_for_source(const ArrivedSteps& input) {
    if (!x_part()) {
        wait_until(state_.h_ready[state_.issued], CycleClass::state_wait);
        return true;
    }
    if (state_.issued == 0) wait_until(state_.first_chunk_ready, CycleClass::input_wait);
    const bool from_input = descriptor().x_from_input();
    if (state_.issued >= state_.x_ready.size()) gather_input(input);
    if (state_.issued >= state_.x_ready.size()) return false;
    const Cycle before = state_.next_cycle;
    wait_until(state_.x_ready[state_.issued], from_input ? CycleClass::input_wait : CycleClass::state_wait);
    if (!from_input) source_wait_cycles_ += state_.next_cycle - before;
    return true;
}

/// Conditions 3 and 4, for the last chunk of a part. False: not yet known when.
bool IssueScheduler::begin_part(SliceRoom& room) {
    const std::uint32_t parts = descriptor().part_count();
    wait_until(state_.part_register_free, CycleClass::update_wait);
    if (state_.emits && state_.part + 1 == parts && !reserve_slices(room)) return false;
    part_begin_ = std::max(state_.next_cycle, state_.scale_bias_free);
    if (observers_) observers_.tell(&Observer::part_issued, IssuedPart{plan_, state_.group, state_.part, part_begin_});
    state_.part_register_free = state_.scale_bias_free;
    state_.scale_bias_free = part_begin_ + part_interval_cycles_;
    return true;
}

/// Whether the first `chunks` chunks of h, of which none is the vector's last, are final in the cycles in which they
/// follow each other from next_cycle on. Each ends in a later slice than the one before where a chunk is no shorter
/// than a slice; so it is final at least a cycle later, and the last one decides.
bool IssueScheduler::h_never_waits(std::uint32_t chunks) const {
    return shape_.lane_width >= shape_.update_width && state_.h_ready[chunks - 1] <= state_.next_cycle + chunks - 1;
}

std::uint32_t IssueScheduler::slices_that_leave() const {
    const bool dense = descriptor().dense();
    if (state_.group + 1 < descriptor().groups) return shape_.slices_per_group;
    const std::uint32_t per_group = dense ? shape_.lanes : shape_.units_per_group;
    const std::uint32_t per_slice = dense ? kGates * shape_.update_width : shape_.update_width;
    return divide_up(std::min(per_group, descriptor().size - state_.group * per_group), per_slice);
}

/// Condition 4. False: not yet known when.
bool IssueScheduler::reserve_slices(SliceRoom& room) {
    const std::uint64_t reserved = reserved_slices_ + slices_that_leave();
    Cycle ready = room.reservable_from(reserved - 1);
    if (ready == SliceRoom::kUnknown) {
        foresee_output(room);
        ready = room.reservable_from(reserved - 1);
    }
    if (ready == SliceRoom::kUnknown) return false;
    wait_until(ready, CycleClass::output_wait);
    reserved_slices_ = reserved;
    return true;
}

/// Tells stream_output of the groups that are issued and not yet handed over.
void IssueScheduler::foresee_output(SliceRoom& room) {
    if (descriptor().dense()) return;
    const Cycle to_written = scoreboard_.hidden_latency() - kStateWriteCycles;
    const std::vector<Cycle>& begins = scoreboard_.group_begins(plan_.stream, plan_.descriptor_index);
    foreseen_groups_ = std::max(foreseen_groups_, taken_groups_);
    while (foreseen_groups_ < state_.group && room.foresee_group(begins[foreseen_groups_] + to_written))
        ++foreseen_groups_;
}

} // namespace bru
