#include "modules/sequencer.hpp"

#include <algorithm>

namespace bru {

Sequencer::Sequencer(const sc_core::sc_module_name& name, const CoreShape& shape, const CoreRegisters& registers)
    : sc_module(name), run_socket("run_socket"), input("input"), slice_fifo("slice_fifo"), events("events"),
      shape_(shape), registers_(registers),
      part_interval_(static_cast<Cycle>(std::max(shape.slices_per_group, kScaleBiasTurnaround))) {}

/// The blocks add up their own latencies: a run without row groups comes back with the way to state memory.
void Sequencer::learn_latency() {
    const Descriptor lstm;
    RowGroupRun probe;
    probe.descriptor = &lstm;
    run_socket.send(probe);
    hidden_latency_ = probe.latency_cycles;
}

void Sequencer::count_from(Cycle write_cycle) {
    classes_.fill(0);
    next_cycle_ = write_cycle + 1;
}

void Sequencer::start(Cycle write_cycle) {
    const CycleClass before = ever_started_ ? CycleClass::idle : CycleClass::weight_load;
    wait_until(write_cycle + 1, before);
    ever_started_ = true;
    running_ = true;
    running_from_ = write_cycle + 1;
    start_ready_ = write_cycle + kStartCycles;
    parity_base_ = step_;
    descriptor_index_ = 0;
    for (std::uint32_t index = 0; index < registers_.descriptor_count; ++index) {
        schedules_[index].clear(); // the descriptor may be another one now
        const Descriptor& descriptor = registers_.descriptors[index];
        VectorHistory& history = history_[index];
        history.group_begins.assign(descriptor.groups, 0);
        if (timeline_ != nullptr) history.first_part_begins.assign(descriptor.groups, 0);
        history.chunk_sources.clear();
        const auto width = static_cast<std::uint32_t>(shape_.lane_width);
        const auto units = static_cast<std::uint32_t>(shape_.units_per_group);
        for (std::uint32_t chunk = 0; chunk < descriptor.h_chunks; ++chunk) {
            const std::uint32_t unit = std::min((chunk + 1) * width, descriptor.size) - 1;
            history.chunk_sources.push_back(
                {unit / units, unit % units / static_cast<std::uint32_t>(shape_.update_width)});
        }
    }
    advance();
}

std::array<std::uint64_t, kCycleClasses> Sequencer::class_cycles(Cycle cycle) const {
    auto classes = classes_;
    if (cycle >= next_cycle_) classes[static_cast<std::size_t>(class_of_now())] += cycle + 1 - next_cycle_;
    return classes;
}

bool Sequencer::running(Cycle cycle) const { return running_ || cycle < stopped_from_; }

void Sequencer::advance() {
    if (busy_) {
        again_ = true;
        return;
    }
    busy_ = true;
    do {
        again_ = false;
        while (work()) {
        }
        if (vector_open_) dispatch(); // what is computed so far may be what the outside waits for
    } while (again_);
    busy_ = false;
}

bool Sequencer::work() {
    if (!running_) return false;
    if (!vector_open_) {
        if (!begin_vector()) return false;
        vector_open_ = true;
        group_ = 0;
        part_ = 0;
        issued_ = 0;
        dispatched_groups_ = 0;
        foreseen_groups_ = 0;
        recognizing_ = !shape_.computes_values && !recording_ && collect_waits();
        if (recognizing_ && issue_as_before()) {
            end_vector();
            return running_;
        }
        begin_recording();
    }
    if (!issue_groups()) {
        recognizing_ = false; // what it waits for is not in waits_
        return false;
    }
    if (recognizing_) remember_schedule();
    end_vector();
    return running_;
}

// ---------------------------------------------------------------- which vector

bool Sequencer::begin_vector() {
    vector_ = Vector{};
    vector_.descriptor = &registers_.descriptors[descriptor_index_];
    vector_.run.descriptor = vector_.descriptor;
    vector_.run.descriptor_index = static_cast<int>(descriptor_index_);
    return registers_.sequence_mode() ? begin_sequence_vector() : begin_stream_vector();
}

bool Sequencer::begin_stream_vector() {
    const InputStep* step = input->input_step(step_);
    if (step == nullptr) return false;
    vector_.first_step = step->first;
    vector_.run.input_step = step_;
    if (vector_.descriptor->x_from_input()) {
        vector_.header_ready = std::max(start_ready_, step->header_cycle + kInputCycles);
        vector_.releases_input = true;
        vector_.release_below = step_ + 1;
    }
    const std::uint64_t slot = (step_ - parity_base_) % 2;
    place_vector(slot, 1 - slot);
    decide_emission(step->last, step->last);
    vector_.run.end_of_run = vector_.run.emit && step->end;
    return true;
}

/// Looks for the sequence's last step among those that have arrived.
bool Sequencer::discover_sequence() {
    if (sequence_steps_ != 0) return true;
    for (std::uint64_t number = step_ + time_;; ++number) {
        const InputStep* step = input->input_step(number);
        if (step == nullptr) return false;
        if (!step->last) continue;
        sequence_steps_ = number - step_ + 1;
        sequence_end_ = step->end;
        return true;
    }
}

bool Sequencer::begin_sequence_vector() {
    const Descriptor& descriptor = *vector_.descriptor;
    if (descriptor.reverse() && sequence_steps_ == 0) { // a reverse first layer begins with the last step
        if (!discover_sequence()) return false;
        time_ = sequence_steps_ - 1;
        vector_.header_ready = input->input_step(step_ + time_)->header_cycle + kInputCycles;
    }
    vector_.run.input_step = step_ + time_;
    bool last_step = time_ + 1 == sequence_steps_;
    if (descriptor.x_from_input()) {
        const InputStep* step = input->input_step(step_ + time_);
        if (step == nullptr) return false;
        vector_.header_ready = std::max({vector_.header_ready, start_ready_, step->header_cycle + kInputCycles});
        if (step->last && sequence_steps_ == 0) discover_sequence();
        last_step = step->last;
    }
    vector_.first_step = descriptor.reverse() ? last_step : time_ == 0;
    const bool processing_last = descriptor.reverse() ? time_ == 0 : last_step;
    const std::uint32_t next = descriptor_index_ + 1;
    const bool last_reader = next == registers_.descriptor_count || !registers_.descriptors[next].x_from_input();
    if (descriptor.x_from_input() && processing_last && last_reader) {
        vector_.releases_input = true;
        vector_.release_below = step_ + sequence_steps_;
    }
    place_vector(time_, descriptor.reverse() ? time_ + 1 : time_ - 1);
    decide_emission(last_step, processing_last);
    return true;
}

void Sequencer::place_vector(std::uint64_t slot, std::uint64_t previous_slot) {
    const Descriptor& descriptor = *vector_.descriptor;
    RowGroupRun& run = vector_.run;
    const auto x_at = [&](std::uint64_t x_slot) {
        return descriptor.x_base + static_cast<std::uint32_t>(x_slot) * descriptor.x_stride;
    };
    const auto h_at = [&](std::uint64_t h_slot) {
        return descriptor.h_base + static_cast<std::uint32_t>(h_slot) * descriptor.h_stride;
    };
    std::uint64_t first_slot = slot;
    std::uint64_t second_slot = slot;
    if (registers_.sequence_mode() && descriptor.dense() && registers_.output_steps() == OutputSteps::final_state) {
        first_slot = registers_.descriptors[descriptor.source].reverse() ? 0 : sequence_steps_ - 1;
        second_slot = 0;
    }
    run.x_address = x_at(first_slot);
    run.x_second_address = x_at(second_slot) + descriptor.source_chunks;
    run.h_read_address = vector_.first_step ? descriptor.h_initial : h_at(previous_slot);
    run.h_write_address = h_at(slot);
    run.cell_read_address = vector_.first_step ? descriptor.cell_initial : descriptor.cell_base;
}

void Sequencer::decide_emission(bool last_step, bool processing_last) {
    const OutputSteps steps = registers_.output_steps();
    const bool leaves = steps == OutputSteps::every || (steps == OutputSteps::last ? last_step : processing_last);
    RowGroupRun& run = vector_.run;
    run.emit = vector_.descriptor->dense() || (vector_.descriptor->emit() && leaves);
    if (!run.emit || !registers_.sequence_mode() || !sequence_end_) return;
    const bool last_emitter = descriptor_index_ + 1 == registers_.descriptor_count;
    const bool last_of_descriptor = vector_.descriptor->dense()
                                        ? steps != OutputSteps::every || time_ + 1 == sequence_steps_
                                        : steps != OutputSteps::every || processing_last;
    run.end_of_run = last_emitter && last_of_descriptor;
}

// ---------------------------------------------------------------- when its chunks are issued

bool Sequencer::issue_groups() {
    const Descriptor& descriptor = *vector_.descriptor;
    for (; group_ < descriptor.groups; ++group_, part_ = 0) {
        for (; part_ < descriptor.part_count(); ++part_, issued_ = 0)
            if (!issue_part()) return false;
        history_[descriptor_index_].group_begins[group_] = part_begin_;
    }
    return true;
}

bool Sequencer::issue_part() {
    const std::uint32_t chunks = part_chunks();
    const std::uint32_t total = chunks * part_planes();
    if (group_ == 0 && !x_part() && issued_ == 0 && chunks > 1 && own_state_never_waits(chunks - 1))
        issue_unconditionally(chunks - 1);
    while (issued_ < total) {
        const bool last_of_part = issued_ + 1 == total;
        const bool look_at_sources = group_ == 0 && issued_ < chunks; // later, everything has been there once
        if (look_at_sources || last_of_part) {
            if (!issue_chunk(issued_, last_of_part)) return false;
        } else {
            issue_unconditionally(total - 1 - issued_);
        }
    }
    return true;
}

void Sequencer::issue_unconditionally(std::uint64_t chunks) {
    if (recording_) record_issue(chunks);
    classes_[static_cast<std::size_t>(CycleClass::compute)] += chunks;
    next_cycle_ += chunks;
    issued_ += static_cast<std::uint32_t>(chunks);
}

bool Sequencer::issue_chunk(std::uint32_t chunk, bool last_of_part) {
    if (group_ == 0 && issued_ < part_chunks()) {
        if (x_part() && !input_ready(chunk)) return false;
        wait_until(state_ready(chunk), CycleClass::state_wait);
    }
    const bool last_of_group = last_of_part && part_ + 1 == vector_.descriptor->part_count();
    if (last_of_part) {
        wait_until(part_register_free_, CycleClass::update_wait);
        if (last_of_group && vector_.run.emit && !wait_for_output()) return false;
        part_begin_ = std::max(next_cycle_, scale_bias_free_);
        if (recording_) record_part_begin();
        part_register_free_ = scale_bias_free_;
        scale_bias_free_ = part_begin_ + part_interval_;
    }
    const Cycle cycle = next_cycle_;
    if (group_ == 0 && part_ == 0 && issued_ == 0) vector_free_ = cycle + kVectorCycles;
    issue_unconditionally(1);
    const bool last_of_x = last_of_part && x_part() && group_ + 1 == vector_.descriptor->groups;
    if (last_of_x) last_x_cycle_ = cycle;
    if (last_of_x && vector_.releases_input) input->release_below(vector_.release_below, cycle);
    return true;
}

/// Condition 1. False: not yet known when.
bool Sequencer::input_ready(std::uint32_t chunk) {
    if (issued_ == 0) wait_until(std::max(vector_.header_ready, vector_free_), CycleClass::input_wait);
    if (!vector_.descriptor->x_from_input() || vector_.descriptor->one_hot()) return true;
    const InputStep* step = input->input_step(vector_.run.input_step);
    if (chunk >= step->chunk_cycles.size()) return false;
    wait_until(step->chunk_cycles[chunk] + kInputCycles, CycleClass::input_wait);
    return true;
}

/// Condition 2: the first cycle in which the chunk is final.
Cycle Sequencer::state_ready(std::uint32_t chunk) const {
    const Descriptor& descriptor = *vector_.descriptor;
    std::uint32_t source = descriptor_index_;
    if (x_part()) {
        if (descriptor.x_from_input()) return 0;
        source = descriptor.source;
        if (chunk >= descriptor.source_chunks) {
            chunk -= descriptor.source_chunks;
            ++source;
        }
    } else if (vector_.first_step) {
        return 0;
    }
    const VectorHistory& history = history_[source];
    const ChunkSource& written = history.chunk_sources[chunk];
    return history.group_begins[written.group] + static_cast<Cycle>(hidden_latency_) + written.slice;
}

/// Whether the first `chunks` chunks of h, of which none is the vector's last, are final in the cycles in which they
/// follow each other from next_cycle_ on. Each ends in a later slice than the one before where a chunk is no shorter
/// than a slice; so it is final at least a cycle later, and the last one decides.
bool Sequencer::own_state_never_waits(std::uint32_t chunks) const {
    return shape_.lane_width >= shape_.update_width && state_ready(chunks - 1) <= next_cycle_ + chunks - 1;
}

std::uint32_t Sequencer::slices_that_leave() const {
    const Descriptor& descriptor = *vector_.descriptor;
    if (group_ + 1 < descriptor.groups) return static_cast<std::uint32_t>(shape_.slices_per_group);
    const auto per_group = static_cast<std::uint32_t>(descriptor.dense() ? shape_.lanes : shape_.units_per_group);
    const auto per_slice =
        static_cast<std::uint32_t>(descriptor.dense() ? kGates * shape_.update_width : shape_.update_width);
    return divide_up(std::min(per_group, descriptor.size - group_ * per_group), per_slice);
}

/// Condition 4. False: not yet known when.
bool Sequencer::wait_for_output() {
    const std::uint64_t reserved = reserved_slices_ + slices_that_leave();
    Cycle ready = slice_fifo->reservable_from(reserved - 1);
    if (ready == SliceFifo::kUnknown) {
        foresee_output();
        ready = slice_fifo->reservable_from(reserved - 1);
    }
    if (ready == SliceFifo::kUnknown) {
        dispatch();
        ready = slice_fifo->reservable_from(reserved - 1);
        if (ready == SliceFifo::kUnknown) return false;
    }
    wait_until(ready, CycleClass::output_wait);
    reserved_slices_ = reserved;
    return true;
}

/// Tells stream_output of the groups that are issued and not yet handed over.
void Sequencer::foresee_output() {
    if (vector_.descriptor->dense()) return;
    const auto to_written = static_cast<Cycle>(hidden_latency_ - kStateWriteCycles);
    const std::vector<Cycle>& begins = history_[descriptor_index_].group_begins;
    foreseen_groups_ = std::max(foreseen_groups_, dispatched_groups_);
    while (foreseen_groups_ < group_ && slice_fifo->foresee_group(begins[foreseen_groups_] + to_written))
        ++foreseen_groups_;
}

void Sequencer::wait_until(Cycle ready, CycleClass cycle_class) {
    if (ready <= next_cycle_) return;
    if (recording_) record_class(ready, cycle_class);
    classes_[static_cast<std::size_t>(cycle_class)] += ready - next_cycle_;
    next_cycle_ = ready;
}

// ---------------------------------------------------------------- and then

/// Sends the finished row groups of the vector through the pipeline.
void Sequencer::dispatch() {
    if (dispatched_groups_ == group_) return;
    RowGroupRun run = vector_.run;
    run.first_group = static_cast<int>(dispatched_groups_);
    run.group_count = static_cast<int>(group_ - dispatched_groups_);
    run.begin_cycles = history_[descriptor_index_].group_begins.data() + dispatched_groups_;
    if (timeline_ != nullptr)
        run.first_part_begin_cycles = history_[descriptor_index_].first_part_begins.data() + dispatched_groups_;
    run.vector_ends = group_ == vector_.descriptor->groups;
    run.end_of_run = run.end_of_run && run.vector_ends;
    dispatched_groups_ = group_;
    run_socket.send(run);
}

void Sequencer::end_vector() {
    dispatch();
    vector_open_ = false;
    if (registers_.sequence_mode())
        next_in_sequence();
    else if (++descriptor_index_ == registers_.descriptor_count)
        end_stream_step();
    else if (registers_.descriptors[descriptor_index_].dense() && registers_.output_steps() != OutputSteps::every &&
             !input->input_step(step_)->last)
        end_stream_step(); // a dense vector that would not leave is not computed
}

void Sequencer::end_stream_step() {
    running_ = !input->input_step(step_)->end;
    if (!running_) finish_work();
    input->discard_below(++step_);
    descriptor_index_ = 0;
}

void Sequencer::next_in_sequence() {
    const Descriptor& descriptor = *vector_.descriptor;
    const bool single = descriptor.dense() && registers_.output_steps() != OutputSteps::every;
    const bool done = single || (descriptor.reverse() ? time_ == 0 : time_ + 1 == sequence_steps_);
    if (!done) {
        if (descriptor.reverse())
            --time_;
        else
            ++time_;
        return;
    }
    if (++descriptor_index_ == registers_.descriptor_count) {
        end_sequence();
        return;
    }
    const Descriptor& next = registers_.descriptors[descriptor_index_];
    const bool from_last = next.reverse() || (next.dense() && registers_.output_steps() != OutputSteps::every);
    time_ = from_last ? sequence_steps_ - 1 : 0;
}

/// The last chunk of the step marked end was issued.
void Sequencer::finish_work() {
    stopped_from_ = next_cycle_;
    if (trace_ != nullptr) trace_->record(Signal::running, running_from_, stopped_from_, 1);
    events->work_finished(next_cycle_ - 1);
}

void Sequencer::end_sequence() {
    running_ = !sequence_end_;
    if (!running_) finish_work();
    step_ += sequence_steps_;
    input->discard_below(step_);
    sequence_steps_ = 0;
    sequence_end_ = false;
    time_ = 0;
    descriptor_index_ = 0;
}

} // namespace bru
