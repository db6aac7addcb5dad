// Characters that look like ASCII and are none: web pages and text processors write them into commands and values.
#pragma once

#include <string>
#include <string_view>

namespace bru {

/// "; its '−' (U+2212) is no '-': type it anew" of the first such character: dashes, quotes and blanks of other
/// kinds. "" where there is none.
std::string lookalike_remark(std::string_view text);

/// The text with ASCII in their place. Zero-width characters go away.
std::string without_lookalikes(std::string_view text);

} // namespace bru
