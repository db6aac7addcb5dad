// The Verilated RTL as the core of an accelerator: AcceleratorParameters::core = make_rtl_core. A shape of the RTL is
// fixed when it is built: rtl/shapes.txt has one per line.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "machine/shape.hpp"

namespace bru {

class Core;
class CycleClock;
struct CoreShape;

/// A shape whose RTL is built, under its name in rtl/shapes.txt.
struct RtlShape {
    std::string name;
    Shape shape; ///< its depths are given, none is auto
};

/// The shapes that there is RTL for; empty in a build without Verilator.
const std::vector<RtlShape>& rtl_shapes();

/// Can the RTL built for one shape stand for another? Equal in all that decides cycles and bits; memories may be
/// deeper: how many steps the input memory holds is a register (INPUT_SLOTS), which the host derives from `wanted`.
bool rtl_serves(const Shape& built, const Shape& wanted);

/// The first built shape that serves. Throws std::runtime_error where none does; the text lists those there are.
std::shared_ptr<Core> make_rtl_core(const char* name, const CoreShape& shape, const CycleClock& clock);

} // namespace bru
