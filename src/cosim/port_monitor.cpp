#include "cosim/port_monitor.hpp"

#include <fmt/format.h>

#include "base/enumeration.hpp"

namespace bru {

namespace {

constexpr int kDataBits = 32; ///< of a register
constexpr const char* kNames[] = {"input beat",    "output TDATA",  "output TLAST",        "output beat",
                                  "output TVALID", "write address", "write data",          "write response",
                                  "read address",  "read data",     "read response's end", "interrupt"};

} // namespace

std::string describe(const PortEvent& event) {
    return fmt::format("cycle {}: {} {:#x}", event.cycle, kNames[index_of(event.kind)], event.value);
}

bool is_value(PortEventKind kind) {
    return kind == PortEventKind::output_data || kind == PortEventKind::output_last || kind == PortEventKind::read_data;
}

/// A core in reset drives what it likes.
void PortMonitor::observe(Cycle cycle, const CoreInputs& inputs, const CoreOutputs& outputs) {
    cycle_ = cycle;
    const CoreOutputs seen = inputs.aresetn ? outputs : CoreOutputs();
    observe_streams(inputs, seen);
    observe_registers(inputs, seen);
    before_ = seen;
    if (!inputs.aresetn) beat_waits_ = false;
}

void PortMonitor::observe_streams(const CoreInputs& inputs, const CoreOutputs& outputs) {
    if (inputs.s_axis_tvalid && outputs.s_axis_tready) add(PortEventKind::input_beat, inputs.s_axis_tdata);
    if (outputs.m_axis_tvalid) {
        if (!beat_waits_ || outputs.m_axis_tdata != before_.m_axis_tdata)
            add(PortEventKind::output_data, outputs.m_axis_tdata);
        if (!beat_waits_ || outputs.m_axis_tlast != before_.m_axis_tlast)
            add(PortEventKind::output_last, outputs.m_axis_tlast ? 1 : 0);
        if (inputs.m_axis_tready) add(PortEventKind::output_beat, 0);
    } else if (beat_waits_ && inputs.aresetn) {
        add(PortEventKind::output_dropped, 0);
    }
    beat_waits_ = outputs.m_axis_tvalid && !inputs.m_axis_tready;
}

void PortMonitor::observe_registers(const CoreInputs& inputs, const CoreOutputs& outputs) {
    if (inputs.awvalid && outputs.awready) add(PortEventKind::write_address, inputs.awaddr);
    if (inputs.wvalid && outputs.wready) add(PortEventKind::write_data, inputs.wdata);
    if (outputs.bvalid != before_.bvalid || outputs.bresp != before_.bresp)
        add(PortEventKind::write_response, outputs.bvalid ? 1 + outputs.bresp : 0);
    if (inputs.arvalid && outputs.arready) add(PortEventKind::read_address, inputs.araddr);
    if (outputs.rvalid && (!before_.rvalid || outputs.rdata != before_.rdata || outputs.rresp != before_.rresp))
        add(PortEventKind::read_data, outputs.rdata | std::uint64_t{outputs.rresp} << kDataBits);
    if (!outputs.rvalid && before_.rvalid) add(PortEventKind::read_ends, 0);
    if (outputs.irq != before_.irq) add(PortEventKind::interrupt, outputs.irq ? 1 : 0);
}

} // namespace bru
