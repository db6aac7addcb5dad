// Regular expressions. std::regex costs every file that uses it more than a second of compilation, so one file uses it.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace bru {

/// The texts of the pattern's groups where the pattern matches the whole text, with the text itself as group 0; a group
/// that took no part is "". The pattern is an ECMAScript one.
std::optional<std::vector<std::string>> match_groups(const std::string& text, const std::string& pattern);

} // namespace bru
