// The Verilated models of this build: a table that CMake generates from rtl/shapes.txt (empty without
// Verilator).
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "rtl_core/core_pins.hpp"
#include "rtl_core/rtl_core.hpp"

namespace bru {

struct VerilatedShape {
    RtlShape rtl;
    std::function<std::unique_ptr<CorePins>()> make_pins;
};

const std::vector<VerilatedShape>& verilated_shapes();

} // namespace bru
