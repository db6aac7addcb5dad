// A waveform file (value change dump, IEEE 1364-2005, 18.2) of the core's signals in a window of cycles.
#pragma once

#include <string>

#include "machine/core_shape.hpp"
#include "observe/signal_trace.hpp"

namespace bru {

/// Writes the signals of `trace` as scopes bru_core and its blocks, with the clock, in picoseconds from the start of
/// the simulation: cycle c begins with the rising edge at c clock periods. The same signals give the same file,
/// whichever core recorded them. Throws InputError where the file can't be written.
void write_vcd(const std::string& path, const SignalTrace& trace, const CoreShape& shape, double clock_mhz);

} // namespace bru
