// The Verilated RTL as a core behind the platform's sockets. Static shapes are RTL parameters and cost a
// Verilator build each; rtl/shapes.txt lists those that are built.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "machine/core_shape.hpp"
#include "modules/core.hpp"

namespace bru {

/// A shape whose RTL is built, under its name in rtl/shapes.txt.
struct RtlShape {
    std::string name;
    Shape shape; ///< its depths are given, none is auto
};

/// The shapes that this program has RTL for; empty where it was built without Verilator.
const std::vector<RtlShape>& rtl_shapes();

/// Can the RTL built for one shape stand for another? Equal in all that decides cycles and bits; memories may be
/// deeper: how many steps the input memory holds is a register (INPUT_SLOTS), which the host derives from `wanted`.
bool rtl_serves(const Shape& built, const Shape& wanted);

struct CorePins;

/// The pins of a built shape, for who drives them cycle by cycle.
std::unique_ptr<CorePins> make_core_pins(const RtlShape& built);

/// Throws InputError where no built shape serves, listing those there are.
void check_rtl_core(const Shape& wanted);

/// The first built shape that serves; check_rtl_core() says whether there is one.
std::unique_ptr<Core> make_rtl_core(const char* name, const CoreShape& shape, const CycleClock& clock = CycleClock());

} // namespace bru
