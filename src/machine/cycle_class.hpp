// The classes that every cycle of a run belongs to exactly one of (docs/architecture.md, "Timing").
#pragma once

#include <array>
#include <cstdint>
#include <iterator>

#include "base/enumeration.hpp"

namespace bru {

/// In the order of the hardware counters.
enum class CycleClass { weight_load, compute, input_wait, state_wait, update_wait, output_wait, idle };
inline constexpr CycleClass kAllCycleClasses[] = {
    CycleClass::weight_load, CycleClass::compute,     CycleClass::input_wait, CycleClass::state_wait,
    CycleClass::update_wait, CycleClass::output_wait, CycleClass::idle};
inline constexpr int kCycleClasses = 7;
static_assert(std::size(kAllCycleClasses) == kCycleClasses);

/// Cycles of each class.
using ClassCycles = std::array<std::uint64_t, kCycleClasses>;

constexpr const char* cycle_class_name(CycleClass cycle_class) {
    constexpr const char* kNames[kCycleClasses] = {"weight_load", "compute",     "input_wait", "state_wait",
                                                   "update_wait", "output_wait", "idle"};
    return kNames[index_of(cycle_class)];
}

} // namespace bru
