// What the software and the neighbours of a core do in a case at its pins, as a list of operations: loads, descriptors,
// starts, resets. Everything random is drawn when the list is made; the host (port_host.hpp) draws only when the
// channels are idle and how long.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "cosim/prepared_case.hpp"
#include "rtl_core/core_pins.hpp"

namespace bru {

enum class PortOperation {
    write,           ///< `value` to the register at `address`
    read,            ///< the register at `address`
    send,            ///< the beats go to the input stream, which may take a while
    sent,            ///< waits until all beats have been transferred
    done,            ///< waits until the core says that its run is done
    wait,            ///< `value` cycles
    wait_output,     ///< until a beat leaves, but `value` cycles at most
    hold_output,     ///< the receiver takes no beat for `value` cycles, or until the next reset
    reset,           ///< aresetn is low for `value` cycles
    reset_after,     ///< in `value` cycles everything that is under way ends, and the script goes on at `target`
    reset_at_beat,   ///< the same, `address` cycles after the beat number `value` that moves on any of the two streams
    reset_at_output, ///< the same, but only beats that leave count
    reset_at_packet, ///< the same, but only beats that leave with TLAST count
    no_reset,        ///< what was said by the last four does not happen
    compared,        ///< what both cores did until now need not be the same
    counters_stand   ///< from now on the counters are read at random moments, too, until CONTROL is written
};

struct PortStep {
    PortOperation operation = PortOperation::wait;
    std::uint32_t address = 0;
    std::uint32_t value = 0;
    std::size_t target = 0;
    const std::vector<std::uint64_t>* beats = nullptr; ///< of PortScript::beats
};

struct PortScript {
    std::vector<PortStep> steps;
    std::deque<std::vector<std::uint64_t>> beats; ///< what steps point to
    CounterPreset preset;
};

/// Throws InputError as prepare().
PortScript make_port_script(const CosimCase& cosim_case, const std::vector<RtlShape>& shapes);

} // namespace bru
