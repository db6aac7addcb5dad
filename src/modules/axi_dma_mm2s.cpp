// MM2S: reads DDR in bursts, several outstanding, as far as its FIFO has room, and offers the beats to the core.
#include <algorithm>

#include "modules/axi_dma.hpp"

namespace bru {

Mm2sChannel::Mm2sChannel(const sc_core::sc_module_name& name, const DmaTiming& timing)
    : DmaChannel(name, timing), stream_socket("stream_socket"),
      transfer_cycles_(static_cast<std::uint64_t>(timing.fifo_beats)),
      burst_end_cycles_(static_cast<std::uint64_t>(timing.outstanding_bursts)) {
    stream_socket.on_nb_transport_bw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
        on_transfers(transfer);
        return tlm::TLM_ACCEPTED;
    };
}

void Mm2sChannel::begin(Cycle command_cycle) {
    next_address_ = address_;
    beats_to_request_ = (length_ + kBeatBytes - 1) / kBeatBytes;
    transfer_end_ = requested_ + beats_to_request_;
    next_request_cycle_ = std::max(next_request_cycle_, command_cycle + kDmaCommandCycles);
    request_more();
}

/// Requests every burst whose cycle is known: FIFO room for all its beats, an outstanding slot, one a cycle.
void Mm2sChannel::request_more() {
    const std::uint64_t fifo = transfer_cycles_.capacity();
    const std::uint64_t outstanding = burst_end_cycles_.capacity();
    while (beats_to_request_ > 0) {
        const std::uint64_t beats =
            std::min<std::uint64_t>(beats_to_request_, static_cast<std::uint64_t>(timing_.burst_beats));
        Cycle cycle = next_request_cycle_;
        if (requested_ + beats > fifo) {
            const std::uint64_t must_be_gone = requested_ + beats - fifo - 1;
            if (must_be_gone >= transferred_) return;
            cycle = std::max(cycle, transfer_cycles_[must_be_gone] + 1);
        }
        if (bursts_requested_ >= outstanding) {
            const std::uint64_t must_be_answered = bursts_requested_ - outstanding;
            if (must_be_answered >= bursts_answered_) return;
            cycle = std::max(cycle, burst_end_cycles_[must_be_answered] + 1);
        }
        DmaBurst& burst = take_burst(tlm::TLM_READ_COMMAND, next_address_, beats);
        burst.last = beats == beats_to_request_;
        next_address_ += beats * kBeatBytes;
        beats_to_request_ -= beats;
        requested_ += beats;
        ++bursts_requested_;
        next_request_cycle_ = cycle + 1;
        request(burst, cycle);
    }
}

/// In the cycle of the burst's first data beat; the others follow at the memory's pace.
void Mm2sChannel::respond(DmaBurst& burst) {
    const std::size_t count = burst.data.size();
    const Cycle span = burst.timing.last_beat_cycle - burst.timing.first_beat_cycle;
    beats_.clear();
    for (std::size_t beat = 0; beat < count; ++beat) {
        const Cycle data_cycle = burst.timing.first_beat_cycle + (count > 1 ? span * beat / (count - 1) : 0);
        const Cycle valid = std::max(data_cycle + static_cast<Cycle>(timing_.mm2s_latency_cycles), next_valid_cycle_);
        next_valid_cycle_ = valid + 1;
        beats_.push_back({burst.data[beat], valid, burst.last && beat + 1 == count});
    }
    burst_end_cycles_[bursts_answered_++] = burst.timing.last_beat_cycle;
    give_back(burst);
    offer_beats(stream_socket, beats_.data(), beats_.size());
    request_more();
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
