#include "base/text_layout.hpp"

#include <algorithm>
#include <sstream>

#include "base/printable.hpp"
#include "base/read_text.hpp"

namespace bru {

namespace {

constexpr std::size_t kHelpColumn = 28;
constexpr std::size_t kGap = 2; ///< between a name and the text behind it

struct Line {
    std::size_t indent = 0;
    std::string text;
};

/// Words between single blanks: what exceeds one blank stays in front of the word, so that joining gives the text
/// again.
std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : text) {
        const bool is_blank = c == ' ' || c == '\n' || c == '\t';
        const bool word_has_letters = word.find_first_not_of(' ') != std::string::npos;
        if (!is_blank) {
            word += c;
        } else if (word_has_letters) {
            words.push_back(word);
            word.clear();
        } else if (!words.empty()) {
            word += ' ';
        }
    }
    if (word.find_first_not_of(' ') != std::string::npos) words.push_back(word);
    return words;
}

std::vector<Line> lines_of(const std::vector<std::string>& words, std::size_t indent, std::size_t columns) {
    std::vector<Line> lines;
    std::size_t end = 0; // column behind the last line
    for (const std::string& word : words) {
        const std::size_t width = columns_of(word);
        if (!lines.empty() && end + 1 + width <= columns) {
            lines.back().text += " " + word;
            end += 1 + width;
            continue;
        }
        const std::string bare = word.substr(std::min(word.size(), word.find_first_not_of(' ')));
        const std::size_t room = columns - std::min(columns, columns_of(bare));
        lines.push_back({std::min(indent, room), bare});
        end = lines.back().indent + columns_of(bare);
    }
    return lines;
}

std::string joined(const std::vector<Line>& lines) {
    std::string text;
    for (const Line& line : lines) text += std::string(line.indent, ' ') + line.text + "\n";
    return text;
}

} // namespace

std::vector<std::string> paragraphs(const std::string& text) {
    std::vector<std::string> result;
    bool goes_on = false;
    for (const std::string& line : lines_of(text)) {
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
    return joined(lines_of(words_of(text), indent, kTextColumns));
}

std::string wrapped_paragraphs(const std::string& text) {
    std::string result;
    for (const std::string& paragraph : paragraphs(text)) result += (result.empty() ? "" : "\n") + wrapped(paragraph);
    return result;
}

std::string hanging(const std::string& start, const std::vector<std::string>& words, std::size_t column) {
    const std::vector<Line> lines = lines_of(words, column, kTextColumns);
    if (lines.empty()) return start + "\n";
    const std::size_t gap = start.empty() ? 0 : kGap;
    if (columns_of(start) + gap > lines.front().indent) return start + "\n" + joined(lines);
    return start + std::string(lines.front().indent - columns_of(start), ' ') +
           joined(lines).substr(lines.front().indent);
}

std::string hanging(const std::string& start, const std::string& text, std::size_t column) {
    return hanging(start, words_of(text), column);
}

std::string table_row(const std::string& name, const std::string& help) {
    const std::string start = "  " + name;
    if (columns_of(start) <= kTextColumns) return hanging(start, help, kHelpColumn);
    return wrapped(name, 2) + hanging("", help, kHelpColumn);
}

std::string command_lines(const std::string& command) {
    constexpr std::size_t kIndent = 2;
    const std::string more = " \\";
    std::string text;
    for (const Line& line : lines_of(words_of(command), 2 * kIndent, kTextColumns - more.size()))
        text += (text.empty() ? std::string(kIndent, ' ') : more + "\n" + std::string(2 * kIndent, ' ')) + line.text;
    return text + "\n";
}

std::string fitting_line(const std::string& title, const std::vector<std::string>& texts, std::size_t columns) {
    std::string line = title.substr(0, columns);
    for (const std::string& text : texts) {
        const std::string next = line + (line == title ? ": " : ", ") + text;
        if (columns_of(next) > columns) break;
        line = next;
    }
    return line;
}

} // namespace bru
