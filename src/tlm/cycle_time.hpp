// Clock cycles of the programmable logic and kernel time. The simulator counts time in whole cycles, from the start of
// the simulation. A clock knows how long a cycle is in kernel time: in a platform of a user's own as long as it is in
// hardware; in `bru run` one nanosecond, whatever the frequency, since microseconds are made where they are printed.
// Where core and DMA have clocks of their own, the two periods are in the proportion of the clocks
// (platform/platform_clocks.hpp).
#pragma once

#include <cstdint>

#include <systemc>

#include "machine/cycle.hpp"

namespace bru {

class CycleClock {
public:
    CycleClock() : CycleClock(sc_core::sc_time(1, sc_core::SC_NS)) {}
    /// `period` is at least two steps of the kernel's time resolution.
    explicit CycleClock(const sc_core::sc_time& period) : ticks_(period.value()) {}

    /// Kernel ticks of a cycle.
    std::uint64_t ticks_per_cycle() const { return ticks_; }
    sc_core::sc_time duration(Cycle cycles) const { return sc_core::sc_time::from_value(cycles * ticks_); }
    /// The cycle that the kernel is in.
    Cycle current_cycle() const { return sc_core::sc_time_stamp().value() / ticks_; }
    /// The first cycle that begins `delay` from now, or later.
    Cycle cycle_after(const sc_core::sc_time& delay) const {
        return (sc_core::sc_time_stamp().value() + delay.value() + ticks_ - 1) / ticks_;
    }
    /// Kernel time from now to the beginning of the cycle; zero where that has passed.
    sc_core::sc_time time_until(Cycle cycle) const {
        const std::uint64_t now = sc_core::sc_time_stamp().value();
        const std::uint64_t then = cycle * ticks_;
        return then > now ? sc_core::sc_time::from_value(then - now) : sc_core::SC_ZERO_TIME;
    }

    /// The cycle of this clock in which a cycle of another one begins.
    Cycle cycle_of(Cycle cycle, const CycleClock& other) const {
        return other.ticks_ == ticks_ ? cycle : cycle * other.ticks_ / ticks_;
    }
    /// The first cycle of this clock that begins no earlier than a cycle of another one.
    Cycle first_cycle_after(Cycle cycle, const CycleClock& other) const {
        return (cycle * other.ticks_ + ticks_ - 1) / ticks_;
    }

    /// Kernel time from now to the end of the cycle that the kernel is in, the last step of time before the next one: a
    /// core may say in the middle of a cycle what happens in it, and by then everything has been said.
    sc_core::sc_time time_until_end() const { return time_until_end(current_cycle()); }
    /// The same of a cycle that has not passed.
    sc_core::sc_time time_until_end(Cycle cycle) const {
        return sc_core::sc_time::from_value((cycle + 1) * ticks_ - 1 - sc_core::sc_time_stamp().value());
    }

private:
    std::uint64_t ticks_;
};

// The clock of `bru run`, and of tests of single blocks.

inline const CycleClock& run_clock() {
    static const CycleClock clock;
    return clock;
}
inline sc_core::sc_time cycles_to_time(Cycle cycles) { return run_clock().duration(cycles); }
inline Cycle current_cycle() { return run_clock().current_cycle(); }
inline sc_core::sc_time time_until(Cycle cycle) { return run_clock().time_until(cycle); }

} // namespace bru
