#include "base/text_list.hpp"

#include <algorithm>

namespace bru {

std::string trimmed(const std::string& text) {
    constexpr const char* kBlanks = " \t\r";
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string::npos) return "";
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string> comma_list(const std::string& text) {
    std::vector<std::string> items;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t comma = std::min(text.find(',', begin), text.size());
        items.push_back(trimmed(text.substr(begin, comma - begin)));
        begin = comma + 1;
    }
    return items;
}

} // namespace bru
