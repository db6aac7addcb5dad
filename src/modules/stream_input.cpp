#include "modules/stream_input.hpp"

#include <algorithm>

#include "base/integers.hpp"
#include "machine/activation_codec.hpp"
#include "machine/core_shape.hpp"
#include "machine/memory_layout.hpp"
#include "machine/register_check.hpp"
#include "machine/registers.hpp"
#include "machine/stream_format.hpp"

namespace bru {

namespace {

constexpr Cycle kMistakeCycles = 2; ///< from the beat that is a mistake to the error bit

bool is_memory(LoadTarget target) { return static_cast<int>(target) < kLoadTargets; }

} // namespace

StreamInput::StreamInput(const sc_core::sc_module_name& name, const CoreShape& shape, const CoreRegisters& registers)
    : sc_module(name), stream_socket("stream_socket"), read_socket("read_socket"),
      weight_load_socket("weight_load_socket"), scale_load_socket("scale_load_socket"),
      bias_load_socket("bias_load_socket"), table_load_socket("table_load_socket"),
      state_load_socket("state_load_socket"), cell_load_socket("cell_load_socket"), sequencer("sequencer"),
      events("events"), shape_(shape), registers_(registers), ring_(4),
      release_cycles_(narrow<std::size_t>(shape.input_ring_words())) {
    stream_socket.on_nb_transport_fw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
        offered_.append(transfer.beats, transfer.count);
        process();
        return tlm::TLM_ACCEPTED;
    };
    read_socket.on_b_transport = [this](ActivationRead& read, sc_core::sc_time&) {
        const InputStep* step = input_step(read.step);
        read.values = step->values.data();
        read.one_hot_index = step->one_hot_index;
    };
}

void StreamInput::begin_load() {
    load_address_ = registers_.load_address;
    load_word_.clear();
    observers_.tell(&Observer::load_target_written);
}

void StreamInput::reset() {
    offered_ = {};
    next_cycle_ = 0;
    load_word_.clear();
    load_address_ = 0;
    discarded_ = 0;
    arrived_ = 0;
    released_ = 0;
    data_beats_left_ = 0;
    chunk_word_.clear();
}

void StreamInput::process() {
    if (processing_) {
        again_ = true;
        return;
    }
    processing_ = true;
    do {
        again_ = false;
        transfers_.clear();
        while (!offered_.empty() && accept(offered_.front())) offered_.pop();
        if (transfers_.empty()) continue;
        answer_beats(stream_socket, transfers_.data(), transfers_.size());
        if (registers_.load_target == LoadTarget::run) sequencer->advance();
    } while (again_);
    processing_ = false;
}

bool StreamInput::accept(const StreamBeat& beat) {
    const Cycle offered = std::max(beat.valid_cycle, next_cycle_);
    Cycle cycle = offered;
    const bool header = registers_.load_target == LoadTarget::run && data_beats_left_ == 0;
    if (header) {
        const std::uint64_t slots = std::clamp<std::uint64_t>(registers_.input_slots, 1, shape_.input_ring_words());
        if (arrived_ >= released_ + slots) return false;
        if (arrived_ >= slots) cycle = std::max(cycle, release_cycle(arrived_ - slots) + 1);
    }
    next_cycle_ = cycle + 1;
    if (observers_) report_transfer(beat.data, header, offered, cycle);
    transfers_.push_back(cycle);
    if (header)
        accept_header(beat);
    else if (registers_.load_target == LoadTarget::run)
        accept_data(beat);
    else
        accept_load(beat);
    return true;
}

void StreamInput::report_transfer(std::uint64_t data, bool header, Cycle offered, Cycle transferred) const {
    InputBeat beat;
    beat.data = data;
    beat.offered = offered;
    beat.transferred = transferred;
    beat.target = registers_.load_target;
    beat.header = header;
    beat.number = beat.target == LoadTarget::run ? arrived_ : load_address_;
    observers_.tell(&Observer::beat_accepted, beat);
}

void StreamInput::accept_load(const StreamBeat& beat) {
    if (!shape_.computes_values) return;
    const bool beyond = load_address_ >= words_of(registers_.load_target, shape_);
    if (beyond) events->mistake(transfers_.back() + kMistakeCycles);
    if (beyond && !is_memory(registers_.load_target)) return;
    load_word_.push_back(beat.data);
    if (count_of(load_word_) < beats_of(MemoryLayout(shape_).word_bits_of(registers_.load_target))) return;
    MemoryAccess write;
    write.write = true;
    write.address = load_address_++;
    write.words = 1;
    write.data = load_word_.data();
    if (!beyond) load_socket(registers_.load_target).send(write);
    load_word_.clear();
}

InputStep& StreamInput::append_step() {
    if (arrived_ - discarded_ == ring_.size()) {
        std::vector<InputStep> larger(2 * ring_.size());
        for (std::uint64_t step = discarded_; step < arrived_; ++step)
            larger[step & (larger.size() - 1)] = std::move(ring_[step & (ring_.size() - 1)]);
        ring_ = std::move(larger);
    }
    return ring_[arrived_++ & (ring_.size() - 1)];
}

/// A step of a stream that the core does not have is ignored with its data.
void StreamInput::accept_header(const StreamBeat& beat) {
    const Cycle cycle = transfers_.back();
    const std::uint32_t one_hot = one_hot_index(beat.data, cycle);
    const auto stream = narrow<std::uint32_t>(beat.data >> kHeaderStreamShift & kHeaderStreamMask);
    ignored_ = stream >= narrow<std::uint64_t>(shape_.shape.streams);
    if (!registers_.input_one_hot()) {
        data_beats_left_ = registers_.input_chunks() * beats_per_chunk(shape_.lane_width, shape_.activation_bits);
        chunk_word_.clear();
    }
    if (ignored_) {
        events->mistake(cycle + kMistakeCycles);
        return;
    }
    InputStep& step = append_step();
    step.first = (beat.data & kHeaderFirst) != 0;
    step.last = (beat.data & kHeaderLast) != 0;
    step.end = (beat.data & kHeaderEnd) != 0;
    step.stream = stream;
    step.header_cycle = cycle;
    step.one_hot_index = one_hot;
    step.chunk_cycles.clear();
    step.values.clear();
    events->header_accepted(cycle);
}

/// A one-hot that is none of the network's counts as the first.
std::uint32_t StreamInput::one_hot_index(std::uint64_t header, Cycle cycle) {
    const auto chunk = narrow<std::uint32_t>(header >> kHeaderChunkShift & 0xFFFF);
    const auto column = narrow<std::uint32_t>(header >> kHeaderColumnShift & 0xFFFF);
    const auto width = narrow<std::uint32_t>(shape_.lane_width);
    const std::uint32_t words = registers_.descriptors[0].x_words & 0xFFFF;
    if (chunk < words && column < width) return chunk * width + column;
    if (registers_.input_one_hot()) events->mistake(cycle + kMistakeCycles);
    return 0;
}

void StreamInput::accept_data(const StreamBeat& beat) {
    --data_beats_left_;
    if (ignored_) return;
    chunk_word_.push_back(beat.data);
    if (count_of(chunk_word_) < beats_per_chunk(shape_.lane_width, shape_.activation_bits)) return;
    InputStep& step = ring_[(arrived_ - 1) & (ring_.size() - 1)];
    if (shape_.computes_values) {
        const std::size_t first = step.values.size();
        step.values.resize(first + shape_.lane_width);
        decode_activations(chunk_word_.data(), shape_.lane_width, shape_.activation_bits, step.values.data() + first);
    }
    step.chunk_cycles.push_back(transfers_.back());
    chunk_word_.clear();
}

const InputStep* StreamInput::input_step(std::uint64_t number) const {
    return number < arrived_ ? &ring_[number & (ring_.size() - 1)] : nullptr;
}

void StreamInput::release_below(std::uint64_t number, Cycle cycle) {
    for (; released_ < number; ++released_) release_cycle(released_) = cycle;
    process();
}

void StreamInput::discard_below(std::uint64_t number) { discarded_ = number; }

MemoryInitiatorSocket& StreamInput::load_socket(LoadTarget target) {
    switch (target) {
    case LoadTarget::scales: return scale_load_socket;
    case LoadTarget::biases: return bias_load_socket;
    case LoadTarget::tables: return table_load_socket;
    case LoadTarget::state: return state_load_socket;
    case LoadTarget::cell: return cell_load_socket;
    case LoadTarget::run:
    case LoadTarget::weights: break;
    }
    return weight_load_socket;
}

} // namespace bru
