// S2MM: takes the core's output while a transfer is active, and writes it to DDR in bursts.
#include <algorithm>

#include "modules/axi_dma.hpp"

namespace bru {

S2mmChannel::S2mmChannel(const sc_core::sc_module_name& name, const DmaTiming& timing)
    : DmaChannel(name, timing), stream_socket("stream_socket"),
      drain_cycles_(static_cast<std::uint64_t>(timing.fifo_beats)),
      burst_end_cycles_(static_cast<std::uint64_t>(timing.outstanding_bursts)) {
    stream_socket.on_nb_transport_fw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
        offered_.append(transfer.beats, transfer.count);
        accept();
        return tlm::TLM_ACCEPTED;
    };
}

void S2mmChannel::begin(Cycle command_cycle) {
    next_address_ = address_;
    accepted_bytes_ = 0;
    closed_ = false;
    next_accept_cycle_ = std::max(next_accept_cycle_, command_cycle + kDmaCommandCycles);
    accept();
}

void S2mmChannel::accept() {
    while (true) {
        transfers_.clear();
        while (!offered_.empty() && accept_beat(offered_.front())) offered_.pop();
        if (transfers_.empty()) break;
        std::vector<Cycle> answered;
        answered.swap(transfers_);
        if (on_transfer) on_transfer(answered.data(), answered.size());
        answer_beats(stream_socket, answered.data(), answered.size());
        if (transfers_.empty()) transfers_.swap(answered); // keeps its memory
    }
    send_bursts();
}

bool S2mmChannel::accept_beat(const StreamBeat& beat) {
    if (closed_) return false;
    Cycle cycle = std::max(beat.valid_cycle, next_accept_cycle_);
    const std::uint64_t fifo = drain_cycles_.capacity();
    if (accepted_ >= fifo) {
        const std::uint64_t must_be_gone = accepted_ - fifo;
        if (must_be_gone >= drained_) return false;
        cycle = std::max(cycle, drain_cycles_[must_be_gone] + 1);
    }
    next_accept_cycle_ = cycle + 1;
    transfers_.push_back(cycle);
    ++accepted_;
    if (accepted_bytes_ == 0) first_accept_cycle_ = cycle;
    accepted_bytes_ += kBeatBytes;
    burst_data_.push_back(beat.data);
    closed_ = beat.last || accepted_bytes_ >= length_;
    if (closed_ || static_cast<std::int64_t>(burst_data_.size()) == timing_.burst_beats) write_burst();
    return true;
}

/// The beats collected so far become a burst.
void S2mmChannel::write_burst() {
    DmaBurst& burst = take_burst(tlm::TLM_WRITE_COMMAND, next_address_, burst_data_.size());
    std::copy(burst_data_.begin(), burst_data_.end(), burst.data.begin());
    burst.last = closed_;
    next_address_ += burst_data_.size() * kBeatBytes;
    burst_data_.clear();
    const Cycle earliest = first_accept_cycle_ + static_cast<Cycle>(timing_.s2mm_latency_cycles);
    ready_bursts_.push_back({&burst, std::max(next_accept_cycle_, earliest)});
}

/// Requests every burst that has an outstanding slot, one a cycle.
void S2mmChannel::send_bursts() {
    const std::uint64_t outstanding = burst_end_cycles_.capacity();
    while (!ready_bursts_.empty()) {
        Cycle cycle = std::max(next_request_cycle_, ready_bursts_.front().cycle);
        if (bursts_requested_ >= outstanding) {
            const std::uint64_t must_be_answered = bursts_requested_ - outstanding;
            if (must_be_answered >= bursts_answered_) return;
            cycle = std::max(cycle, burst_end_cycles_[must_be_answered] + 1);
        }
        DmaBurst& burst = *ready_bursts_.front().burst;
        ready_bursts_.pop_front();
        ++bursts_requested_;
        next_request_cycle_ = cycle + 1;
        request(burst, cycle);
    }
}

/// In the cycle of the write response.
void S2mmChannel::respond(DmaBurst& burst) {
    burst_end_cycles_[bursts_answered_++] = burst.timing.last_beat_cycle;
    for (std::size_t beat = 0; beat < burst.data.size(); ++beat)
        drain_cycles_[drained_++] = burst.timing.last_beat_cycle;
    const bool last = burst.last;
    give_back(burst);
    if (last) complete(current_cycle() + 1, accepted_bytes_);
    accept();
}

} // namespace bru
