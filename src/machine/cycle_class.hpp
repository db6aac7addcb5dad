// The classes that every cycle of a run belongs to exactly one of (docs/architecture.md, "Timing").
#pragma once

namespace bru {

/// In the order of the hardware counters.
enum class CycleClass { weight_load, compute, input_wait, state_wait, update_wait, output_wait, idle };
inline constexpr int kCycleClasses = 7;

constexpr const char* cycle_class_name(CycleClass cycle_class) {
    constexpr const char* kNames[kCycleClasses] = {"weight_load", "compute",     "input_wait", "state_wait",
                                                   "update_wait", "output_wait", "idle"};
    return kNames[static_cast<int>(cycle_class)];
}

} // namespace bru
