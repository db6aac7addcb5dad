// Simulated time is an integer count of PL cycles: one cycle is one nanosecond of kernel time, whatever
// the clock's frequency; microseconds are made from cycles where they are printed.
#pragma once

#include <cstdint>

#include <systemc>

namespace bru {

using Cycle = std::uint64_t;

inline sc_core::sc_time cycles_to_time(Cycle cycles) {
    return sc_core::sc_time(static_cast<double>(cycles), sc_core::SC_NS);
}

/// The cycle that the kernel is in.
inline Cycle current_cycle() {
    static const std::uint64_t ticks_per_cycle = sc_core::sc_time(1, sc_core::SC_NS).value();
    return sc_core::sc_time_stamp().value() / ticks_per_cycle;
}

/// Kernel time from now to the cycle; zero where it has passed.
inline sc_core::sc_time time_until(Cycle cycle) {
    const Cycle now = current_cycle();
    return cycle > now ? cycles_to_time(cycle - now) : sc_core::SC_ZERO_TIME;
}

} // namespace bru
