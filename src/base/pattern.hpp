// Regular expressions. std::regex costs every file that uses it more than a second of compilation, so one file uses it.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace bru {

/// std::regex matches by recursion over the text, which ends the program where a text has no bound.
inline constexpr std::size_t kMostPatternCharacters = 400;

/// The texts of the pattern's groups where the pattern matches the whole text, with the text itself as group 0; a group
/// that took no part is "". A text of more than kMostPatternCharacters matches nothing. The pattern is an ECMAScript
/// one.
std::optional<std::vector<std::string>> match_groups(const std::string& text, const std::string& pattern);

} // namespace bru
