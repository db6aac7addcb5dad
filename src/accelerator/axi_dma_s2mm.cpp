// S2MM: takes the core's output while a transfer is active, and writes it to DDR in bursts.
#include <algorithm>

#include "accelerator/axi_dma.hpp"
#include "base/integers.hpp"
#include "machine/stream_format.hpp"

namespace bru {

S2mmChannel::S2mmChannel(const sc_core::sc_module_name& name, const DmaTiming& timing)
    : DmaChannel(name, timing, DmaDirection::s2mm), stream_socket("stream_socket"), drain_cycles_(timing.fifo_beats) {
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
    if (accepting_) return; // the call under way goes on with what was offered
    accepting_ = true;
    while (true) {
        transfers_.clear();
        while (const std::size_t count = acceptable_beats()) accept_beats(count);
        if (transfers_.empty()) break;
        if (on_transfer) on_transfer(transfers_.data(), transfers_.size());
        answer_beats(stream_socket, transfers_.data(), transfers_.size());
    }
    accepting_ = false;
}

/// Offered beats that the transfer and the burst under way take, and for which the FIFO has room in a known cycle.
std::size_t S2mmChannel::acceptable_beats() const {
    if (closed_) return 0;
    const std::size_t of_transfer = divide_up(length_ - accepted_bytes_, std::uint32_t{kBeatBytes});
    const std::size_t of_burst = most_beats(next_address_) - collected_;
    const std::size_t of_fifo = drained_ + drain_cycles_.capacity() - accepted_;
    return std::min({offered_.size(), of_transfer, of_burst, of_fifo});
}

void S2mmChannel::accept_beats(std::size_t count) {
    const std::uint64_t fifo = drain_cycles_.capacity();
    if (accepted_bytes_ == 0) first_accept_cycle_ = std::max(offered_.front().valid_cycle, next_accept_cycle_);
    std::size_t taken = 0;
    while (taken < count && !closed_) {
        const StreamBeat& beat = offered_[taken++];
        Cycle cycle = std::max(beat.valid_cycle, next_accept_cycle_);
        if (accepted_ >= fifo) cycle = std::max(cycle, drain_cycles_[accepted_ - fifo] + 1);
        next_accept_cycle_ = cycle + 1;
        transfers_.push_back(cycle);
        ++accepted_;
        burst_.data[collected_++] = beat.data;
        closed_ = beat.last;
    }
    offered_.pop(taken);
    accepted_bytes_ += narrow<std::uint32_t>(taken * kBeatBytes);
    closed_ = closed_ || accepted_bytes_ >= length_;
    if (closed_ || collected_ == most_beats(next_address_)) write_burst();
}

/// The beats collected so far become a burst. Its response frees their places in the FIFO.
void S2mmChannel::write_burst() {
    const Cycle earliest = first_accept_cycle_ + timing_.s2mm_latency_cycles;
    const Cycle cycle = request_cycle(std::max(next_accept_cycle_, earliest));
    const Cycle response = request(tlm::TLM_WRITE_COMMAND, next_address_, collected_, cycle).last_beat_cycle;
    for (std::size_t beat = 0; beat < collected_; ++beat) drain_cycles_[drained_++] = response;
    next_address_ += collected_ * kBeatBytes;
    collected_ = 0;
    if (closed_) complete(response + 1, accepted_bytes_);
}

} // namespace bru
