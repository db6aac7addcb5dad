// Values at the limits of the fields of a descriptor: where a comparison is wrong by one, it is wrong there.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/core_shape.hpp"

namespace bru {

/// At a limit of some field, or beside it.
std::vector<std::uint32_t> field_limits(const CoreShape& shape);

/// Those that `field` cannot have; never empty.
std::vector<std::uint32_t> values_beyond(std::uint32_t field, const CoreShape& shape);

} // namespace bru
