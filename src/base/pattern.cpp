// See pattern.hpp.
#include "base/pattern.hpp"

#include <map>
#include <regex>

namespace bru {

std::optional<std::vector<std::string>> match_groups(const std::string& text, const std::string& pattern) {
    if (text.size() > kMostPatternCharacters) return std::nullopt;
    static std::map<std::string, std::regex>
        compiled; // there are few patterns, and compiling takes longer than matching
    auto known = compiled.find(pattern);
    if (known == compiled.end()) known = compiled.emplace(pattern, std::regex(pattern)).first;
    std::smatch match;
    if (!std::regex_match(text, match, known->second)) return std::nullopt;
    return std::vector<std::string>(match.begin(), match.end());
}

} // namespace bru
