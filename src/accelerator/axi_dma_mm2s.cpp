// MM2S: reads memory in bursts, several outstanding, as far as its FIFO has room, and offers the beats to the core.
#include <algorithm>
#include <cstring>

#include "accelerator/axi_dma.hpp"
#include "base/integers.hpp"
#include "machine/stream_format.hpp"

namespace bru {

Mm2sChannel::Mm2sChannel(const sc_core::sc_module_name& name, const DmaTiming& timing, const CycleClock& clock,
                         MemoryPort& memory)
    : DmaChannel(name, timing, DmaDirection::mm2s, clock, memory), stream_socket("stream_socket"),
      transfer_cycles_(timing.fifo_beats) {
    stream_socket.on_nb_transport_bw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
        on_transfers(transfer);
        return tlm::TLM_ACCEPTED;
    };
}

/// Memory is read in whole beats, as AXI does.
void Mm2sChannel::begin(Cycle command_cycle) {
    next_address_ = address_;
    bytes_to_request_ = round_up(length_, std::uint32_t{kBeatBytes});
    bytes_requested_ = 0;
    transfer_end_ = beats_requested_ + bytes_to_request_ / kBeatBytes;
    earliest_request_cycle_ = command_cycle + kDmaCommandCycles;
    send_bursts();
}

std::uint64_t Mm2sChannel::next_bytes() const { return std::min(bytes_to_request_, most_bytes(next_address_)); }

/// Beats that the next burst completes.
std::uint64_t Mm2sChannel::next_beats() const {
    return (bytes_requested_ + next_bytes()) / kBeatBytes - bytes_requested_ / kBeatBytes;
}

/// One per cycle, with an outstanding slot, when the FIFO has room for all its beats.
std::optional<Cycle> Mm2sChannel::next_request() const {
    if (bytes_to_request_ == 0) return std::nullopt;
    const auto cycle = request_cycle(earliest_request_cycle_);
    const std::uint64_t fifo = transfer_cycles_.capacity();
    const std::uint64_t beats_then = beats_requested_ + next_beats();
    if (!cycle || beats_then <= fifo) return cycle;
    const std::uint64_t must_be_gone = beats_then - fifo - 1;
    if (must_be_gone >= transferred_) return std::nullopt;
    return std::max(*cycle, transfer_cycles_[must_be_gone] + 1);
}

DmaBurst& Mm2sChannel::take_next_burst() {
    DmaBurst& burst = free_burst();
    const std::uint64_t bytes = next_bytes();
    burst.beats = next_beats();
    burst.last = bytes == bytes_to_request_;
    burst.prepare(tlm::TLM_READ_COMMAND, next_address_, bytes);
    beats_requested_ += burst.beats;
    next_address_ += bytes;
    bytes_requested_ += bytes;
    bytes_to_request_ -= bytes;
    return burst;
}

/// The first beat comes when the memory has it; the others follow at the memory's pace.
void Mm2sChannel::burst_ended(DmaBurst& burst) {
    beats_.resize(burst.beats);
    if (carried_bytes_ == 0 && burst.get_data_length() == burst.beats * kBeatBytes) // the usual case
        for (std::size_t beat = 0; beat < burst.beats; ++beat) beats_[beat].data = burst.data[beat];
    else
        join_beats(burst);
    if (burst.beats == 0) return;
    // Beat b comes span * b / (beats - 1) cycles after the first, rounded down; without a division per beat.
    const Cycle span = burst.timing.last_beat_cycle - burst.timing.first_beat_cycle;
    const Cycle gaps = std::max<Cycle>(burst.beats - 1, 1);
    const Cycle whole = span / gaps;
    const Cycle part = span % gaps;
    Cycle data_cycle = burst.timing.first_beat_cycle + timing_.mm2s_latency_cycles;
    Cycle parts = 0;
    for (StreamBeat& beat : beats_) {
        beat.valid_cycle = std::max(data_cycle, next_valid_cycle_);
        beat.last = false;
        next_valid_cycle_ = beat.valid_cycle + 1;
        data_cycle += whole;
        parts += part;
        if (parts < gaps) continue;
        parts -= gaps;
        ++data_cycle;
    }
    beats_.back().last = burst.last;
    offer_beats(stream_socket, beats_.data(), beats_.size());
}

/// The beats that the burst completes. Buffers that do not begin at a beat's place leave bytes for the next burst.
void Mm2sChannel::join_beats(const DmaBurst& burst) {
    const std::size_t bytes = burst.get_data_length();
    const unsigned char* source = burst.get_data_ptr();
    std::size_t used = 0;
    for (StreamBeat& beat : beats_) {
        std::memcpy(carried_.data() + carried_bytes_, source + used, kBeatBytes - carried_bytes_);
        used += kBeatBytes - carried_bytes_;
        carried_bytes_ = 0;
        std::memcpy(&beat.data, carried_.data(), kBeatBytes);
    }
    std::memcpy(carried_.data() + carried_bytes_, source + used, bytes - used);
    carried_bytes_ += bytes - used;
}

void Mm2sChannel::on_transfers(const StreamTransfer& transfer) {
    const std::uint64_t first = transferred_;
    for (std::size_t beat = 0; beat < transfer.count; ++beat)
        transfer_cycles_[first + beat] = transfer.transfer_cycles[beat];
    transferred_ += transfer.count;
    if (on_transfer) on_transfer(transfer.transfer_cycles, transfer.count);
    if (transferred_ == transfer_end_ && bytes_to_request_ == 0 && active_ && !broken())
        complete(transfer_cycles_[transferred_ - 1] + 1, length_);
    if (bytes_to_request_ > 0) send_bursts();
}

void Mm2sChannel::clear_transfer() {
    bytes_to_request_ = 0;
    beats_requested_ = 0;
    transferred_ = 0;
    transfer_end_ = 0;
    next_valid_cycle_ = 0;
    carried_bytes_ = 0;
}

} // namespace bru
