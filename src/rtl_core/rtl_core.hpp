// The Verilated RTL as a core behind the platform's sockets. Static shapes are RTL parameters and cost a
// Verilator build each; rtl/shapes.txt lists those that are built.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "modules/core.hpp"
#include "modules/core_registers.hpp"

namespace bru {

/// The shapes that this program has RTL for; empty where it was built without Verilator.
const std::vector<Shape>& rtl_shapes();

/// The built shape that equals `wanted` in all that decides cycles and bits, with memories at least as deep;
/// nullptr: none.
const Shape* find_rtl_shape(const Shape& wanted);

/// Throws InputError where no built shape fits, listing those there are.
std::unique_ptr<Core> make_rtl_core(const char* name, const CoreShape& shape);

} // namespace bru
