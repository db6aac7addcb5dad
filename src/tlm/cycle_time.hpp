// Simulated time is an integer count of PL cycles: one cycle is one nanosecond of kernel time, whatever
// the clock's frequency; microseconds are made from cycles where they are printed.
#pragma once

#include <cstdint>

#include <systemc>

#include "machine/cycle.hpp"

namespace bru {

inline sc_core::sc_time cycles_to_time(Cycle cycles) {
    return sc_core::sc_time(static_cast<double>(cycles), sc_core::SC_NS);
}

/// Kernel ticks of a cycle.
inline std::uint64_t ticks_per_cycle() {
    static const std::uint64_t ticks = sc_core::sc_time(1, sc_core::SC_NS).value();
    return ticks;
}

/// The cycle that the kernel is in.
inline Cycle current_cycle() { return sc_core::sc_time_stamp().value() / ticks_per_cycle(); }

/// Kernel time from now to the beginning of the cycle; zero where that has passed.
inline sc_core::sc_time time_until(Cycle cycle) {
    const std::uint64_t now = sc_core::sc_time_stamp().value();
    const std::uint64_t then = cycle * ticks_per_cycle();
    return then > now ? sc_core::sc_time::from_value(then - now) : sc_core::SC_ZERO_TIME;
}

} // namespace bru
