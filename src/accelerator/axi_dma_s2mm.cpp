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
    if (accepted_bytes_ == 0) first_accept_cycle_ = std::max(offered_.front().valid_cycle, next_accept_cycle_);
    if (collecting_ == nullptr) begin_burst();
    const std::size_t taken = transfer_beats(count);
    accepted_bytes_ += narrow<std::uint32_t>(taken * kBeatBytes);
    if (collects_whole_beats_) {
        collecting_->beats += taken;
        collected_bytes_ += taken * kBeatBytes;
        if (collected_bytes_ == most_collected_bytes_) close_burst();
    } else {
        for (std::size_t beat = 0; beat < taken; ++beat) collect_in_pieces(offered_[beat]);
    }
    offered_.pop(taken);
    if ((closed_ || full()) && collected_bytes_ > 0) close_burst();
    if (closed_) last_closed_->last = true;
    if (!to_send_.empty()) send_bursts();
}

/// Transfers the first beats that are offered, `count` or as many as there are to TLAST. Whole beats go to the burst.
/// The loop works on local variables: it is what a simulation with a large output spends its time in.
std::size_t S2mmChannel::transfer_beats(std::size_t count) {
    const std::size_t transfers_before = transfers_.size();
    transfers_.resize(transfers_before + count);
    Cycle* const transfers = transfers_.data() + transfers_before;
    std::uint64_t* const data =
        collects_whole_beats_ ? collecting_->data.data() + collected_bytes_ / kBeatBytes : nullptr;
    const std::uint64_t fifo = drain_cycles_.capacity();
    const std::uint64_t accepted = accepted_;
    Cycle next_cycle = next_accept_cycle_;
    std::size_t taken = 0;
    bool last = false;
    for (; taken < count && !last; ++taken) {
        const StreamBeat& beat = offered_[taken];
        Cycle cycle = std::max(beat.valid_cycle, next_cycle);
        if (accepted + taken >= fifo) cycle = std::max(cycle, drain_cycles_[accepted + taken - fifo] + 1);
        next_cycle = cycle + 1;
        transfers[taken] = cycle;
        if (data != nullptr) data[taken] = beat.data;
        last = beat.last;
    }
    transfers_.resize(transfers_before + taken);
    next_accept_cycle_ = next_cycle;
    accepted_ += taken;
    closed_ = last;
    return taken;
}

/// A beat of a buffer that does not begin at a beat's place may end one burst and begin the next. Its place in the FIFO
/// is free with the first of them: the realignment engine keeps the rest. Else a FIFO of one burst's beats could not
/// take what the next burst lacks.
void S2mmChannel::collect_in_pieces(const StreamBeat& beat) {
    std::size_t used = 0;
    while (used < kBeatBytes) {
        if (collecting_ == nullptr) begin_burst();
        if (used == 0) ++collecting_->beats;
        const std::size_t count = std::min(kBeatBytes - used, most_collected_bytes_ - collected_bytes_);
        std::memcpy(collecting_->bytes() + collected_bytes_, reinterpret_cast<const char*>(&beat.data) + used, count);
        collected_bytes_ += count;
        used += count;
        if (collected_bytes_ == most_collected_bytes_) close_burst();
    }
}

void S2mmChannel::begin_burst() {
    collecting_ = &free_burst();
    most_collected_bytes_ = most_bytes(next_address_);
    collects_whole_beats_ = address_ % kBeatBytes == 0; // else this burst may begin with the rest of a beat
}

/// What is collected becomes a burst.
void S2mmChannel::close_burst() {
    const Cycle earliest = first_accept_cycle_ + timing_.s2mm_latency_cycles;
    collecting_->earliest_request_cycle = std::max(next_accept_cycle_, earliest);
    collecting_->prepare(tlm::TLM_WRITE_COMMAND, next_address_, collected_bytes_);
    next_address_ += collected_bytes_;
    collected_bytes_ = 0;
    to_send_.push(collecting_);
    last_closed_ = collecting_;
    collecting_ = nullptr;
}

std::optional<Cycle> S2mmChannel::next_request() const {
    if (to_send_.empty()) return std::nullopt;
    return request_cycle(to_send_.front()->earliest_request_cycle);
}

DmaBurst& S2mmChannel::take_next_burst() {
    DmaBurst& burst = *to_send_.front();
    to_send_.pop();
    return burst;
}

/// The response frees the burst's places in the FIFO.
void S2mmChannel::burst_ended(DmaBurst& burst) {
    const Cycle response = burst.timing.last_beat_cycle;
    const std::uint64_t drained = drained_ + burst.beats;
    for (std::uint64_t beat = drained_; beat < drained; ++beat) drain_cycles_[beat] = response;
    drained_ = drained;
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
    to_send_.pop(to_send_.size());
}

} // namespace bru
