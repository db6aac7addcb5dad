#include "modules/stream_output.hpp"

#include <algorithm>

namespace bru {

namespace {

constexpr int kBeatBytes = 8;

} // namespace

StreamOutput::StreamOutput(const sc_core::sc_module_name& name, const CoreShape& shape, const CoreRegisters& registers)
    : sc_module(name), logit_socket("logit_socket"), hidden_socket("hidden_socket"), stream_socket("stream_socket"),
      sequencer("sequencer"), events("events"), shape_(shape), registers_(registers),
      slice_end_cycles_(static_cast<std::size_t>(slice_fifo_slices(shape.slices_per_group))),
      transfer_cycles_(static_cast<std::size_t>(shape.shape.output_fifo_beats)) {
    hidden_socket.on_b_transport = [this](RowGroupRun& run, sc_core::sc_time&) {
        serialize_hidden(run);
        flush();
    };
    logit_socket.on_b_transport = [this](RowGroupRun& run, sc_core::sc_time&) {
        if (run.group_count == 0) return;
        if (registers_.output_kind() == OutputKind::argmax) find_maximum(run);
        else serialize_logits(run);
        flush();
    };
    stream_socket.on_nb_transport_bw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
        on_transfers(transfer);
        return tlm::TLM_ACCEPTED;
    };
}

Cycle StreamOutput::reservable_from(std::uint64_t number) const {
    const std::uint64_t capacity = slice_end_cycles_.size();
    if (number < capacity) return 0;
    const std::uint64_t must_be_finished = number - capacity;
    return must_be_finished < finished_slices_ ? slice_end_cycles_[must_be_finished % capacity] + 1 : kUnknown;
}

// ---------------------------------------------------------------- serializer

void StreamOutput::serialize_hidden(const RowGroupRun& run) {
    const int units = shape_.units_per_group;
    const int width = shape_.update_width;
    const int size = static_cast<int>(run.descriptor->size);
    const int element_bytes = hidden_element_bytes(shape_.activation_bits);
    const std::uint64_t element_mask = element_bytes == 1 ? 0xFF : 0xFFFF;
    for (int g = 0; g < run.group_count; ++g) {
        const int first_unit = (run.first_group + g) * units;
        const int end_unit = std::min(first_unit + units, size);
        Cycle written = run.begin_cycles[g] + static_cast<Cycle>(run.latency_cycles);
        for (int unit = first_unit; unit < end_unit; unit += width, ++written) {
            const bool vector_ends = run.vector_ends && unit + width >= size;
            Work work;
            work.ready = written + 1;
            for (int element = 0; element < width; ++element) {
                const std::uint64_t value =
                    unit + element < size ? static_cast<std::uint64_t>(run.hidden[unit + element]) & element_mask : 0;
                packed_data_ |= value << (8 * packed_bytes_);
                packed_bytes_ += element_bytes;
                const bool slice_ends = element + 1 == width;
                if (packed_bytes_ < kBeatBytes && !(slice_ends && vector_ends)) continue;
                work.push = true;
                work.data = packed_data_;
                packed_data_ = 0;
                packed_bytes_ = 0;
                if (slice_ends) break;
                enqueue(work); // a slice of 16 bytes: its first beat
                work.push = false;
            }
            work.slice_ends = true;
            if (vector_ends) mark_vector_end(work, run);
            enqueue(work);
        }
    }
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
                work.data = static_cast<std::uint32_t>(run.sums[row]);
                if (row + 1 < slice_end) work.data |= std::uint64_t{static_cast<std::uint32_t>(run.sums[row + 1])} << 32;
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
            for (int row = slice_row; row < slice_end; ++row) {
                if (any_logit_ && run.sums[row] <= best_logit_) continue;
                any_logit_ = true;
                best_logit_ = run.sums[row];
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
    work.last_of_run = run.end_of_run;
    work.tlast = run.end_of_run || packet_vectors_ >= registers_.packet_vectors;
    if (work.tlast) packet_vectors_ = 0;
}

// ---------------------------------------------------------------- beat FIFO

void StreamOutput::enqueue(const Work& work) {
    if (!waiting_.empty() || !perform(work)) waiting_.push_back(work);
}

/// False: the beat FIFO is full as far as is known.
bool StreamOutput::perform(const Work& work) {
    Cycle cycle = std::max(serializer_cycle_ + 1, work.ready);
    if (work.push) {
        const std::uint64_t capacity = transfer_cycles_.size();
        if (pushed_ >= capacity) {
            const std::uint64_t must_be_gone = pushed_ - capacity;
            if (must_be_gone >= transferred_) return false;
            cycle = std::max(cycle, transfer_cycles_[must_be_gone % capacity] + 1);
        }
        pushed_beats_.push_back({work.data, cycle + kOutputFifoCycles, work.tlast});
        if (work.last_of_run) last_beats_.push_back(pushed_);
        ++pushed_;
    }
    serializer_cycle_ = cycle;
    if (work.slice_ends) {
        slice_end_cycles_[finished_slices_ % slice_end_cycles_.size()] = cycle;
        ++finished_slices_;
    }
    return true;
}

/// Offers what has been pushed; the answer may come at once and let more in.
void StreamOutput::flush() {
    while (!pushed_beats_.empty()) {
        std::vector<StreamBeat> beats;
        beats.swap(pushed_beats_);
        offer_beats(stream_socket, beats.data(), beats.size());
        resume();
        if (pushed_beats_.empty()) {
            beats.clear();
            pushed_beats_.swap(beats); // keeps its memory
        }
    }
}

void StreamOutput::resume() {
    while (!waiting_.empty() && perform(waiting_.front())) waiting_.pop_front();
}

void StreamOutput::on_transfers(const StreamTransfer& transfer) {
    for (std::size_t beat = 0; beat < transfer.count; ++beat) {
        const Cycle cycle = transfer.transfer_cycles[beat];
        transfer_cycles_[transferred_ % transfer_cycles_.size()] = cycle;
        const bool last_of_run = !last_beats_.empty() && last_beats_.front() == transferred_;
        if (last_of_run) last_beats_.pop_front();
        ++transferred_;
        if (last_of_run || beat + 1 == transfer.count) events->output_transferred(cycle, last_of_run);
    }
    resume();
    flush();
    sequencer->advance();
}

} // namespace bru
