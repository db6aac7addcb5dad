// What the two channels of the DMA share: registers, interrupt, and the bursts between a transfer's start and its end.
// A channel sends a burst in the cycle of its request, or before it (MemoryTransport). What follows from an answer or
// from the stream it computes as soon as it is known, perhaps ahead of kernel time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <systemc>

#include "accelerator/memory_port.hpp"
#include "machine/dma_registers.hpp"
#include "machine/dma_timing.hpp"
#include "machine/stream_format.hpp"
#include "observe/observer.hpp"
#include "schedule/beat_queue.hpp"
#include "schedule/cycle_ring.hpp"

namespace bru {

inline constexpr Cycle kDmaCommandCycles = 2;
inline constexpr std::uint64_t kBurstBorderBytes = 4096; ///< AXI: a slave's smallest range of addresses

class DmaChannel : public sc_core::sc_module, public BurstOwner {
public:
    SC_HAS_PROCESS(DmaChannel);
    DmaChannel(const sc_core::sc_module_name& name, const DmaTiming& timing, DmaDirection direction,
               const CycleClock& clock, MemoryPort& memory);

    sc_core::sc_out<bool> interrupt;
    /// Observes the transfers of beats on the channel's stream, in order.
    std::function<void(const Cycle*, std::size_t)> on_transfer;

    void write(std::uint32_t offset, std::uint32_t value);
    std::uint32_t read(std::uint32_t offset) const;
    void observe(Observer& observer) { observers_.add(observer); }
    void report_in(const CycleClock& clock) { reported_clock_ = clock; }
    /// To the state before the first access. Answers to bursts that memory still has are ignored.
    void reset();
    bool memory_has_forgotten_bursts() const; ///< of a transfer before a reset
    void burst_answered(DmaBurst& burst) final;

protected:
    virtual void begin(Cycle command_cycle) = 0; ///< LENGTH was written
    /// The first cycle in which the next burst can be requested. nullopt: there is none, or it is not known yet.
    virtual std::optional<Cycle> next_request() const = 0;
    virtual DmaBurst& take_next_burst() = 0; ///< prepared; next_request() gave its cycle
    /// Memory's answer to the oldest burst: it ends in last_beat_cycle of its timing. Not called after an error.
    virtual void burst_ended(DmaBurst& burst) = 0;
    virtual void clear_transfer() = 0; ///< forgets the transfer and the stream

    /// Bytes of the longest burst from `address` on: whole beats, and never across a border of 4 KB (AXI).
    std::uint64_t most_bytes(std::uint64_t address) const {
        const std::uint64_t to_border = kBurstBorderBytes - address % kBurstBorderBytes;
        return std::min(most_burst_bytes_ - address % kBeatBytes, to_border);
    }
    /// The first cycle >= `cycle` in which a burst can be requested: one per cycle, an outstanding slot free. nullopt:
    /// memory has not answered the burst whose slot it needs.
    std::optional<Cycle> request_cycle(Cycle cycle) const {
        cycle = std::max(cycle, next_request_cycle_);
        const std::uint64_t outstanding = end_cycles_.capacity();
        if (requested_ < outstanding) return cycle;
        const std::uint64_t slot_user = requested_ - outstanding;
        if (slot_user >= ended_) return std::nullopt;
        return std::max(cycle, end_cycles_[slot_user] + 1);
    }
    DmaBurst& free_burst();
    /// Sends every burst whose cycle has come, or is known where bursts are sent ahead.
    void send_bursts();
    void complete(Cycle cycle, std::uint32_t bytes);
    /// The channel stops in `cycle`, which may lie ahead.
    void fail(std::uint32_t error_bit, Cycle cycle);
    bool broken() const { return broken_; } ///< an error has occurred, perhaps ahead of kernel time

    DmaTiming timing_;
    std::uint64_t most_burst_bytes_;
    CycleClock clock_;
    std::uint64_t address_ = 0;
    std::uint32_t length_ = 0;
    bool active_ = false;

private:
    struct Failure {
        Cycle cycle = 0;
        std::uint32_t bits = 0;
    };

    void write_length(std::uint32_t value);
    void serve_events();
    bool interrupt_due() const { return (events_ & control_ & dma_reg::kInterrupts) != 0; }
    void drive_interrupt();
    void finish_transfer();
    void halt();
    void end_answered_bursts();
    void end_burst(DmaBurst& burst);
    void report_burst(const DmaBurst& burst) const;
    bool halted() const { return (control_ & dma_reg::kRun) == 0 && !active_; }

    MemoryPort& memory_;
    DmaDirection direction_;
    std::uint32_t length_mask_;
    Observers observers_;
    CycleClock reported_clock_; ///< of the cycles that observers hear

    std::uint32_t control_ = 0;
    std::uint32_t events_ = 0; ///< interrupt and error bits of the status register
    bool ever_completed_ = false;
    bool broken_ = false;
    std::optional<Cycle> complete_cycle_;
    std::uint32_t completed_bytes_ = 0; ///< LENGTH after the transfer
    std::optional<Failure> failure_;
    sc_core::sc_event service_event_; ///< one of these has come, the interrupt changes, or a burst is to be sent

    std::vector<std::unique_ptr<DmaBurst>> bursts_; ///< all there are
    BeatQueue<DmaBurst*> in_flight_;                ///< sent and not ended, the oldest first
    bool sending_ = false;
    bool ending_ = false;
    Cycle next_request_cycle_ = 0;
    std::uint64_t requested_ = 0;
    std::uint64_t ended_ = 0;
    CycleRing end_cycles_; ///< by burst
};

} // namespace bru
