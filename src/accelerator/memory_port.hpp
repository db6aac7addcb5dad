// The DMA's way to memory: bursts as generic payloads of the TLM-2.0 base protocol. A burst is sent in the cycle of its
// request, without an annotated delay, and its owner hears of the answer as soon as the port knows it, perhaps ahead of
// kernel time. Memory may be any base-protocol target: it may answer at once with a delay, wait, or use four phases.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "machine/dma_timing.hpp"
#include "tlm/axi_burst.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

class DmaBurst;

/// How bursts are sent. Both serve every base-protocol memory; a memory model is most exact, and fastest, where it gets
/// the calls that it was written for.
enum class MemoryTransport {
    blocking,    ///< b_transport, one thread per outstanding burst
    non_blocking ///< nb_transport_fw with four phases, of which memory may skip some
};

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
    std::size_t beats = 0;  ///< of the stream that it completes
    bool last = false;      ///< of its transfer
    Cycle earliest_request_cycle = 0;

private:
    void free(tlm::tlm_generic_payload*) override { on_bus = false; }
};

class MemoryPort : public sc_core::sc_module {
public:
    SC_HAS_PROCESS(MemoryPort);
    MemoryPort(const sc_core::sc_module_name& name, const DmaTiming& timing, const CycleClock& clock,
               MemoryTransport transport);

    tlm_utils::simple_initiator_socket<MemoryPort, 64> socket;

    void send(DmaBurst& burst);
    /// Bursts that have waited for their turn so far are not sent.
    void reset();

private:
    /// A thread that calls b_transport for one burst after the other.
    struct Caller {
        sc_core::sc_event called;
        DmaBurst* burst = nullptr;
    };

    void call_memory(Caller& caller);
    void request(DmaBurst& burst);
    void request_waiting();
    void end_responses();
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
    void enter_phase(DmaBurst& burst, const tlm::tlm_phase& phase, const sc_core::sc_time& delay);
    void end_request(const DmaBurst& burst, const sc_core::sc_time& delay);
    void answer(DmaBurst& burst, const sc_core::sc_time& delay);

    CycleClock clock_;
    MemoryTransport transport_;
    std::deque<DmaBurst*> waiting_; ///< for a caller, or for the end of the request under way

    std::vector<std::unique_ptr<Caller>> callers_;
    std::vector<Caller*> idle_callers_;

    struct Response {
        sc_core::sc_time time;
        DmaBurst* burst;
    };
    std::vector<DmaBurst*> phased_; ///< memory has accepted their BEGIN_REQ; not yet ended
    DmaBurst* requesting_ = nullptr;
    sc_core::sc_time request_free_from_; ///< END_REQ of the last request
    std::deque<Response> responses_;     ///< to be ended
    sc_core::sc_event request_event_;
    sc_core::sc_event response_event_;
};

} // namespace bru
