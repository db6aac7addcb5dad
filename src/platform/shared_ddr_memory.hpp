// DDR behind several AXI_HP ports, for several cores: one read and one write channel (DdrChannel) serve the bursts of
// all DMAs in the order of their requests; requests of the same cycle in the order of the cores. The data of a burst
// then passes the port that its core is behind, which has a bandwidth of its own per direction.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "platform/ddr_memory.hpp"

namespace bru {

/// The data of bursts on their way through one direction of a port. Pure arithmetic.
class PortChannel {
public:
    /// `mb_per_s` may be auto: the port never makes a burst longer.
    PortChannel(std::int64_t mb_per_s, double clock_mhz);
    /// The data passes in the order of the calls, and no earlier than DDR moves it.
    DdrChannel::Window pass(DdrChannel::Window at_ddr, std::uint64_t bytes);

private:
    std::uint64_t clock_hz_;
    std::uint64_t bytes_per_s_; ///< 0: auto
    Cycle free_cycle_ = 0;
};

/// Keeps the contract of Memory in another way: it answers a request at the end of its cycle, when all requests of the
/// cycle are there. So bursts must not be sent ahead of their cycle (MemoryTransport::non_blocking).
class SharedDdrMemory : public StoredMemory {
public:
    SC_HAS_PROCESS(SharedDdrMemory);
    SharedDdrMemory(const sc_core::sc_module_name& name, const Configuration& configuration, std::size_t cores);

    tlm::tlm_target_socket<64>& port(std::size_t core) override { return cores_[core]->socket; }

private:
    struct CorePort {
        explicit CorePort(const char* name) : socket(name) {}
        tlm_utils::simple_target_socket_tagged<SharedDdrMemory, 64> socket;
        std::vector<tlm::tlm_generic_payload*> requests; ///< of this cycle
        std::deque<tlm::tlm_generic_payload*> responses; ///< the first of them is under way
    };
    struct Channels {
        PortChannel read;
        PortChannel write;
    };

    tlm::tlm_sync_enum nb_transport_fw(int core, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
    void serve_requests();
    void serve(tlm::tlm_generic_payload& payload, Channels& port);
    static void respond(CorePort& core);

    CycleClock clock_; ///< of the DMAs
    DdrChannel read_channel_;
    DdrChannel write_channel_;
    std::vector<Channels> ports_;
    std::vector<std::unique_ptr<CorePort>> cores_;
    sc_core::sc_event requested_;
};

} // namespace bru
