// What happens at the pins of a core, event by event, for comparing two cores.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rtl_core/core_pins.hpp"

namespace bru {

enum class PortEventKind {
    input_beat,     ///< transferred
    output_data,    ///< of a beat, in its first cycle with TVALID, and again if it changes while it waits
    output_last,    ///< TLAST, likewise
    output_beat,    ///< transferred
    output_dropped, ///< TVALID fell before the transfer
    write_address,  ///< taken; `value` is the address
    write_data,     ///< taken
    write_response, ///< BVALID rises, `value` is 1 + BRESP; 0: BVALID falls
    read_address,   ///< taken; `value` is the address
    read_data,      ///< RVALID rises or RDATA changes; `value` is RDATA, with RRESP above its 32 bits
    read_ends,      ///< RVALID falls
    interrupt       ///< the line changes to `value`
};

struct PortEvent {
    Cycle cycle = 0;
    PortEventKind kind = PortEventKind::input_beat;
    std::uint64_t value = 0;
};

inline bool operator==(const PortEvent& a, const PortEvent& b) {
    return a.cycle == b.cycle && a.kind == b.kind && a.value == b.value;
}

std::string describe(const PortEvent& event);

/// Whether the event is about what a beat or a register holds, and not only about when.
bool is_value(PortEventKind kind);

class PortMonitor {
public:
    /// The pins of one cycle, as they settle.
    void observe(Cycle cycle, const CoreInputs& inputs, const CoreOutputs& outputs);
    const std::vector<PortEvent>& events() const { return events_; }

private:
    void observe_streams(const CoreInputs& inputs, const CoreOutputs& outputs);
    void observe_registers(const CoreInputs& inputs, const CoreOutputs& outputs);
    void add(PortEventKind kind, std::uint64_t value) { events_.push_back({cycle_, kind, value}); }

    std::vector<PortEvent> events_;
    Cycle cycle_ = 0;
    bool beat_waits_ = false; ///< was offered in the cycle before and not transferred
    CoreOutputs before_;      ///< in the cycle before
};

} // namespace bru
