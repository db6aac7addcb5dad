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
        const auto count = std::min<std::size_t>(bytes, static_cast<std::size_t>(kPageBytes - address % kPageBytes));
        std::memcpy(at(address), source, count);
        address += count;
        source += count;
        bytes -= count;
    }
}

void SparseMemory::read(std::uint64_t address, void* data, std::size_t bytes) {
    auto* target = static_cast<unsigned char*>(data);
    while (bytes > 0) {
        const auto count = std::min<std::size_t>(bytes, static_cast<std::size_t>(kPageBytes - address % kPageBytes));
        std::memcpy(target, at(address), count);
        address += count;
        target += count;
        bytes -= count;
    }
}

Cycle DdrChannel::after_refresh(Cycle cycle) const {
    if (timing_.refresh_interval_cycles == 0) return cycle;
    const Cycle phase = cycle % static_cast<Cycle>(timing_.refresh_interval_cycles);
    const auto refresh = static_cast<Cycle>(timing_.refresh_cycles);
    return phase < refresh ? cycle + (refresh - phase) : cycle;
}

DdrChannel::Window DdrChannel::serve(Cycle request_cycle, std::uint64_t bytes) {
    const double bytes_per_cycle = static_cast<double>(timing_.bandwidth_mb_per_s) / clock_mhz_;
    const auto duration = static_cast<Cycle>(std::max(1.0, std::ceil(static_cast<double>(bytes) / bytes_per_cycle)));
    const Cycle first =
        after_refresh(std::max(request_cycle + static_cast<Cycle>(timing_.latency_cycles), free_cycle_));
    Cycle last = first + duration - 1;
    if (timing_.refresh_interval_cycles > 0) {
        const auto interval = static_cast<Cycle>(timing_.refresh_interval_cycles);
        last += (last / interval - first / interval) * static_cast<Cycle>(timing_.refresh_cycles);
    }
    free_cycle_ = last + 1;
    return {first, last};
}

DdrMemory::DdrMemory(const sc_core::sc_module_name& name, const DdrTiming& timing, double clock_mhz)
    : sc_module(name), read_socket("read_socket"), write_socket("write_socket"),
      read_port_{DdrChannel(timing, clock_mhz), {}, {}}, write_port_{DdrChannel(timing, clock_mhz), {}, {}} {
    read_socket.register_nb_transport_fw(this, &DdrMemory::read_burst);
    write_socket.register_nb_transport_fw(this, &DdrMemory::write_burst);
    SC_METHOD(respond_reads);
    sensitive << read_port_.event;
    dont_initialize();
    SC_METHOD(respond_writes);
    sensitive << write_port_.event;
    dont_initialize();
}

Cycle DdrMemory::serve(Port& port, tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay,
                       bool respond_first) {
    const Cycle request_cycle = current_cycle() + static_cast<Cycle>(std::llround(delay / cycles_to_time(1)));
    const DdrChannel::Window window = port.channel.serve(request_cycle, payload.get_data_length());
    AxiBurst* burst = nullptr;
    payload.get_extension(burst);
    burst->first_beat_cycle = window.first_beat_cycle;
    burst->last_beat_cycle = window.last_beat_cycle;
    const Cycle response = respond_first ? window.first_beat_cycle : window.last_beat_cycle;
    port.responses.emplace_back(response, &payload);
    if (port.responses.size() == 1) port.event.notify(time_until(response));
    return response;
}

tlm::tlm_sync_enum DdrMemory::read_burst(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay) {
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
    serve(read_port_, payload, delay, true);
    memory.read(payload.get_address(), payload.get_data_ptr(), payload.get_data_length());
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

tlm::tlm_sync_enum DdrMemory::write_burst(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                          sc_core::sc_time& delay) {
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
    serve(write_port_, payload, delay, false);
    memory.write(payload.get_address(), payload.get_data_ptr(), payload.get_data_length());
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

void DdrMemory::respond(Port& port, tlm_utils::simple_target_socket<DdrMemory>& socket) {
    const Cycle now = current_cycle();
    while (!port.responses.empty() && port.responses.front().first <= now) {
        tlm::tlm_generic_payload& payload = *port.responses.front().second;
        port.responses.pop_front();
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        socket->nb_transport_bw(payload, phase, delay);
    }
    if (!port.responses.empty()) port.event.notify(time_until(port.responses.front().first));
}

} // namespace bru
