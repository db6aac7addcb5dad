// See pattern.hpp.
#include "base/pattern.hpp"

#include <regex>

namespace bru {

std::optional<std::vector<std::string>> match_groups(const std::string& text, const std::string& pattern) {
    if (text.size() > kMostPatternCharacters) return std::nullopt;
    std::smatch match;
    if (!std::regex_match(text, match, std::regex(pattern))) return std::nullopt;
    return std::vector<std::string>(match.begin(), match.end());
}

} // namespace bru
