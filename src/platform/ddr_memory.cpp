#include "platform/ddr_memory.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace bru {

unsigned char* SparseMemory::at(std::uint64_t address) {
    const std::uint64_t number = address / kPageBytes;
    if (number != last_page_) {
        auto& page = pages_[number];
        if (!page) page = std::make_unique<Page>();
        last_page_ = number;
        last_ = page.get();
    }
    return last_->data() + address % kPageBytes;
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

Cycle DdrChannel::after_refresh(Cycle cycle) const {
    if (timing_.refresh_interval_cycles == 0) return cycle;
    const Cycle phase = cycle % timing_.refresh_interval_cycles;
    const Cycle refresh = timing_.refresh_cycles;
    return phase < refresh ? cycle + (refresh - phase) : cycle;
}

DdrChannel::Window DdrChannel::serve(Cycle request_cycle, std::uint64_t bytes) {
    const auto duration = static_cast<Cycle>(std::max(1.0, std::ceil(static_cast<double>(bytes) / bytes_per_cycle_)));
    const Cycle first =
        after_refresh(std::max(request_cycle + static_cast<Cycle>(timing_.latency_cycles), free_cycle_));
    Cycle last = first + duration - 1;
    if (timing_.refresh_interval_cycles > 0) {
        const Cycle interval = timing_.refresh_interval_cycles;
        last += (last / interval - first / interval) * timing_.refresh_cycles;
    }
    free_cycle_ = last + 1;
    return {first, last};
}

DdrMemory::DdrMemory(const sc_core::sc_module_name& name, const DdrTiming& timing, double clock_mhz)
    : Memory(name), read_socket("read_socket"), write_socket("write_socket"), read_channel_(timing, clock_mhz),
      write_channel_(timing, clock_mhz) {
    read_socket.register_b_transport(this, &DdrMemory::read_burst);
    read_socket.register_nb_transport_fw(this, &DdrMemory::begin_read);
    write_socket.register_b_transport(this, &DdrMemory::write_burst);
    write_socket.register_nb_transport_fw(this, &DdrMemory::begin_write);
}

void DdrMemory::serve(DdrChannel& channel, tlm::tlm_generic_payload& payload) {
    AxiBurst* burst = nullptr;
    payload.get_extension(burst);
    const DdrChannel::Window window = channel.serve(burst->request_cycle, payload.get_data_length());
    burst->first_beat_cycle = window.first_beat_cycle;
    burst->last_beat_cycle = window.last_beat_cycle;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

void DdrMemory::read_burst(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    serve(read_channel_, payload);
    memory_.read(payload.get_address(), payload.get_data_ptr(), payload.get_data_length());
}

void DdrMemory::write_burst(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    serve(write_channel_, payload);
    memory_.write(payload.get_address(), payload.get_data_ptr(), payload.get_data_length());
}

tlm::tlm_sync_enum DdrMemory::begin_read(tlm::tlm_generic_payload& payload, tlm::tlm_phase&, sc_core::sc_time& delay) {
    read_burst(payload, delay);
    return tlm::TLM_COMPLETED;
}

tlm::tlm_sync_enum DdrMemory::begin_write(tlm::tlm_generic_payload& payload, tlm::tlm_phase&, sc_core::sc_time& delay) {
    write_burst(payload, delay);
    return tlm::TLM_COMPLETED;
}

} // namespace bru
