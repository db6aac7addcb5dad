#include "base/command_line/text_layout.hpp"

#include <sstream>

namespace bru {

namespace {

constexpr std::size_t kHelpColumn = 28;

} // namespace

std::vector<std::string> paragraphs(const std::string& text) {
    std::vector<std::string> result;
    std::istringstream lines(text);
    bool goes_on = false;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string word;
        bool is_empty = true;
        while (words >> word) {
            is_empty = false;
            if (!goes_on) result.emplace_back();
            result.back() += (goes_on ? " " : "") + word;
            goes_on = true;
        }
        if (is_empty) goes_on = false;
    }
    return result;
}

std::string wrapped(const std::string& text, std::size_t indent) {
    const std::string start(indent, ' ');
    std::string result;
    std::string line;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        if (!line.empty() && indent + line.size() + 1 + word.size() > kTextColumns) {
            result += start + line + "\n";
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
    }
    return line.empty() ? result : result + start + line + "\n";
}

std::string wrapped_paragraphs(const std::string& text) {
    std::string result;
    for (const std::string& paragraph : paragraphs(text)) result += (result.empty() ? "" : "\n") + wrapped(paragraph);
    return result;
}

std::string table_row(const std::string& name, const std::string& help) {
    const std::string start = "  " + name;
    std::string lines = wrapped(help, kHelpColumn);
    if (start.size() + 2 > kHelpColumn || lines.empty()) return start + "\n" + lines;
    return start + lines.substr(start.size());
}

} // namespace bru
