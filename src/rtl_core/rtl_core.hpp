// The Verilated RTL as a core behind the platform's sockets, for the programs of this project (accelerator_rtl.hpp is
// for everybody). Static shapes are RTL parameters and cost a Verilator build each; rtl/shapes.txt lists those that are
// built.
#pragma once

#include <memory>

#include "machine/core_shape.hpp"
#include "modules/core.hpp"
#include "rtl_core/accelerator_rtl.hpp"

namespace bru {

struct CorePins;

/// The pins of a built shape, for who drives them cycle by cycle.
std::unique_ptr<CorePins> make_core_pins(const RtlShape& built);

/// Throws InputError where no built shape serves, listing those there are.
void check_rtl_core(const Shape& wanted);

} // namespace bru
