// Mistakes of software in the registers (docs/interfaces.md, "Mistakes of software").
#pragma once

#include <cstdint>
#include <string>

#include "machine/core_registers.hpp"
#include "machine/core_shape.hpp"

namespace bru {

/// Whether a field of a descriptor has a value that no descriptor can have. The RTL has the same rule.
bool out_of_range(std::uint32_t field, std::uint32_t value, const CoreShape& shape);

/// Words of the memory behind a load target; 0: there is none.
std::uint64_t words_of(LoadTarget target, const CoreShape& shape);

/// Fields that are in range and contradict each other, or what lies beyond a memory: the first of them, in words. "":
/// nothing. The RTL does not look for these.
std::string contradiction(const CoreRegisters& registers, const CoreShape& shape);

} // namespace bru
