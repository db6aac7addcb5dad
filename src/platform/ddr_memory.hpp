// DDR behind the AXI_HP port of the only core: read and write channel with latency, bandwidth and refresh (DdrTiming).
// A burst's data moves at the channel's pace, channels are independent of each other, refresh stops both. A burst is
// completed when it is requested (tlm/axi_burst.hpp): nothing that comes later can change its cycles.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "config/configuration.hpp"
#include "platform/memory.hpp"
#include "tlm/axi_burst.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

/// Bytes, allocated where they are touched.
class SparseMemory {
public:
    void write(std::uint64_t address, const void* data, std::size_t bytes);
    void read(std::uint64_t address, void* data, std::size_t bytes);
    void share(std::uint64_t address, unsigned char* data, std::size_t bytes); ///< Memory::share

private:
    static constexpr std::uint64_t kPageBytes = 1 << 16;
    using Page = std::array<unsigned char, kPageBytes>;
    unsigned char* at(std::uint64_t address);

    std::unordered_map<std::uint64_t, unsigned char*> pages_;
    std::vector<std::unique_ptr<Page>> own_pages_;
    std::uint64_t last_page_ = ~std::uint64_t{0};
    unsigned char* last_ = nullptr;
};

/// Cycles in which a burst's data moves. Pure arithmetic, so that it can be tested by itself.
class DdrChannel {
public:
    DdrChannel(const DdrTiming& timing, double clock_mhz);
    struct Window {
        Cycle first_beat_cycle;
        Cycle last_beat_cycle;
    };
    /// `request_cycle`: of the burst's address. Bursts are served in the order of the calls.
    Window serve(Cycle request_cycle, std::uint64_t bytes);

private:
    Cycle latency_;
    Cycle interval_; ///< 0: no refresh
    Cycle refresh_;  ///< from the begin of an interval
    std::uint64_t clock_hz_;
    std::uint64_t bytes_per_s_;
    Cycle free_cycle_ = 0;
};

/// What the memories of this project share: the bytes, which the processors see without time. Who derives from it says
/// in which cycles bursts move.
class StoredMemory : public Memory {
public:
    using Memory::Memory;

    void write(std::uint64_t address, const void* data, std::size_t bytes) override {
        memory_.write(address, data, bytes);
    }
    void read(std::uint64_t address, void* data, std::size_t bytes) override { memory_.read(address, data, bytes); }
    void share(std::uint64_t address, unsigned char* data, std::size_t bytes) override {
        memory_.share(address, data, bytes);
    }

protected:
    /// Moves the data of a burst and answers it, in no time.
    void transfer(tlm::tlm_generic_payload& payload);

private:
    SparseMemory memory_;
};

class DdrMemory : public StoredMemory {
public:
    /// `clock`: in which the DMA counts the cycles of its bursts; it has `clock_mhz`.
    DdrMemory(const sc_core::sc_module_name& name, const DdrTiming& timing, double clock_mhz,
              const CycleClock& clock = CycleClock());

    tlm_utils::simple_target_socket<DdrMemory, 64> socket;

    tlm::tlm_target_socket<64>& port(std::size_t /*core*/) override { return socket; }

private:
    /// Both forms of transport, so that the socket needs no thread that turns one into the other.
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);

    CycleClock clock_;
    DdrChannel read_channel_;
    DdrChannel write_channel_;
};

} // namespace bru
