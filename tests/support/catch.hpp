// Catch2, version 2 or 3, under the names of version 3. Tests include this header, and no header of Catch2.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)

#include <catch2/catch_all.hpp>

using Catch::Approx;

#else

#include <catch2/catch.hpp>

namespace Catch::Matchers {

/// Version 2 calls this matcher Contains, a name that version 3 has for the elements of a range.
inline auto ContainsSubstring(const std::string& text) { return Contains(text); }

} // namespace Catch::Matchers

#endif
