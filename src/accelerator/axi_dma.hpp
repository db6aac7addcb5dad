// axi_dma: the AXI DMA of PG021 in direct register mode: MM2S reads memory in bursts and feeds the core's input
// stream, S2MM takes the output stream and writes memory. Timing: figures of DmaTiming; writing LENGTH starts a
// transfer, the first burst is requested kDmaCommandCycles later.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include <systemc>
#include <tlm>

#include "accelerator/dma_channel.hpp"
#include "schedule/beat_queue.hpp"
#include "tlm/axi_stream.hpp"

namespace bru {

inline constexpr Cycle kDmaResetCycles = 8; ///< of a soft reset

class Mm2sChannel : public DmaChannel {
public:
    Mm2sChannel(const sc_core::sc_module_name& name, const DmaTiming& timing, const CycleClock& clock,
                MemoryPort& memory);
    StreamInitiatorSocket stream_socket;

private:
    void begin(Cycle command_cycle) override;
    std::optional<Cycle> next_request() const override;
    DmaBurst& take_next_burst() override;
    void burst_ended(DmaBurst& burst) override;
    void clear_transfer() override;
    void on_transfers(const StreamTransfer& transfer);
    std::uint64_t next_bytes() const;
    std::uint64_t next_beats() const;
    void join_beats(const DmaBurst& burst);

    std::uint64_t next_address_ = 0;
    std::uint64_t bytes_to_request_ = 0;
    std::uint64_t bytes_requested_ = 0; ///< of the transfer
    Cycle earliest_request_cycle_ = 0;  ///< of the transfer
    std::uint64_t beats_requested_ = 0; ///< ever
    std::uint64_t transferred_ = 0;     ///< beats, ever, as far as is known
    std::uint64_t transfer_end_ = 0;    ///< number of beats ever at which the transfer is complete
    CycleRing transfer_cycles_;         ///< by beat
    Cycle next_valid_cycle_ = 0;
    std::array<unsigned char, 8> carried_{}; ///< bytes of a beat that the next burst completes
    std::size_t carried_bytes_ = 0;
    std::vector<StreamBeat> beats_;
};

class S2mmChannel : public DmaChannel {
public:
    S2mmChannel(const sc_core::sc_module_name& name, const DmaTiming& timing, const CycleClock& clock,
                MemoryPort& memory);
    StreamTargetSocket stream_socket;

private:
    void begin(Cycle command_cycle) override;
    std::optional<Cycle> next_request() const override;
    DmaBurst& take_next_burst() override;
    void burst_ended(DmaBurst& burst) override;
    void clear_transfer() override;
    void accept();
    std::size_t acceptable_beats() const;
    void accept_beats(std::size_t count);
    std::size_t transfer_beats(std::size_t count);
    void collect_in_pieces(const StreamBeat& beat);
    void begin_burst();
    void close_burst();
    bool full() const { return length_ - accepted_bytes_ < sizeof(std::uint64_t); }
    void check_overflow();

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
    DmaBurst* collecting_ = nullptr; ///< is being filled
    std::size_t collected_bytes_ = 0;
    std::size_t most_collected_bytes_ = 0; ///< of the burst that is being filled
    bool collects_whole_beats_ = true;     ///< the buffer begins at a beat's place
    DmaBurst* last_closed_ = nullptr;
    BeatQueue<DmaBurst*> to_send_;
};

class AxiDma : public sc_core::sc_module {
public:
    /// `memory` is the socket through which it reads and writes; its owner binds it to memory.
    AxiDma(const sc_core::sc_module_name& name, const DmaTiming& timing, tlm::tlm_initiator_socket<64>& memory,
           const CycleClock& clock = CycleClock(), MemoryTransport transport = MemoryTransport::non_blocking);

    MemoryPort memory_port;
    Mm2sChannel mm2s;
    S2mmChannel s2mm;
    /// Its reset output for what is on its streams (PG021, mm2s_prmry_reset_out_n): low until the cycle.
    std::function<void(Cycle until)> on_reset = [](Cycle) {};

    /// Registers, in the cycle of the call. A read has no effect.
    std::uint32_t read(std::uint32_t offset) const;
    void write(std::uint32_t offset, std::uint32_t value);
    /// Both channels, from now on to the cycle.
    void reset(Cycle until);
    /// Observers hear of bursts in cycles of that clock, in place of the DMA's own.
    void report_in(const CycleClock& clock);

private:
    void soft_reset();
    bool resetting() const;

    CycleClock clock_;
    Cycle reset_end_cycle_ = 0;
};

} // namespace bru
