// Enumerators as places in a table.
#pragma once

#include <cstddef>

namespace bru {

/// Where the entry of an enumerator stands in an array that has one entry per enumerator, in their order.
template <class Enum>
constexpr std::size_t index_of(Enum enumerator) {
    return static_cast<std::size_t>(enumerator);
}

} // namespace bru
