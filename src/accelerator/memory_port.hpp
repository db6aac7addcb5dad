// The DMA's way to memory: bursts as generic payloads of the TLM-2.0 base protocol. A burst is sent in the cycle of its
// request, or before it with the delay annotated. Its owner hears of the answer as soon as the port knows it, perhaps
// ahead of kernel time. Memory may be any base-protocol target: it may answer at once with a delay, wait, or use four
// phases. Processes are made when the first burst needs them: most simulations are short and need none.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm>

#include "accelerator/memory_transport.hpp"
#include "machine/dma_timing.hpp"
#include "tlm/axi_burst.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

class DmaBurst;

enum class BurstError { none, slave, decode };

class BurstOwner {
public:
    virtual ~BurstOwner() = default;
    /// Memory has answered; burst.timing and burst.error say how.
    virtual void burst_answered(DmaBurst& burst) = 0;
};

/// A burst, reused. It is free where neither its owner nor memory has it.
class DmaBurst : public tlm::tlm_generic_payload, private tlm::tlm_mm_interface {
public:
    DmaBurst(BurstOwner& burst_owner, std::size_t most_beats);
    ~DmaBurst() override { clear_extension(&timing); }
    DmaBurst(const DmaBurst&) = delete;
    DmaBurst& operator=(const DmaBurst&) = delete;

    unsigned char* bytes() { return reinterpret_cast<unsigned char*>(data.data()); }
    bool is_free() const { return !kept && !on_bus; }
    /// Ready to be sent: `byte_count` bytes of data to or from `address`.
    void prepare(tlm::tlm_command command, std::uint64_t address, std::size_t byte_count);

    BurstOwner& owner;
    AxiBurst timing;
    BurstError error = BurstError::none;
    std::vector<std::uint64_t> data;
    bool kept = false;      ///< by its owner
    bool on_bus = false;    ///< memory has it, or will get it
    bool answered = false;  ///< timing and error are those of the answer
    bool forgotten = false; ///< its owner was reset since
    std::size_t beats = 0;  ///< of the stream: MM2S those that it completes, S2MM those that it begins
    bool last = false;      ///< of its transfer
    Cycle earliest_request_cycle = 0;

private:
    void free(tlm::tlm_generic_payload*) override { on_bus = false; }
};

class MemoryPort : private tlm::tlm_bw_transport_if<> {
public:
    /// Binds the socket, which it does not own. `most_bursts` can be outstanding at a time.
    MemoryPort(tlm::tlm_initiator_socket<64>& socket, std::size_t most_bursts, const CycleClock& clock,
               MemoryTransport transport);

    bool sends_ahead() const { return transport_ == MemoryTransport::sent_ahead; }
    /// `request_cycle` is the present one, or lies ahead where sends_ahead(). If burst.answered is true behind the
    /// call, memory has answered already, and the owner need not wait to be told.
    void send(DmaBurst& burst, Cycle request_cycle);
    /// Bursts that have waited for their turn so far are not sent.
    void reset();

private:
    /// A thread that calls b_transport for one burst after the other.
    struct Caller {
        sc_core::sc_event called;
        DmaBurst* burst = nullptr;
    };
    struct Response {
        sc_core::sc_time time;
        DmaBurst* burst;
    };
    /// What four phases need where memory does not complete a burst in the call.
    struct Phases {
        bool request_ending = false;        ///< END_REQ has come, and the next clock edge has not
        sc_core::sc_time request_free_from; ///< that edge
        std::deque<Response> responses;     ///< to be ended
        sc_core::sc_event request_event;
        sc_core::sc_event response_event;
    };

    void call(DmaBurst& burst);
    void call_memory(Caller& caller);
    bool request(DmaBurst& burst);
    void request_waiting();
    void end_responses();
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
    void enter_phase(DmaBurst& burst, const tlm::tlm_phase& phase, const sc_core::sc_time& delay);
    void end_request(const DmaBurst& burst, const sc_core::sc_time& delay);
    Phases& phases();
    /// Memory has answered for the time `answer_cycle`, and no data moves before `earliest`.
    static void note_answer(DmaBurst& burst, Cycle answer_cycle, Cycle earliest);
    Cycle next_edge() const { return clock_.cycle_after(sc_core::SC_ZERO_TIME); }

    tlm::tlm_initiator_socket<64>& socket_;
    std::size_t most_bursts_;
    CycleClock clock_;
    MemoryTransport transport_;
    std::deque<DmaBurst*> waiting_; ///< for a caller, or for the end of the request under way

    std::vector<std::unique_ptr<Caller>> callers_;
    std::vector<Caller*> idle_callers_;

    DmaBurst* requesting_ = nullptr; ///< BEGIN_REQ was sent, and END_REQ has not come
    std::unique_ptr<Phases> phases_;
};

} // namespace bru
