// DDR behind an AXI_HP port: read and write channel with latency, bandwidth and refresh (DdrTiming). A
// burst's data moves at the channel's pace, channels are independent of each other, refresh stops both.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "config/configuration.hpp"
#include "tlm/axi_burst.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

/// Bytes, allocated where they are touched.
class SparseMemory {
public:
    void write(std::uint64_t address, const void* data, std::size_t bytes);
    void read(std::uint64_t address, void* data, std::size_t bytes);

private:
    static constexpr std::uint64_t kPageBytes = 1 << 16;
    using Page = std::array<unsigned char, kPageBytes>;
    unsigned char* at(std::uint64_t address);

    std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;
    std::uint64_t last_page_ = ~std::uint64_t{0};
    Page* last_ = nullptr;
};

/// Cycles in which a burst's data moves. Pure arithmetic, so that it can be tested by itself.
class DdrChannel {
public:
    DdrChannel(const DdrTiming& timing, double clock_mhz) : timing_(timing), clock_mhz_(clock_mhz) {}
    struct Window {
        Cycle first_beat_cycle;
        Cycle last_beat_cycle;
    };
    /// `request_cycle`: of the burst's address. Bursts are served in the order of the calls.
    Window serve(Cycle request_cycle, std::uint64_t bytes);

private:
    Cycle after_refresh(Cycle cycle) const;

    DdrTiming timing_;
    double clock_mhz_;
    Cycle free_cycle_ = 0;
};

class DdrMemory : public sc_core::sc_module {
public:
    SC_HAS_PROCESS(DdrMemory);
    DdrMemory(const sc_core::sc_module_name& name, const DdrTiming& timing, double clock_mhz);

    tlm_utils::simple_target_socket<DdrMemory> read_socket;
    tlm_utils::simple_target_socket<DdrMemory> write_socket;
    SparseMemory memory; ///< the processors' own view

private:
    /// Bursts whose response is due, in order.
    struct Port {
        DdrChannel channel;
        std::deque<std::pair<Cycle, tlm::tlm_generic_payload*>> responses;
        sc_core::sc_event event;
    };
    tlm::tlm_sync_enum read_burst(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    tlm::tlm_sync_enum write_burst(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    Cycle serve(Port& port, tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay, bool respond_first);
    void respond(Port& port, tlm_utils::simple_target_socket<DdrMemory>& socket);
    void respond_reads() { respond(read_port_, read_socket); }
    void respond_writes() { respond(write_port_, write_socket); }

    Port read_port_;
    Port write_port_;
};

} // namespace bru
