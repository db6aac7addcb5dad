// The Verilated models of this build: a table that CMake generates from rtl/shapes.txt (empty without
// Verilator).
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "config/configuration.hpp"
#include "rtl_core/pin_adapter.hpp"

namespace bru {

struct VerilatedShape {
    Shape shape;
    std::function<std::unique_ptr<CorePins>()> make_pins;
};

const std::vector<VerilatedShape>& verilated_shapes();

} // namespace bru
