// The sequencer where no values are computed: vectors that go like earlier ones (recurring_schedule.hpp).
#include "modules/sequencer.hpp"

namespace bru {

/// False: something that the vector may wait for is not known yet.
bool Sequencer::collect_waits() {
    const Descriptor& descriptor = *vector_.descriptor;
    const Cycle base = next_cycle_;
    waits_.clear();
    const auto add = [&](Cycle cycle) { waits_.push_back(from_base(cycle, base)); };
    waits_.push_back((vector_.run.emit ? 1 : 0) + (vector_.first_step ? 2 : 0)); // the kind of vector
    add(std::max(vector_.header_ready, vector_free_));
    add(scale_bias_free_);
    add(part_register_free_);
    if (descriptor.x_from_input() && !descriptor.one_hot()) {
        const InputStep* step = input->input_step(vector_.run.input_step);
        if (step->chunk_cycles.size() < descriptor.x_chunks) return false;
        for (const Cycle arrived : step->chunk_cycles) add(arrived + kInputCycles);
    }
    for (part_ = 0; part_ < descriptor.part_count(); ++part_)
        for (std::uint32_t chunk = 0; chunk < part_chunks(); ++chunk) add(state_ready(chunk));
    part_ = 0;
    return !vector_.run.emit || slice_fifo->collect_waits(descriptor, reserved_slices_, base, waits_);
}

/// True: the vector was issued.
bool Sequencer::issue_as_before() {
    const IssueSchedule* const schedule = schedules_[descriptor_index_].find(waits_);
    if (schedule == nullptr) return false;
    const Cycle base = next_cycle_;
    std::vector<Cycle>& begins = history_[descriptor_index_].group_begins;
    for (std::size_t group = 0; group < begins.size(); ++group) begins[group] = base + schedule->group_begins[group];
    for (std::size_t index = 0; index < classes_.size(); ++index) classes_[index] += schedule->classes[index];
    next_cycle_ = base + schedule->end;
    vector_free_ = base + schedule->vector_free;
    scale_bias_free_ = base + schedule->scale_bias_free;
    part_register_free_ = base + schedule->part_register_free;
    reserved_slices_ += schedule->slices;
    group_ = vector_.descriptor->groups;
    if (vector_.releases_input) input->release_below(vector_.release_below, base + schedule->last_x);
    return true;
}

void Sequencer::begin_recording() {
    recorded_base_ = next_cycle_;
    recorded_classes_ = classes_;
    recorded_slices_ = reserved_slices_;
}

void Sequencer::remember_schedule() {
    IssueSchedule schedule;
    schedule.waits = waits_;
    for (const Cycle begin : history_[descriptor_index_].group_begins)
        schedule.group_begins.push_back(begin - recorded_base_);
    for (std::size_t index = 0; index < classes_.size(); ++index)
        schedule.classes[index] = classes_[index] - recorded_classes_[index];
    schedule.end = next_cycle_ - recorded_base_;
    schedule.vector_free = from_base(vector_free_, recorded_base_);
    schedule.scale_bias_free = from_base(scale_bias_free_, recorded_base_);
    schedule.part_register_free = from_base(part_register_free_, recorded_base_);
    schedule.last_x = from_base(last_x_cycle_, recorded_base_);
    schedule.slices = reserved_slices_ - recorded_slices_;
    schedules_[descriptor_index_].add(std::move(schedule));
}

} // namespace bru
