// S2MM: takes the core's output while a transfer is active, and writes it to memory in bursts.
#include <algorithm>
#include <cstring>

#include "accelerator/axi_dma.hpp"
#include "base/integers.hpp"
#include "machine/stream_format.hpp"

namespace bru {

S2mmChannel::S2mmChannel(const sc_core::sc_module_name& name, const DmaTiming& timing, const CycleClock& clock,
                         MemoryPort& memory)
    : DmaChannel(name, timing, DmaDirection::s2mm, clock, memory), stream_socket("stream_socket"),
      drain_cycles_(timing.fifo_beats) {
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
    check_overflow();
    accepting_ = false;
}

/// The packet goes on where LENGTH is reached.
void S2mmChannel::check_overflow() {
    if (closed_ || broken() || !full() || offered_.empty()) return;
    fail(dma_reg::kInternalError, std::max(offered_.front().valid_cycle, next_accept_cycle_) + 1);
}

/// Offered beats that the transfer and the burst under way take, and for which the FIFO has room in a known cycle.
std::size_t S2mmChannel::acceptable_beats() const {
    if (closed_ || broken()) return 0;
    const std::size_t of_transfer = (length_ - accepted_bytes_) / kBeatBytes;
    const std::size_t of_burst = divide_up(most_bytes(next_address_) - collected_bytes_, std::uint64_t{kBeatBytes});
    const std::size_t of_fifo = drained_ + drain_cycles_.capacity() - accepted_;
    return std::min({offered_.size(), of_transfer, of_burst, of_fifo});
}

void S2mmChannel::accept_beats(std::size_t count) {
    const std::uint64_t fifo = drain_cycles_.capacity();
    if (accepted_bytes_ == 0) first_accept_cycle_ = std::max(offered_.front().valid_cycle, next_accept_cycle_);
    std::size_t taken = 0;
    while (taken < count && !closed_) {
        const StreamBeat beat = offered_[taken++];
        Cycle cycle = std::max(beat.valid_cycle, next_accept_cycle_);
        if (accepted_ >= fifo) cycle = std::max(cycle, drain_cycles_[accepted_ - fifo] + 1);
        next_accept_cycle_ = cycle + 1;
        transfers_.push_back(cycle);
        ++accepted_;
        accepted_bytes_ += kBeatBytes;
        closed_ = beat.last;
        collect(beat);
    }
    offered_.pop(taken);
    if ((closed_ || full()) && collected_bytes_ > 0) close_burst();
    if (closed_) to_send_.back()->last = true;
    send_bursts();
}

/// A beat of a buffer that does not begin at a beat's place may end one burst and begin the next.
void S2mmChannel::collect(const StreamBeat& beat) {
    std::size_t used = 0;
    while (used < kBeatBytes) {
        if (collecting_ == nullptr) collecting_ = &free_burst();
        const std::size_t count = std::min(kBeatBytes - used, most_bytes(next_address_) - collected_bytes_);
        std::memcpy(collecting_->bytes() + collected_bytes_, reinterpret_cast<const char*>(&beat.data) + used, count);
        collected_bytes_ += count;
        used += count;
        if (used == kBeatBytes) ++collecting_->beats;
        if (collected_bytes_ == most_bytes(next_address_)) close_burst();
    }
}

/// What is collected becomes a burst.
void S2mmChannel::close_burst() {
    const Cycle earliest = first_accept_cycle_ + timing_.s2mm_latency_cycles;
    collecting_->earliest_request_cycle = std::max(next_accept_cycle_, earliest);
    collecting_->prepare(tlm::TLM_WRITE_COMMAND, next_address_, collected_bytes_);
    next_address_ += collected_bytes_;
    collected_bytes_ = 0;
    to_send_.push_back(collecting_);
    collecting_ = nullptr;
}

std::optional<Cycle> S2mmChannel::next_request() const {
    if (to_send_.empty()) return std::nullopt;
    return request_cycle(to_send_.front()->earliest_request_cycle);
}

DmaBurst& S2mmChannel::take_next_burst() {
    DmaBurst& burst = *to_send_.front();
    to_send_.pop_front();
    return burst;
}

/// The response frees the burst's places in the FIFO.
void S2mmChannel::burst_ended(DmaBurst& burst) {
    for (std::size_t beat = 0; beat < burst.beats; ++beat) drain_cycles_[drained_++] = burst.timing.last_beat_cycle;
    if (burst.last) complete(burst.timing.last_beat_cycle + 1, accepted_bytes_);
    accept();
}

void S2mmChannel::clear_transfer() {
    offered_.pop(offered_.size());
    next_accept_cycle_ = 0;
    accepted_ = 0;
    drained_ = 0;
    closed_ = true;
    accepted_bytes_ = 0;
    collecting_ = nullptr;
    collected_bytes_ = 0;
    to_send_.clear();
}

} // namespace bru
