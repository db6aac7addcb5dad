#include "schedule/serializer.hpp"

#include <algorithm>
#include <cstring>

#include "base/integers.hpp"
#include "machine/core_shape.hpp"
#include "machine/stream_format.hpp"
#include "machine/timing.hpp"

namespace bru {

// ---------------------------------------------------------------- state

void SerializerState::describe_reservations(StateKey& key) const {
    const std::uint64_t kept = std::min(slices, slice_ends.capacity());
    for (std::uint64_t slice = slices - kept; slice < slices; ++slice) key.cycle(slice_ends[slice] + 1);
}

std::optional<Cycle> SerializerState::room_for_beat(std::uint64_t beat) const {
    if (beat < transfers.capacity()) return 0;
    const std::uint64_t must_be_gone = beat - transfers.capacity();
    if (must_be_gone >= transferred) return std::nullopt;
    return transfers[must_be_gone] + 1;
}

unsigned char* PackedBytes::append(std::size_t begun, std::size_t bytes) {
    const std::size_t needed = beat_ + begun + bytes + std::size_t{2} * kBeatBytes; // whole beats can be read
    if (bytes_.size() < needed) bytes_.resize(needed);
    std::memmove(bytes_.data(), bytes_.data() + beat_, begun);
    beat_ = 0;
    return bytes_.data() + begun;
}

std::uint64_t PackedBytes::next_beat() {
    std::uint64_t data = 0;
    std::memcpy(&data, bytes_.data() + beat_, kBeatBytes);
    beat_ += kBeatBytes;
    return data;
}

Serializer::Serializer(const CoreShape& shape)
    : slices_per_group_(shape.slices_per_group),
      slice_bytes_(narrow<std::size_t>(shape.update_width * hidden_element_bytes(shape.activation_bits))),
      slices_per_beat_(kBeatBytes / slice_bytes_),
      state_(slice_fifo_slices(shape.slices_per_group), shape.shape.output_fifo_beats) {
    while (std::size_t{1} << slice_bytes_log2_ < slice_bytes_) ++slice_bytes_log2_;
}

void Serializer::reset() {
    state_ = SerializerState(state_.slice_ends.capacity(), state_.transfers.capacity());
    foreseen_ = Place();
    waiting_ = {};
    pushed_beats_.clear();
    last_beats_.clear();
    vector_end_beats_.clear();
}

// ---------------------------------------------------------------- slice FIFO

Cycle Serializer::reservable_from(std::uint64_t slice) const {
    const std::uint64_t capacity = state_.slice_ends.capacity();
    if (slice < capacity) return 0;
    const std::uint64_t must_be_finished = slice - capacity;
    const bool known = must_be_finished < std::max(state_.slices, foreseen_.slices);
    return known ? state_.slice_ends[must_be_finished] + 1 : SliceRoom::kUnknown;
}

/// Slices that end later than these may overwrite them in slice_ends: those were reserved with what they said.
bool Serializer::foresee_group(Cycle written) {
    if (foreseen_.slices <= state_.slices) foreseen_ = place();
    const auto timing = time_group(foreseen_, written + 1);
    if (timing) foreseen_ = finish_group(foreseen_, *timing);
    return timing.has_value();
}

// ---------------------------------------------------------------- slices

void Serializer::enqueue(const Work& work) {
    if (!waiting_.empty() || !perform(work)) waiting_.push(work);
}

/// False: the beat FIFO is full as far as is known.
bool Serializer::perform(const Work& work) {
    Cycle cycle = std::max(state_.cycle + 1, work.ready);
    if (work.push) {
        const auto room = state_.room_for_beat(state_.beats);
        if (!room) return false;
        cycle = std::max(cycle, *room);
        push_beat(work.data, cycle + kOutputFifoCycles, work.tlast);
        if (work.last_of_run) last_beats_.push_back(state_.beats);
        if (work.vector_ends && notes_vector_ends_) vector_end_beats_.push_back(state_.beats);
        ++state_.beats;
    }
    state_.cycle = cycle;
    if (work.slice_ends) state_.slice_ends[state_.slices++] = cycle;
    return true;
}

void Serializer::resume() {
    while (!waiting_.empty() && perform(waiting_.front())) waiting_.pop();
}

/// Where the beat FIFO is known to have room for each beat of a whole group in its cycle. nullopt: it may have to wait.
std::optional<Serializer::GroupTiming> Serializer::time_group(const Place& place, Cycle ready) const {
    if (!waiting_.empty() || slices_per_beat_ == 0) return std::nullopt;
    const std::size_t in_beat =
        place.beat_bytes >> slice_bytes_log2_; // slices; a division would cost more than the rest
    const std::size_t bytes = place.beat_bytes + slices_per_group_ * slice_bytes_;
    GroupTiming timing;
    timing.begin = std::max(place.cycle + 1, ready);
    timing.beats = bytes / kBeatBytes;
    timing.first_beat_cycle = timing.begin + slices_per_beat_ - 1 - in_beat;
    if (timing.beats == 0) return timing;
    const auto room = state_.room_for_beat(place.beats + timing.beats - 1);
    if (!room || *room > timing.begin) return std::nullopt;
    return timing;
}

/// The place behind the group; its slices' ends are noted.
Serializer::Place Serializer::finish_group(const Place& place, const GroupTiming& timing) {
    for (std::size_t slice = 0; slice < slices_per_group_; ++slice)
        state_.slice_ends[place.slices + slice] = timing.begin + slice;
    return {timing.begin + slices_per_group_ - 1, place.slices + slices_per_group_, place.beats + timing.beats,
            place.beat_bytes + slices_per_group_ * slice_bytes_ - timing.beats * kBeatBytes};
}

bool Serializer::serialize_group(Cycle ready, PackedBytes& bytes) {
    const auto timing = time_group(place(), ready);
    if (!timing) return false;
    const Place behind = finish_group(place(), *timing);
    Cycle valid = timing->first_beat_cycle + kOutputFifoCycles;
    for (std::size_t beat = 0; beat < timing->beats; ++beat, valid += slices_per_beat_)
        push_beat(bytes.next_beat(), valid, false);
    state_.cycle = behind.cycle;
    state_.slices = behind.slices;
    state_.beats = behind.beats;
    state_.beat_bytes = behind.beat_bytes;
    return true;
}

void Serializer::serialize_slice(Cycle ready, PackedBytes& bytes, const std::optional<VectorEnd>& end) {
    Work work;
    work.ready = ready;
    state_.beat_bytes += slice_bytes_;
    work.push = state_.beat_bytes >= kBeatBytes || end;
    if (work.push) {
        work.data = bytes.next_beat();
        if (state_.beat_bytes > kBeatBytes) { // a slice of 16 bytes: its first beat
            enqueue(work);
            work.data = bytes.next_beat();
        }
        state_.beat_bytes = 0; // the next vector begins a beat
    }
    work.slice_ends = true;
    if (end) {
        work.vector_ends = true;
        work.tlast = end->tlast;
        work.last_of_run = end->last_of_run;
    }
    enqueue(work);
}

// ---------------------------------------------------------------- vectors that go like earlier ones

bool Serializer::has_room(std::uint64_t beats, Cycle cycle) const {
    if (!waiting_.empty() || beats > state_.transfers.capacity()) return false;
    const auto room = state_.room_for_beat(state_.beats + beats - 1);
    return room && *room <= cycle;
}

Serializer::Schedule Serializer::schedule_since(std::uint64_t slices_before, Cycle base) const {
    Schedule schedule;
    for (const StreamBeat& beat : pushed_beats_) schedule.beats_valid.push_back(beat.valid_cycle - base);
    schedule.slices = state_.slices - slices_before;
    const std::uint64_t kept = std::min(schedule.slices, state_.slice_ends.capacity());
    for (std::uint64_t slice = state_.slices - kept; slice < state_.slices; ++slice)
        schedule.slice_ends.push_back(state_.slice_ends[slice] - base);
    schedule.cycle = state_.cycle - base;
    return schedule;
}

void Serializer::repeat(const Schedule& schedule, Cycle base, const VectorEnd& end) {
    for (const Cycle valid : schedule.beats_valid) push_beat(0, base + valid, false);
    pushed_beats_.back().last = end.tlast;
    state_.beats += schedule.beats_valid.size();
    if (end.last_of_run) last_beats_.push_back(state_.beats - 1);
    state_.slices += schedule.slices;
    std::uint64_t slice = state_.slices - schedule.slice_ends.size();
    for (const Cycle slice_end : schedule.slice_ends) state_.slice_ends[slice++] = base + slice_end;
    state_.cycle = base + schedule.cycle;
    state_.beat_bytes = 0;
}

// ---------------------------------------------------------------- beats

/// Built in its place: where a beat is built on the stack and then copied in words, the processor waits at every beat
/// until the single byte `last` is stored.
void Serializer::push_beat(std::uint64_t data, Cycle valid_cycle, bool last) {
    StreamBeat& beat = pushed_beats_.emplace_back();
    beat.data = data;
    beat.valid_cycle = valid_cycle;
    beat.last = last;
}

void Serializer::transfer(const Cycle* cycles, std::size_t count) {
    for (std::size_t beat = 0; beat < count; ++beat) state_.transfers[state_.transferred + beat] = cycles[beat];
    state_.transferred += count;
}

bool Serializer::take_vector_end(std::uint64_t beat) {
    if (vector_end_beats_.empty() || vector_end_beats_.front() != beat) return false;
    vector_end_beats_.pop_front();
    return true;
}

std::optional<Cycle> Serializer::take_finished_run() {
    if (last_beats_.empty() || last_beats_.front() >= state_.transferred) return std::nullopt;
    const Cycle cycle = state_.transfers[last_beats_.front()];
    last_beats_.pop_front();
    return cycle;
}

} // namespace bru
