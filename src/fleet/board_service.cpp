#include "fleet/board_service.hpp"

#include <algorithm>

#include "base/integers.hpp"

namespace bru::fleet {

namespace {

constexpr int kAccessesPerSend = 2;
constexpr int kAccessesPerPacket = 4; ///< acknowledge, length, and two to take the next

} // namespace

double saturated_interval_us(const BoardService& service) {
    const double software = real(service.software_step) + ratio(service.software_transfer, service.transfer_steps);
    const double host =
        service.has_host()
            ? real(service.interrupt_latency + kAccessesPerPacket * service.register_access + service.packet_least) /
                  real(service.packet_steps)
            : 0;
    return std::max({software, host, real(service.interval)}) / kPerUs;
}

Time idle_response(const BoardService& service) {
    return service.software_transfer + service.software_step + kAccessesPerSend * service.register_access +
           service.input_begin + service.input_step + service.answer;
}

} // namespace bru::fleet
