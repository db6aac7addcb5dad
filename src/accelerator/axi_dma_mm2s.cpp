// MM2S: reads DDR in bursts, several outstanding, as far as its FIFO has room, and offers the beats to the core.
#include <algorithm>

#include "accelerator/axi_dma.hpp"
#include "base/integers.hpp"
#include "machine/stream_format.hpp"

namespace bru {

Mm2sChannel::Mm2sChannel(const sc_core::sc_module_name& name, const DmaTiming& timing)
    : DmaChannel(name, timing, DmaDirection::mm2s), stream_socket("stream_socket"),
      transfer_cycles_(timing.fifo_beats) {
    stream_socket.on_nb_transport_bw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
        on_transfers(transfer);
        return tlm::TLM_ACCEPTED;
    };
}

void Mm2sChannel::begin(Cycle command_cycle) {
    next_address_ = address_;
    beats_to_request_ = divide_up(length_, std::uint32_t{kBeatBytes});
    transfer_end_ = requested_ + beats_to_request_;
    earliest_request_cycle_ = command_cycle + kDmaCommandCycles;
    request_more();
}

/// Requests every burst whose cycle is known: FIFO room for all its beats, an outstanding slot, one per cycle.
void Mm2sChannel::request_more() {
    if (requesting_) return; // the call under way goes on with what was transferred
    requesting_ = true;
    const std::uint64_t fifo = transfer_cycles_.capacity();
    while (beats_to_request_ > 0) {
        const std::size_t beats = std::min(beats_to_request_, most_beats(next_address_));
        Cycle cycle = request_cycle(earliest_request_cycle_);
        if (requested_ + beats > fifo) {
            const std::uint64_t must_be_gone = requested_ + beats - fifo - 1;
            if (must_be_gone >= transferred_) break;
            cycle = std::max(cycle, transfer_cycles_[must_be_gone] + 1);
        }
        read_burst(beats, cycle);
    }
    requesting_ = false;
}

/// The first beat comes when the memory has it; the others follow at the memory's pace.
void Mm2sChannel::read_burst(std::size_t beats, Cycle cycle) {
    const AxiBurst& timing = request(tlm::TLM_READ_COMMAND, next_address_, beats, cycle);
    next_address_ += beats * kBeatBytes;
    beats_to_request_ -= beats;
    requested_ += beats;
    // Beat b comes span * b / (beats - 1) cycles after the first, rounded down; without a division a beat.
    const Cycle span = timing.last_beat_cycle - timing.first_beat_cycle;
    const Cycle gaps = std::max<Cycle>(beats - 1, 1);
    const Cycle whole = span / gaps;
    const Cycle part = span % gaps;
    Cycle data_cycle = timing.first_beat_cycle + timing_.mm2s_latency_cycles;
    Cycle parts = 0;
    beats_.resize(beats);
    for (std::size_t beat = 0; beat < beats; ++beat) {
        const Cycle valid = std::max(data_cycle, next_valid_cycle_);
        next_valid_cycle_ = valid + 1;
        beats_[beat] = {burst_.data[beat], valid, false};
        data_cycle += whole;
        parts += part;
        if (parts < gaps) continue;
        parts -= gaps;
        ++data_cycle;
    }
    beats_.back().last = beats_to_request_ == 0;
    offer_beats(stream_socket, beats_.data(), beats_.size());
}

void Mm2sChannel::on_transfers(const StreamTransfer& transfer) {
    for (std::size_t beat = 0; beat < transfer.count; ++beat)
        transfer_cycles_[transferred_++] = transfer.transfer_cycles[beat];
    if (on_transfer) on_transfer(transfer.transfer_cycles, transfer.count);
    if (transferred_ == transfer_end_ && beats_to_request_ == 0 && active_)
        complete(transfer_cycles_[transferred_ - 1] + 1, length_);
    request_more();
}

} // namespace bru
