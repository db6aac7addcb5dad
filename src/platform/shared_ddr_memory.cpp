#include "platform/shared_ddr_memory.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/integers.hpp"
#include "platform/platform_clocks.hpp"

namespace bru {

PortChannel::PortChannel(std::int64_t mb_per_s, double clock_mhz)
    : clock_hz_(clock_hz(clock_mhz)), bytes_per_s_(static_cast<std::uint64_t>(mb_per_s) * 1'000'000) {}

DdrChannel::Window PortChannel::pass(DdrChannel::Window at_ddr, std::uint64_t bytes) {
    if (bytes_per_s_ == 0) return at_ddr;
    const Cycle data_cycles = std::max<Cycle>(divide_up(bytes * clock_hz_, bytes_per_s_), 1);
    const Cycle first = std::max(at_ddr.first_beat_cycle, free_cycle_);
    const Cycle last = std::max(at_ddr.last_beat_cycle, first + data_cycles - 1);
    free_cycle_ = last + 1;
    return {first, last};
}

SharedDdrMemory::SharedDdrMemory(const sc_core::sc_module_name& name, const Configuration& configuration,
                                 std::size_t cores)
    : StoredMemory(name), clock_(platform_clocks(configuration).dma),
      read_channel_(configuration.ddr, configuration.dma_clock_mhz),
      write_channel_(configuration.ddr, configuration.dma_clock_mhz), requested_("requested") {
    const PortChannel channel(configuration.platform.hp_port_mb_per_s, configuration.dma_clock_mhz);
    ports_.assign(narrow<std::size_t>(configuration.platform.hp_ports), {channel, channel});
    for (std::size_t core = 0; core < cores; ++core) {
        cores_.push_back(std::make_unique<CorePort>(fmt::format("socket_{}", core).c_str()));
        cores_.back()->socket.register_nb_transport_fw(this, &SharedDdrMemory::nb_transport_fw, narrow<int>(core));
    }
    SC_METHOD(serve_requests);
    sensitive << requested_;
    dont_initialize();
}

/// Addresses of both directions are taken at once, as on the two address channels of AXI.
tlm::tlm_sync_enum SharedDdrMemory::nb_transport_fw(int number, tlm::tlm_generic_payload& payload,
                                                    tlm::tlm_phase& phase, sc_core::sc_time&) {
    CorePort& core = *cores_[narrow<std::size_t>(number)];
    if (phase == tlm::END_RESP) {
        core.responses.pop_front();
        if (!core.responses.empty()) respond(core);
        return tlm::TLM_COMPLETED;
    }
    core.requests.push_back(&payload);
    requested_.notify(clock_.time_until_end());
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

void SharedDdrMemory::serve_requests() {
    for (std::size_t number = 0; number < cores_.size(); ++number) {
        CorePort& core = *cores_[number];
        for (tlm::tlm_generic_payload* const payload : core.requests) serve(*payload, ports_[number % ports_.size()]);
    }
    // An answer may bring new requests, but none of this cycle.
    for (const auto& core : cores_) {
        const bool idle = core->responses.empty();
        core->responses.insert(core->responses.end(), core->requests.begin(), core->requests.end());
        core->requests.clear();
        if (idle && !core->responses.empty()) respond(*core);
    }
}

void SharedDdrMemory::serve(tlm::tlm_generic_payload& payload, Channels& port) {
    AxiBurst* burst = nullptr;
    payload.get_extension(burst);
    const std::uint64_t bytes = payload.get_data_length();
    DdrChannel& ddr = payload.is_write() ? write_channel_ : read_channel_;
    PortChannel& channel = payload.is_write() ? port.write : port.read;
    const DdrChannel::Window window = channel.pass(ddr.serve(burst->request_cycle, bytes), bytes);
    burst->first_beat_cycle = window.first_beat_cycle;
    burst->last_beat_cycle = window.last_beat_cycle;
    transfer(payload);
}

/// One response at a time, as the base protocol has it. All of them are at the end of the cycle, and the extension
/// says when the data moves.
void SharedDdrMemory::respond(CorePort& core) {
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    core.socket->nb_transport_bw(*core.responses.front(), phase, delay);
}

} // namespace bru
