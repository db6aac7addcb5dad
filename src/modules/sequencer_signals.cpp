// The sequencer's part of a waveform (sequencer.cpp has what it does; sequencer_timeline.cpp, what it adds to a
// timeline).
#include "modules/sequencer.hpp"

namespace bru {

/// The next `chunks` chunks of the part under way, one a cycle from next_cycle_ on.
void Sequencer::record_issue(std::uint64_t chunks) {
    record_class(next_cycle_ + chunks, CycleClass::compute);
    if (timeline_ != nullptr) record_passes(chunks);
    if (trace_ != nullptr) record_signals_of_issue(chunks);
}

void Sequencer::record_signals_of_issue(std::uint64_t chunks) {
    trace_->record(Signal::issue, next_cycle_, next_cycle_ + chunks, 1);
    const Descriptor& descriptor = *vector_.descriptor;
    const bool one_hot = x_part() && descriptor.one_hot();
    const bool from_state = !x_part() || !descriptor.x_from_input();
    if (group_ == 0 && x_part() && issued_ == 0) weight_address_ = descriptor.weight_base;
    const std::uint32_t total = part_chunks() * part_planes();
    for (std::uint32_t k = 0; k < chunks; ++k) {
        const Cycle cycle = next_cycle_ + k;
        const std::uint32_t chunk = (issued_ + k) % part_chunks();
        std::uint32_t word = weight_address_;
        if (one_hot)
            word += input->input_step(vector_.run.input_step)->one_hot_index /
                    static_cast<std::uint32_t>(shape_.lane_width);
        trace_->record(Signal::weight_address, cycle, cycle + 1, word);
        weight_address_ += one_hot ? descriptor.x_words : 1;
        trace_->record(Signal::issue_part_last, cycle, cycle + 1, issued_ + k + 1 == total ? 1 : 0);
        if (from_state) trace_->record(Signal::state_address, cycle, cycle + 1, state_address(chunk));
    }
}

std::uint32_t Sequencer::state_address(std::uint32_t chunk) const {
    const RowGroupRun& run = vector_.run;
    if (!x_part()) return run.h_read_address + chunk;
    const std::uint32_t first_source = vector_.descriptor->source_chunks;
    return chunk < first_source ? run.x_address + chunk : run.x_second_address + chunk - first_source;
}

/// scale_bias begins with the part whose last chunk is about to be issued.
void Sequencer::record_part_begin() {
    if (trace_ != nullptr) trace_->record(Signal::part_issued, part_begin_ + 1, part_begin_ + 2, 1);
    if (timeline_ != nullptr && x_part()) history_[descriptor_index_].first_part_begins[group_] = part_begin_;
}

void Sequencer::record_class(Cycle end, CycleClass cycle_class) {
    if (trace_ != nullptr)
        trace_->record(Signal::cycle_class, next_cycle_, end, static_cast<std::uint64_t>(cycle_class));
    if (timeline_ != nullptr) extend_class(end, cycle_class);
}

void Sequencer::finish_signals(Cycle end) {
    if (running_) trace_->record(Signal::running, running_from_, end, 1);
    trace_->record(Signal::cycle_class, next_cycle_, end, static_cast<std::uint64_t>(class_of_now()));
}

} // namespace bru
