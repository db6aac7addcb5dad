#include "accelerator/dma_channel.hpp"

#include <algorithm>

#include "base/integers.hpp"
#include "machine/stream_format.hpp"

namespace bru {

namespace {

constexpr std::uint32_t kControlBits = dma_reg::kRun | dma_reg::kInterrupts;

std::uint32_t error_bit_of(BurstError error) {
    return error == BurstError::decode ? dma_reg::kDecodeError : dma_reg::kSlaveError;
}

} // namespace

DmaChannel::DmaChannel(const sc_core::sc_module_name& name, const DmaTiming& timing, DmaDirection direction,
                       const CycleClock& clock, MemoryPort& memory)
    : sc_module(name), interrupt("interrupt"), timing_(timing), most_burst_bytes_(timing.burst_beats * kBeatBytes),
      clock_(clock), memory_(memory), direction_(direction), length_mask_((1U << timing.length_bits) - 1),
      reported_clock_(clock), end_cycles_(timing.outstanding_bursts) {
    SC_METHOD(serve_events);
    sensitive << service_event_;
    dont_initialize();
}

// ---------------------------------------------------------------- registers

void DmaChannel::write(std::uint32_t offset, std::uint32_t value) {
    switch (offset) {
    case dma_reg::kControl:
        control_ = value & kControlBits;
        if ((events_ & dma_reg::kErrors) != 0) control_ &= ~dma_reg::kRun; // a reset alone mends an error
        break;
    case dma_reg::kStatus: events_ &= ~(value & dma_reg::kInterrupts); break;
    case dma_reg::kAddress: address_ = (address_ & ~std::uint64_t{0xFFFFFFFF}) | value; break;
    case dma_reg::kAddressMsb: address_ = (address_ & 0xFFFFFFFF) | std::uint64_t{value} << 32; break;
    case dma_reg::kLength: write_length(value & length_mask_); break;
    default: break;
    }
    drive_interrupt();
}

void DmaChannel::write_length(std::uint32_t value) {
    if (value == 0 || active_ || (control_ & dma_reg::kRun) == 0) return; // PG021: no effect
    length_ = value;
    active_ = true;
    const Cycle now = clock_.current_cycle();
    if (address_ % kBeatBytes != 0 && !timing_.realigns)
        fail(dma_reg::kInternalError, now + 1);
    else
        begin(now);
}

std::uint32_t DmaChannel::read(std::uint32_t offset) const {
    switch (offset) {
    case dma_reg::kControl: return control_ | dma_reg::kControlConstant;
    case dma_reg::kStatus: {
        const bool idle = !halted() && !active_ && ever_completed_; // PG021: 0 before the first transfer
        return (halted() ? dma_reg::kHalted : 0) | (idle ? dma_reg::kIdle : 0) | events_;
    }
    case dma_reg::kAddress: return static_cast<std::uint32_t>(address_);
    case dma_reg::kAddressMsb: return static_cast<std::uint32_t>(address_ >> 32);
    case dma_reg::kLength: return length_;
    default: return 0;
    }
}

void DmaChannel::complete(Cycle cycle, std::uint32_t bytes) {
    completed_bytes_ = bytes;
    complete_cycle_ = cycle;
    service_event_.notify(clock_.time_until(cycle));
}

void DmaChannel::fail(std::uint32_t error_bit, Cycle cycle) {
    broken_ = true;
    failure_ = Failure{failure_ ? std::min(failure_->cycle, cycle) : cycle, error_bit};
    service_event_.notify(clock_.time_until(failure_->cycle));
}

/// The only process that writes the interrupt.
void DmaChannel::serve_events() {
    const Cycle now = clock_.current_cycle();
    if (complete_cycle_ && *complete_cycle_ <= now) finish_transfer();
    if (failure_ && failure_->cycle <= now) halt();
    interrupt.write(interrupt_due());
    if (complete_cycle_) service_event_.notify(clock_.time_until(*complete_cycle_));
    if (failure_) service_event_.notify(clock_.time_until(failure_->cycle));
    send_bursts();
}

/// After an access: the line follows in the next delta cycle.
void DmaChannel::drive_interrupt() {
    if (interrupt_due() != interrupt.read()) service_event_.notify(sc_core::SC_ZERO_TIME);
}

void DmaChannel::finish_transfer() {
    complete_cycle_.reset();
    active_ = false;
    ever_completed_ = true;
    length_ = completed_bytes_;
    events_ |= dma_reg::kInterruptOnComplete;
}

/// PG021: the channel stops; it is halted when memory has answered every burst.
void DmaChannel::halt() {
    events_ |= failure_->bits | dma_reg::kInterruptOnError;
    failure_.reset();
    control_ &= ~dma_reg::kRun;
    active_ = !in_flight_.empty();
}

void DmaChannel::reset() {
    for (; !in_flight_.empty(); in_flight_.pop()) in_flight_.front()->forgotten = true;
    for (const auto& burst : bursts_) burst->kept = false;
    clear_transfer();
    address_ = 0;
    length_ = 0;
    active_ = false;
    control_ = 0;
    events_ = 0;
    ever_completed_ = false;
    broken_ = false;
    complete_cycle_.reset();
    failure_.reset();
    next_request_cycle_ = 0;
    requested_ = 0;
    ended_ = 0;
    service_event_.cancel();
    service_event_.notify(sc_core::SC_ZERO_TIME);
}

// ---------------------------------------------------------------- bursts

DmaBurst& DmaChannel::free_burst() {
    std::size_t place = 0;
    while (place < bursts_.size() && !bursts_[place]->is_free()) ++place;
    if (place == bursts_.size()) bursts_.push_back(std::make_unique<DmaBurst>(*this, timing_.burst_beats));
    DmaBurst& burst = *bursts_[place];
    burst.kept = true;
    burst.beats = 0;
    burst.last = false;
    return burst;
}

bool DmaChannel::memory_has_forgotten_bursts() const {
    return std::any_of(bursts_.begin(), bursts_.end(),
                       [](const auto& burst) { return burst->on_bus && burst->forgotten; });
}

void DmaChannel::send_bursts() {
    if (sending_) return; // the call under way goes on with what is known now
    sending_ = true;
    while (const auto cycle = next_request()) {
        if ((events_ & dma_reg::kErrors) != 0) break;
        const Cycle request_cycle = memory_.sends_ahead() ? *cycle : std::max(*cycle, clock_.cycle_after({}));
        if (!memory_.sends_ahead() && clock_.time_until(request_cycle) > sc_core::SC_ZERO_TIME) {
            service_event_.notify(clock_.time_until(request_cycle));
            break;
        }
        DmaBurst& burst = take_next_burst();
        next_request_cycle_ = request_cycle + 1;
        ++requested_;
        memory_.send(burst, request_cycle);
        if (burst.answered && in_flight_.empty()) {
            end_burst(burst);
        } else {
            in_flight_.push(&burst);
            end_answered_bursts();
        }
    }
    sending_ = false;
}

void DmaChannel::burst_answered(DmaBurst& burst) {
    if (burst.forgotten) return;
    end_answered_bursts();
    send_bursts();
}

void DmaChannel::end_answered_bursts() {
    if (ending_) return; // the call under way goes on with them
    ending_ = true;
    while (!in_flight_.empty() && in_flight_.front()->answered) {
        DmaBurst& oldest = *in_flight_.front();
        in_flight_.pop();
        end_burst(oldest);
    }
    ending_ = false;
}

/// Bursts end in the order of their requests, whatever the order of the answers: they have one AXI id.
void DmaChannel::end_burst(DmaBurst& burst) {
    AxiBurst& timing = burst.timing;
    if (ended_ > 0) timing.last_beat_cycle = std::max(timing.last_beat_cycle, end_cycles_[ended_ - 1]);
    if (observers_) report_burst(burst);
    end_cycles_[ended_++] = timing.last_beat_cycle;
    if (burst.error != BurstError::none && !broken_)
        fail(error_bit_of(burst.error), timing.last_beat_cycle + 1);
    else if (!broken_)
        burst_ended(burst);
    burst.kept = false;
    if ((events_ & dma_reg::kErrors) != 0) active_ = !in_flight_.empty();
}

void DmaChannel::report_burst(const DmaBurst& burst) const {
    RequestedBurst report;
    report.direction = direction_;
    report.slot = narrow<std::uint32_t>(ended_ % end_cycles_.capacity());
    report.request = reported_clock_.cycle_of(burst.timing.request_cycle, clock_);
    report.first_beat = reported_clock_.cycle_of(burst.timing.first_beat_cycle, clock_);
    report.last_beat = reported_clock_.cycle_of(burst.timing.last_beat_cycle, clock_);
    report.address = burst.get_address();
    report.bytes = burst.get_data_length();
    observers_.tell(&Observer::burst_requested, report);
}

} // namespace bru
