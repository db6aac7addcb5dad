#include "modules/stream_output.hpp"

#include <algorithm>
#include <cstring>

namespace bru {

namespace {

constexpr std::size_t kBeatBytes = 8;

} // namespace

StreamOutput::StreamOutput(const sc_core::sc_module_name& name, const CoreShape& shape, const CoreRegisters& registers)
    : sc_module(name), logit_socket("logit_socket"), hidden_socket("hidden_socket"), stream_socket("stream_socket"),
      sequencer("sequencer"), events("events"), shape_(shape), probe_(shape), registers_(registers),
      slice_bytes_(static_cast<std::size_t>(shape.update_width * hidden_element_bytes(shape.activation_bits))),
      slices_per_beat_(kBeatBytes / slice_bytes_),
      slice_end_cycles_(static_cast<std::uint64_t>(slice_fifo_slices(shape.slices_per_group))),
      transfer_cycles_(static_cast<std::uint64_t>(shape.shape.output_fifo_beats)) {
    while (std::size_t{1} << slice_bytes_log2_ < slice_bytes_) ++slice_bytes_log2_;
    hidden_socket.on_b_transport = [this](RowGroupRun& run, sc_core::sc_time&) {
        serialize(run);
        flush();
    };
    logit_socket.on_b_transport = [this](RowGroupRun& run, sc_core::sc_time&) {
        if (run.group_count == 0) return;
        if (probe_) probe_.logits_written(run);
        serialize(run);
        flush();
    };
    stream_socket.on_nb_transport_bw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
        on_transfers(transfer);
        return tlm::TLM_ACCEPTED;
    };
}

Cycle StreamOutput::reservable_from(std::uint64_t number) const {
    const std::uint64_t capacity = slice_end_cycles_.capacity();
    if (number < capacity) return 0;
    const std::uint64_t must_be_finished = number - capacity;
    const bool known = must_be_finished < std::max(finished_slices_, foreseen_.slices);
    return known ? slice_end_cycles_[must_be_finished] + 1 : kUnknown;
}

/// Slices that end later than these may overwrite them in slice_end_cycles_: those were reserved with what they said.
bool StreamOutput::foresee_group(Cycle written) {
    if (foreseen_.slices <= finished_slices_) foreseen_ = place();
    const auto timing = time_group(foreseen_, written + 1);
    if (timing) foreseen_ = finish_group(foreseen_, *timing);
    return timing.has_value();
}

// ---------------------------------------------------------------- serializer

void StreamOutput::serialize_hidden(const RowGroupRun& run) {
    const int size = static_cast<int>(run.descriptor->size);
    const int first_unit = run.first_group * shape_.units_per_group;
    const int end_unit = std::min(first_unit + run.group_count * shape_.units_per_group, size);
    pack(run, first_unit, end_unit);
    for (int unit = first_unit; unit < end_unit; unit += shape_.units_per_group) {
        const int group = unit / shape_.units_per_group - run.first_group;
        const Cycle ready = run.begin_cycles[group] + static_cast<Cycle>(run.latency_cycles) + 1;
        const int group_end = std::min(unit + shape_.units_per_group, end_unit);
        const bool whole = group_end < size; // and without the vector's end
        if (!whole || !serialize_group(ready)) serialize_slices(run, unit, group_end, ready);
    }
}

/// Where the beat FIFO is known to have room for each beat of a whole group in its cycle. nullopt: it may have to wait.
std::optional<StreamOutput::GroupTiming> StreamOutput::time_group(const Place& place, Cycle ready) const {
    if (!waiting_.empty() || slices_per_beat_ == 0) return std::nullopt;
    const std::size_t in_beat =
        place.beat_bytes >> slice_bytes_log2_; // slices; a division would cost more than the rest
    const std::size_t bytes = place.beat_bytes + static_cast<std::size_t>(shape_.slices_per_group) * slice_bytes_;
    GroupTiming timing;
    timing.begin = std::max(place.cycle + 1, ready);
    timing.beats = bytes / kBeatBytes;
    timing.first_beat_cycle = timing.begin + slices_per_beat_ - 1 - in_beat;
    const std::uint64_t capacity = transfer_cycles_.capacity();
    if (place.beats + timing.beats > capacity) {
        const std::uint64_t must_be_gone = place.beats + timing.beats - capacity - 1;
        if (must_be_gone >= transferred_ || transfer_cycles_[must_be_gone] + 1 > timing.begin) return std::nullopt;
    }
    return timing;
}

/// The place behind the group; its slices' ends are noted.
StreamOutput::Place StreamOutput::finish_group(const Place& place, const GroupTiming& timing) {
    const auto slices = static_cast<std::size_t>(shape_.slices_per_group);
    for (std::size_t slice = 0; slice < slices; ++slice) slice_end_cycles_[place.slices + slice] = timing.begin + slice;
    return {timing.begin + slices - 1, place.slices + slices, place.beats + timing.beats,
            place.beat_bytes + slices * slice_bytes_ - timing.beats * kBeatBytes};
}

/// All slices of a whole group at once. False: nothing done.
bool StreamOutput::serialize_group(Cycle ready) {
    const auto timing = time_group(place(), ready);
    if (!timing) return false;
    const Place behind = finish_group(place(), *timing);
    Cycle valid = timing->first_beat_cycle + kOutputFifoCycles;
    for (std::size_t beat = 0; beat < timing->beats; ++beat, packed_beat_ += kBeatBytes) {
        StreamBeat pushed{0, valid, false};
        std::memcpy(&pushed.data, packed_.data() + packed_beat_, kBeatBytes);
        pushed_beats_.push_back(pushed);
        valid += slices_per_beat_;
    }
    packed_end_ = packed_beat_ + behind.beat_bytes;
    pushed_ = behind.beats;
    finished_slices_ = behind.slices;
    serializer_cycle_ = behind.cycle;
    return true;
}

/// Slice by slice; the first is ready in `ready`, each a cycle after the one before.
void StreamOutput::serialize_slices(const RowGroupRun& run, int first_unit, int end_unit, Cycle ready) {
    for (int unit = first_unit; unit < end_unit; unit += shape_.update_width, ++ready) {
        const bool vector_ends =
            run.vector_ends && unit + shape_.update_width >= static_cast<int>(run.descriptor->size);
        Work work;
        work.ready = ready;
        packed_end_ += slice_bytes_;
        work.push = packed_end_ - packed_beat_ >= kBeatBytes || vector_ends;
        if (work.push) {
            std::memcpy(&work.data, packed_.data() + packed_beat_, kBeatBytes);
            packed_beat_ += kBeatBytes;
            if (packed_end_ > packed_beat_) { // a slice of 16 bytes: its first beat
                enqueue(work);
                std::memcpy(&work.data, packed_.data() + packed_beat_, kBeatBytes);
                packed_beat_ += kBeatBytes;
            }
        }
        work.slice_ends = true;
        if (vector_ends) {
            mark_vector_end(work, run);
            packed_end_ = packed_beat_; // the next vector begins a beat
        }
        enqueue(work);
    }
}

/// Elements of the run's units behind those of the beat under way, whole slices, zeros beyond the vector.
void StreamOutput::pack(const RowGroupRun& run, int first_unit, int end_unit) {
    const auto element_bytes = static_cast<std::size_t>(hidden_element_bytes(shape_.activation_bits));
    const auto units = static_cast<std::size_t>(end_unit - first_unit);
    const auto width = static_cast<std::size_t>(shape_.update_width);
    const std::size_t padded = (units + width - 1) / width * width;
    const std::size_t begun = packed_end_ - packed_beat_;
    const std::size_t bytes = begun + padded * element_bytes + 2 * kBeatBytes;
    if (packed_.size() < packed_beat_ + bytes) packed_.resize(packed_beat_ + bytes);
    std::memmove(packed_.data(), packed_.data() + packed_beat_, begun);
    packed_beat_ = 0;
    packed_end_ = begun;
    unsigned char* target = packed_.data() + begun;
    if (!shape_.computes_values) {
        std::memset(target, 0, padded * element_bytes + kBeatBytes);
        return;
    }
    const std::int16_t* hidden = run.hidden + first_unit;
    if (element_bytes == 1)
        for (std::size_t unit = 0; unit < units; ++unit) target[unit] = static_cast<unsigned char>(hidden[unit]);
    else
        std::memcpy(target, hidden, units * sizeof(std::int16_t));
    std::memset(target + units * element_bytes, 0, (padded - units) * element_bytes + kBeatBytes);
}

void StreamOutput::serialize_logits(const RowGroupRun& run) {
    const int rows_per_slice = kGates * shape_.update_width;
    const int size = static_cast<int>(run.descriptor->size);
    for (int g = 0; g < run.group_count; ++g) {
        const int first_row = (run.first_group + g) * shape_.lanes;
        const int end_row = std::min(first_row + shape_.lanes, size);
        Cycle written = run.begin_cycles[g] + static_cast<Cycle>(run.latency_cycles);
        for (int slice_row = first_row; slice_row < end_row; slice_row += rows_per_slice, ++written) {
            const int slice_end = std::min(slice_row + rows_per_slice, end_row);
            for (int row = slice_row; row < slice_end; row += 2) {
                Work work;
                work.ready = written + 1;
                work.push = true;
                if (shape_.computes_values) {
                    work.data = static_cast<std::uint32_t>(run.logits[row]);
                    if (row + 1 < slice_end)
                        work.data |= std::uint64_t{static_cast<std::uint32_t>(run.logits[row + 1])} << 32;
                }
                work.slice_ends = row + 2 >= slice_end;
                if (work.slice_ends && run.vector_ends && slice_end == size) mark_vector_end(work, run);
                enqueue(work);
            }
        }
    }
}

void StreamOutput::find_maximum(const RowGroupRun& run) {
    const int rows_per_slice = kGates * shape_.update_width;
    const int size = static_cast<int>(run.descriptor->size);
    for (int g = 0; g < run.group_count; ++g) {
        const int first_row = (run.first_group + g) * shape_.lanes;
        const int end_row = std::min(first_row + shape_.lanes, size);
        Cycle written = run.begin_cycles[g] + static_cast<Cycle>(run.latency_cycles);
        for (int slice_row = first_row; slice_row < end_row; slice_row += rows_per_slice, ++written) {
            const int slice_end = std::min(slice_row + rows_per_slice, end_row);
            const bool vector_ends = run.vector_ends && slice_end == size;
            for (int row = slice_row; shape_.computes_values && row < slice_end; ++row) {
                if (any_logit_ && run.logits[row] <= best_logit_) continue;
                any_logit_ = true;
                best_logit_ = run.logits[row];
                best_index_ = static_cast<std::uint32_t>(row);
            }
            for (int row = slice_row; row < slice_end; row += 2) {
                Work work;
                work.ready = written + 1;
                work.slice_ends = row + 2 >= slice_end && !vector_ends;
                enqueue(work);
            }
            if (!vector_ends) continue;
            Work result;
            result.push = true;
            result.data = best_index_;
            result.slice_ends = true;
            mark_vector_end(result, run);
            any_logit_ = false;
            enqueue(result);
        }
    }
}

void StreamOutput::mark_vector_end(Work& work, const RowGroupRun& run) {
    ++packet_vectors_;
    work.vector_ends = true;
    work.last_of_run = run.end_of_run;
    work.tlast = run.end_of_run || packet_vectors_ >= registers_.packet_vectors;
    if (work.tlast) packet_vectors_ = 0;
}

// ---------------------------------------------------------------- beat FIFO

void StreamOutput::enqueue(const Work& work) {
    if (!waiting_.empty() || !perform(work)) waiting_.push(work);
}

/// False: the beat FIFO is full as far as is known.
bool StreamOutput::perform(const Work& work) {
    Cycle cycle = std::max(serializer_cycle_ + 1, work.ready);
    if (work.push) {
        const std::uint64_t capacity = transfer_cycles_.capacity();
        if (pushed_ >= capacity) {
            const std::uint64_t must_be_gone = pushed_ - capacity;
            if (must_be_gone >= transferred_) return false;
            cycle = std::max(cycle, transfer_cycles_[must_be_gone] + 1);
        }
        pushed_beats_.push_back({work.data, cycle + kOutputFifoCycles, work.tlast});
        if (work.last_of_run) last_beats_.push_back(pushed_);
        if (work.vector_ends && timeline_ != nullptr) vector_end_beats_.push_back(pushed_);
        ++pushed_;
    }
    serializer_cycle_ = cycle;
    if (work.slice_ends) {
        slice_end_cycles_[finished_slices_++] = cycle;
    }
    return true;
}

/// Offers what has been pushed; the answer may come at once and let more in.
void StreamOutput::flush() {
    if (offering_now_) return; // the offer under way goes on with what was pushed
    offering_now_ = true;
    while (!pushed_beats_.empty()) {
        offering_.swap(pushed_beats_);
        if (trace_ != nullptr) trace_beats_.insert(trace_beats_.end(), offering_.begin(), offering_.end());
        offer_beats(stream_socket, offering_.data(), offering_.size());
        offering_.clear();
        resume();
    }
    offering_now_ = false;
}

void StreamOutput::resume() {
    while (!waiting_.empty() && perform(waiting_.front())) waiting_.pop();
}

void StreamOutput::on_transfers(const StreamTransfer& transfer) {
    for (std::size_t beat = 0; beat < transfer.count; ++beat) {
        transfer_cycles_[transferred_ + beat] = transfer.transfer_cycles[beat];
        if (recording_) record_transfer(transferred_ + beat, transfer.transfer_cycles[beat]);
    }
    transferred_ += transfer.count;
    std::uint64_t told = 0; ///< beats up to which control_registers knows
    for (; !last_beats_.empty() && last_beats_.front() < transferred_; last_beats_.pop_front()) {
        events->output_transferred(transfer_cycles_[last_beats_.front()], true);
        told = last_beats_.front() + 1;
    }
    if (told < transferred_) events->output_transferred(transfer_cycles_[transferred_ - 1], false);
    resume();
    flush();
    sequencer->advance();
}

// ---------------------------------------------------------------- waveform and timeline

void StreamOutput::record_signals(SignalTrace& trace) {
    trace_ = &trace;
    recording_ = true;
    probe_.attach(trace);
}

void StreamOutput::record_timeline(Timeline& timeline) {
    timeline_ = &timeline;
    recording_ = true;
}

void StreamOutput::record_transfer(std::uint64_t number, Cycle cycle) {
    if (timeline_ != nullptr) extend_timeline(number, cycle);
    if (trace_ == nullptr) return;
    const StreamBeat& beat = trace_beats_.front();
    const Cycle from = std::max(beat.valid_cycle, trace_from_);
    trace_->record(Signal::m_axis_tvalid, from, cycle + 1, 1);
    trace_->record(Signal::m_axis_tready, cycle, cycle + 1, 1);
    trace_->record(Signal::m_axis_tlast, from, cycle + 1, beat.last ? 1 : 0);
    trace_->record(Signal::m_axis_tdata, from, cycle + 1, beat.data);
    trace_from_ = cycle + 1;
    trace_beats_.pop_front();
}

/// A vector is one event, from its first beat to its last.
void StreamOutput::extend_timeline(std::uint64_t number, Cycle cycle) {
    TimelineEvent& event = timeline_event_;
    if (event.count++ == 0) event.begin = cycle;
    if (number != vector_end_beats_.front()) return;
    vector_end_beats_.pop_front();
    event.track = TimelineTrack::stream_output;
    event.kind = TimelineKind::output_vector;
    event.end = cycle + 1;
    timeline_->record(event);
    event.count = 0;
    ++event.number;
}

} // namespace bru
