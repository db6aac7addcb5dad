// Which SIMD levels the processor of this host has. A level is a set of instructions that parts of the simulator and of
// bru-train are compiled for; every level computes the same.
#pragma once

#include <string>
#include <vector>

namespace bru {

/// The names of the levels that this host can run, the best one last; the first is always "portable".
const std::vector<std::string>& host_simd_levels();

/// Throws InputError unless this host has the level. The message says what the environment variable BRU_SIMD may be.
void check_simd_level(const std::string& level);

/// The level that BRU_SIMD names, or the best one of this host where it is unset or empty. Throws InputError for a
/// level that this host lacks.
std::string chosen_simd_level();

} // namespace bru
