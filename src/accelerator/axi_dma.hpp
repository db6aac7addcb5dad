// axi_dma: the AXI DMA of PG021 in direct register mode: MM2S reads DDR in bursts and feeds the core's input
// stream, S2MM takes the output stream and writes DDR. Timing: figures of DmaTiming; writing LENGTH starts a
// transfer, the first burst is requested kDmaCommandCycles later.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "machine/dma_registers.hpp"
#include "machine/dma_timing.hpp"
#include "observe/observer.hpp"
#include "schedule/beat_queue.hpp"
#include "schedule/cycle_ring.hpp"
#include "tlm/axi_burst.hpp"
#include "tlm/axi_stream.hpp"

namespace bru {

inline constexpr Cycle kDmaCommandCycles = 2;

/// A burst: the memory completes it at once, so a channel has one, and no transfer allocates.
struct DmaBurst {
    tlm::tlm_generic_payload payload;
    AxiBurst timing;
    std::vector<std::uint64_t> data;

    explicit DmaBurst(std::size_t most_beats) : data(most_beats) { payload.set_extension(&timing); }
    ~DmaBurst() { payload.clear_extension(&timing); }
    DmaBurst(const DmaBurst&) = delete;
    DmaBurst& operator=(const DmaBurst&) = delete;
};

/// What the two channels share: registers, the burst, the memory socket, the completion interrupt. They work as far
/// ahead of kernel time as they know the stream.
class DmaChannel : public sc_core::sc_module {
public:
    SC_HAS_PROCESS(DmaChannel);
    DmaChannel(const sc_core::sc_module_name& name, const DmaTiming& timing, DmaDirection direction);

    tlm_utils::simple_initiator_socket<DmaChannel> memory_socket;
    sc_core::sc_out<bool> interrupt;
    /// Observes the transfers of beats on the channel's stream, in order.
    std::function<void(const Cycle*, std::size_t)> on_transfer;

    void write(std::uint32_t offset, std::uint32_t value);
    std::uint32_t read(std::uint32_t offset) const;
    void observe(Observer& observer) { observers_.add(observer); }

protected:
    virtual void begin(Cycle command_cycle) = 0; ///< LENGTH was written
    /// Beats of the longest burst from `address` on: a burst must not cross a border of 4 KB (AXI).
    std::uint64_t most_beats(std::uint64_t address) const;
    /// The first cycle >= `cycle` in which a burst can be requested: one per cycle, an outstanding slot free.
    Cycle request_cycle(Cycle cycle) const;
    /// Requests burst_ for its first `beats` beats; its data moves in the cycles returned.
    const AxiBurst& request(tlm::tlm_command command, std::uint64_t address, std::size_t beats, Cycle cycle);
    void complete(Cycle cycle, std::uint32_t bytes);

    DmaTiming timing_;
    DmaBurst burst_;
    std::uint64_t address_ = 0;
    std::uint32_t length_ = 0;
    bool active_ = false;

private:
    void raise_interrupt();
    void update_interrupt();
    void report_burst() const;

    std::uint32_t control_ = 0;
    std::uint32_t interrupt_status_ = 0;
    std::uint32_t completed_bytes_ = 0; ///< LENGTH after the transfer
    sc_core::sc_event complete_event_;
    Cycle next_request_cycle_ = 0;
    std::uint64_t bursts_requested_ = 0;
    CycleRing burst_end_cycles_; ///< by burst
    Observers observers_;
    DmaDirection direction_;
};

class Mm2sChannel : public DmaChannel {
public:
    Mm2sChannel(const sc_core::sc_module_name& name, const DmaTiming& timing);
    StreamInitiatorSocket stream_socket;

private:
    void begin(Cycle command_cycle) override;
    void on_transfers(const StreamTransfer& transfer);
    void request_more();
    void read_burst(std::size_t beats, Cycle cycle);

    bool requesting_ = false;
    std::uint64_t next_address_ = 0;
    std::uint64_t beats_to_request_ = 0;
    Cycle earliest_request_cycle_ = 0; ///< of the transfer
    std::uint64_t requested_ = 0;      ///< beats, ever
    std::uint64_t transferred_ = 0;    ///< beats, ever, as far as is known
    std::uint64_t transfer_end_ = 0;   ///< number of beats ever at which the transfer is complete
    CycleRing transfer_cycles_;        ///< by beat
    Cycle next_valid_cycle_ = 0;
    std::vector<StreamBeat> beats_;
};

class S2mmChannel : public DmaChannel {
public:
    S2mmChannel(const sc_core::sc_module_name& name, const DmaTiming& timing);
    StreamTargetSocket stream_socket;

private:
    void begin(Cycle command_cycle) override;
    void accept();
    std::size_t acceptable_beats() const;
    void accept_beats(std::size_t count);
    void write_burst();

    bool accepting_ = false;
    BeatQueue<StreamBeat> offered_;
    std::vector<Cycle> transfers_; ///< to be answered
    Cycle next_accept_cycle_ = 0;
    std::uint64_t accepted_ = 0; ///< beats, ever
    std::uint64_t drained_ = 0;  ///< beats, ever, written to memory as far as is known
    CycleRing drain_cycles_;     ///< by beat
    bool closed_ = true;         ///< the transfer's last beat has been taken
    std::uint64_t next_address_ = 0;
    std::uint32_t accepted_bytes_ = 0; ///< of the transfer
    Cycle first_accept_cycle_ = 0;
    std::size_t collected_ = 0; ///< beats in burst_, which is being filled
};

class AxiDma : public sc_core::sc_module {
public:
    AxiDma(const sc_core::sc_module_name& name, const DmaTiming& timing);

    tlm_utils::simple_target_socket<AxiDma> axi_lite_socket;
    Mm2sChannel mm2s;
    S2mmChannel s2mm;

private:
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
};

} // namespace bru
