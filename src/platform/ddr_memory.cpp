#include "platform/ddr_memory.hpp"

#include <algorithm>
#include <cstring>

#include "base/integers.hpp"

namespace bru {

unsigned char* SparseMemory::at(std::uint64_t address) {
    const std::uint64_t number = address / kPageBytes;
    if (number != last_page_) {
        unsigned char*& page = pages_[number];
        if (page == nullptr) page = own_pages_.emplace_back(std::make_unique<Page>())->data();
        last_page_ = number;
        last_ = page;
    }
    return last_ + address % kPageBytes;
}

void SparseMemory::share(std::uint64_t address, unsigned char* data, std::size_t bytes) {
    for (std::size_t offset = 0; offset < bytes; offset += kPageBytes)
        pages_[(address + offset) / kPageBytes] = data + offset;
    last_page_ = ~std::uint64_t{0};
}

void SparseMemory::write(std::uint64_t address, const void* data, std::size_t bytes) {
    const auto* source = static_cast<const unsigned char*>(data);
    while (bytes > 0) {
        const auto count = std::min<std::size_t>(bytes, kPageBytes - address % kPageBytes);
        std::memcpy(at(address), source, count);
        address += count;
        source += count;
        bytes -= count;
    }
}

void SparseMemory::read(std::uint64_t address, void* data, std::size_t bytes) {
    auto* target = static_cast<unsigned char*>(data);
    while (bytes > 0) {
        const auto count = std::min<std::size_t>(bytes, kPageBytes - address % kPageBytes);
        std::memcpy(target, at(address), count);
        address += count;
        target += count;
        bytes -= count;
    }
}

/// Integers throughout: a quotient that is a whole number must not become the next one.
DdrChannel::DdrChannel(const DdrTiming& timing, double clock_mhz)
    : latency_(cycles_in(timing.latency_ns, clock_mhz)), interval_(refresh_cycles(timing, clock_mhz).interval),
      refresh_(refresh_cycles(timing, clock_mhz).refresh), clock_hz_(clock_hz(clock_mhz)),
      bytes_per_s_(timing.bandwidth_mb_per_s * 1'000'000) {}

/// Data moves in the cycles of an interval that lie behind its refresh. Counting only those makes the interval shorter,
/// and a burst is as long as its data, however many refreshes lie within it.
DdrChannel::Window DdrChannel::serve(Cycle request_cycle, std::uint64_t bytes) {
    const Cycle data_cycles = std::max<Cycle>(divide_up(bytes * clock_hz_, bytes_per_s_), 1);
    const Cycle earliest = std::max(request_cycle + latency_, free_cycle_);
    Window window{earliest, earliest + data_cycles - 1};
    if (interval_ > 0) {
        const Cycle usable = interval_ - refresh_;
        const Cycle begin = earliest / interval_ * interval_;
        const Cycle phase = std::max(earliest - begin, refresh_);
        const Cycle last = phase - refresh_ + data_cycles - 1; // in usable cycles from `begin`
        window.first_beat_cycle = begin + phase;
        window.last_beat_cycle = begin + last / usable * interval_ + refresh_ + last % usable;
    }
    free_cycle_ = window.last_beat_cycle + 1;
    return window;
}

void StoredMemory::transfer(tlm::tlm_generic_payload& payload) {
    if (payload.is_write())
        memory_.write(payload.get_address(), payload.get_data_ptr(), payload.get_data_length());
    else
        memory_.read(payload.get_address(), payload.get_data_ptr(), payload.get_data_length());
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

DdrMemory::DdrMemory(const sc_core::sc_module_name& name, const DdrTiming& timing, double clock_mhz,
                     const CycleClock& clock)
    : StoredMemory(name), socket("socket"), clock_(clock), read_channel_(timing, clock_mhz),
      write_channel_(timing, clock_mhz) {
    socket.register_b_transport(this, &DdrMemory::b_transport);
    socket.register_nb_transport_fw(this, &DdrMemory::nb_transport_fw);
}

void DdrMemory::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    DdrChannel& channel = payload.is_write() ? write_channel_ : read_channel_;
    AxiBurst* burst = nullptr;
    payload.get_extension(burst);
    const Cycle request_cycle = burst != nullptr ? burst->request_cycle : clock_.cycle_after(delay);
    const DdrChannel::Window window = channel.serve(request_cycle, payload.get_data_length());
    if (burst != nullptr) {
        burst->first_beat_cycle = window.first_beat_cycle;
        burst->last_beat_cycle = window.last_beat_cycle;
    }
    transfer(payload);
    delay += clock_.duration(window.last_beat_cycle - request_cycle); // the request is `delay` from now
}

tlm::tlm_sync_enum DdrMemory::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase&,
                                              sc_core::sc_time& delay) {
    b_transport(payload, delay);
    return tlm::TLM_COMPLETED;
}

} // namespace bru
