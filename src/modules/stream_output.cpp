#include "modules/stream_output.hpp"

#include <algorithm>
#include <cstring>

#include "base/integers.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "machine/stream_format.hpp"

namespace bru {

StreamOutput::StreamOutput(const sc_core::sc_module_name& name, const CoreShape& shape, const CoreRegisters& registers)
    : sc_module(name), logit_socket("logit_socket"), hidden_socket("hidden_socket"), stream_socket("stream_socket"),
      sequencer("sequencer"), events("events"), shape_(shape), registers_(registers), serializer_(shape) {
    hidden_socket.on_b_transport = [this](RowGroupRun& run, sc_core::sc_time&) {
        serialize(run);
        flush();
    };
    logit_socket.on_b_transport = [this](RowGroupRun& run, sc_core::sc_time&) {
        if (observers_) observers_.tell(&Observer::slices_enter, PipelineStage::stream_output, run);
        serialize(run);
        flush();
    };
    stream_socket.on_nb_transport_bw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
        on_transfers(transfer);
        return tlm::TLM_ACCEPTED;
    };
}

bool StreamOutput::describe_reservations(const Descriptor& descriptor, std::uint64_t reserved, StateKey& key) const {
    const SerializerState& state = serializer_.state();
    if (state.slices != reserved || !serializer_.has_room(most_beats(descriptor), key.base())) return false;
    state.describe(key);
    state.describe_reservations(key);
    return true;
}

void StreamOutput::reset() {
    serializer_.reset();
    packed_ = PackedBytes();
    packet_vectors_ = 0;
    any_logit_ = false;
    observed_beats_.clear();
}

// ---------------------------------------------------------------- slices

void StreamOutput::serialize(const RowGroupRun& run) {
    const bool whole = run.first_group == 0 && run.vector_ends;
    if (whole && !shape_.computes_values && !observers_)
        serialize_whole_vector(run);
    else
        serialize_slices(run);
}

/// Where no values are computed: as an earlier vector was serialized, if there was one that began in the same state.
void StreamOutput::serialize_whole_vector(const RowGroupRun& run) {
    const Cycle base = run.begin_cycles[0] + run.latency_cycles + 1;
    if (!serializer_.pushed_beats().empty() || !serializer_.has_room(most_beats(*run.descriptor), base)) {
        serialize_slices(run);
        return;
    }
    begin_key_.restart(base);
    begin_key_.number(run.descriptor->size); // software may have written the descriptor or the mode since
    begin_key_.number(static_cast<std::uint64_t>(registers_.output_kind()));
    serializer_.state().describe(begin_key_);
    for (int group = 0; group < run.group_count; ++group)
        begin_key_.number(run.begin_cycles[group] - run.begin_cycles[0]);
    RecurringSchedules<Serializer::Schedule>& known = schedules_[run.descriptor_index];
    if (const Serializer::Schedule* const schedule = known.find(begin_key_)) {
        serializer_.repeat(*schedule, base, end_vector(run));
        return;
    }
    const std::uint64_t first_slice = serializer_.state().slices;
    serialize_slices(run);
    known.add(begin_key_, serializer_.schedule_since(first_slice, base));
}

void StreamOutput::serialize_slices(const RowGroupRun& run) {
    if (!run.descriptor->dense())
        serialize_hidden(run);
    else if (registers_.output_kind() == OutputKind::argmax)
        find_maximum(run);
    else
        serialize_logits(run);
}

void StreamOutput::serialize_hidden(const RowGroupRun& run) {
    const int size = run.descriptor->size;
    const int first_unit = run.first_group * shape_.units_per_group;
    const int end_unit = std::min(first_unit + run.group_count * shape_.units_per_group, size);
    pack(run, first_unit, end_unit);
    for (int group = 0; group < run.group_count; ++group) {
        const int first = first_unit + group * shape_.units_per_group;
        const int end = std::min(first + shape_.units_per_group, end_unit);
        Cycle ready = run.begin_cycles[group] + run.latency_cycles + 1;
        const bool whole = end < size; // and without the vector's end
        if (whole && serializer_.serialize_group(ready, packed_)) continue;
        for (int unit = first; unit < end; unit += shape_.update_width, ++ready) {
            const bool vector_ends = run.vector_ends && unit + shape_.update_width >= size;
            serializer_.serialize_slice(ready, packed_,
                                        vector_ends ? std::make_optional(end_vector(run)) : std::nullopt);
        }
    }
}

/// Elements of the run's units behind those of the beat under way, whole slices, zeros beyond the vector.
void StreamOutput::pack(const RowGroupRun& run, int first_unit, int end_unit) {
    const std::size_t element_bytes = hidden_element_bytes(shape_.activation_bits);
    const std::size_t units = end_unit - first_unit;
    const std::size_t width = shape_.update_width;
    const std::size_t padded = (units + width - 1) / width * width;
    unsigned char* target = packed_.append(serializer_.state().beat_bytes, padded * element_bytes);
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

template <typename Act>
void StreamOutput::for_each_row_slice(const RowGroupRun& run, const Act& act) {
    const int rows_per_slice = kGates * shape_.update_width;
    const int size = run.descriptor->size;
    for (int g = 0; g < run.group_count; ++g) {
        const int first_row = (run.first_group + g) * shape_.lanes;
        const int end_row = std::min(first_row + shape_.lanes, size);
        Cycle written = run.begin_cycles[g] + run.latency_cycles;
        for (int row = first_row; row < end_row; row += rows_per_slice, ++written)
            act(row, std::min(row + rows_per_slice, end_row), written);
    }
}

void StreamOutput::serialize_logits(const RowGroupRun& run) {
    const int size = run.descriptor->size;
    for_each_row_slice(run, [&](int first_row, int end_row, Cycle written) {
        for (int row = first_row; row < end_row; row += 2) {
            const bool vector_ends = run.vector_ends && row + 2 >= size;
            Serializer::Work work = vector_ends ? end_work(run) : Serializer::Work{};
            work.ready = written + 1;
            work.push = true;
            work.slice_ends = row + 2 >= end_row;
            if (shape_.computes_values) {
                work.data = static_cast<std::uint32_t>(run.logits[row]);
                if (row + 1 < end_row)
                    work.data |= std::uint64_t{static_cast<std::uint32_t>(run.logits[row + 1])} << 32;
            }
            serializer_.enqueue(work);
        }
    });
}

void StreamOutput::find_maximum(const RowGroupRun& run) {
    const int size = run.descriptor->size;
    for_each_row_slice(run, [&](int first_row, int end_row, Cycle written) {
        const bool vector_ends = run.vector_ends && end_row == size;
        look_at_logits(run, first_row, end_row);
        for (int row = first_row; row < end_row; row += 2) {
            Serializer::Work work;
            work.ready = written + 1;
            work.slice_ends = row + 2 >= end_row && !vector_ends;
            serializer_.enqueue(work);
        }
        if (!vector_ends) return;
        Serializer::Work result = end_work(run);
        result.push = true;
        result.data = best_index_;
        result.slice_ends = true;
        any_logit_ = false;
        serializer_.enqueue(result);
    });
}

void StreamOutput::look_at_logits(const RowGroupRun& run, int first_row, int end_row) {
    if (!shape_.computes_values) return;
    for (int row = first_row; row < end_row; ++row) {
        if (any_logit_ && run.logits[row] <= best_logit_) continue;
        any_logit_ = true;
        best_logit_ = run.logits[row];
        best_index_ = row;
    }
}

/// Counts the vector, and says what its last beat says.
Serializer::VectorEnd StreamOutput::end_vector(const RowGroupRun& run) {
    ++packet_vectors_;
    const bool tlast = run.end_of_run || packet_vectors_ >= registers_.packet_vectors;
    if (tlast) packet_vectors_ = 0;
    return {tlast, run.end_of_run};
}

Serializer::Work StreamOutput::end_work(const RowGroupRun& run) {
    const Serializer::VectorEnd end = end_vector(run);
    Serializer::Work work;
    work.vector_ends = true;
    work.tlast = end.tlast;
    work.last_of_run = end.last_of_run;
    return work;
}

/// Beats of a vector, at most.
std::uint64_t StreamOutput::most_beats(const Descriptor& descriptor) const {
    const std::uint32_t width = shape_.update_width;
    if (!descriptor.dense())
        return divide_up(divide_up(descriptor.size, width) * serializer_.slice_bytes(), kBeatBytes) + 1;
    if (registers_.output_kind() == OutputKind::argmax) return 1;
    const std::uint32_t rows_per_slice = kGates * width;
    return std::uint64_t{divide_up(descriptor.size, rows_per_slice)} * divide_up(rows_per_slice, 2);
}

// ---------------------------------------------------------------- beats

/// Offers what has been pushed; the answer may come at once and let more in.
void StreamOutput::flush() {
    if (offering_now_) return; // the offer under way goes on with what was pushed
    offering_now_ = true;
    while (!serializer_.pushed_beats().empty()) {
        offering_.swap(serializer_.pushed_beats());
        if (observers_) observed_beats_.insert(observed_beats_.end(), offering_.begin(), offering_.end());
        offer_beats(stream_socket, offering_.data(), offering_.size());
        offering_.clear();
        serializer_.resume();
    }
    offering_now_ = false;
}

void StreamOutput::on_transfers(const StreamTransfer& transfer) {
    const std::uint64_t first = serializer_.state().transferred;
    serializer_.transfer(transfer.transfer_cycles, transfer.count);
    if (observers_) report_transfers(first, transfer);
    const Cycle last = transfer.transfer_cycles[transfer.count - 1];
    Cycle told = 0; ///< transfers up to which control_registers knows
    while (const auto run_end = serializer_.take_finished_run()) {
        events->output_transferred(*run_end, true);
        told = *run_end;
    }
    if (told < last) events->output_transferred(last, false);
    serializer_.resume();
    flush();
    sequencer->advance();
}

// ---------------------------------------------------------------- observers

void StreamOutput::observe(Observer& observer) {
    observers_.add(observer);
    serializer_.note_vector_ends();
}

void StreamOutput::report_transfers(std::uint64_t first, const StreamTransfer& transfer) {
    for (std::size_t beat = 0; beat < transfer.count; ++beat) {
        OutputBeat left;
        left.beat = observed_beats_.front();
        left.transferred = transfer.transfer_cycles[beat];
        left.ends_vector = serializer_.take_vector_end(first + beat);
        observers_.tell(&Observer::beat_left, left);
        observed_beats_.pop_front();
    }
}

} // namespace bru
