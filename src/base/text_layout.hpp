// Text in lines of at most 80 columns, broken between words. All programs lay out everything that they print in this
// way, whatever the width of the terminal: the same command prints the same lines everywhere.
//
// Only a word that is longer than a line, such as the path of a file, passes the 80 columns.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace bru {

inline constexpr std::size_t kTextColumns = 80;

/// Paragraphs of a text: parted by empty lines; all other white space counts as one blank.
std::vector<std::string> paragraphs(const std::string& text);

/// One paragraph in lines that each start with `indent` blanks. A word that has no room behind them has a line of its
/// own, which starts with fewer blanks.
std::string wrapped(const std::string& text, std::size_t indent = 0);

/// All paragraphs of a text, an empty line between them.
std::string wrapped_paragraphs(const std::string& text);

/// `start`, and behind it the text in lines from `column` on. The text starts below a `start` that is too long.
std::string hanging(const std::string& start, const std::string& text, std::size_t column);
/// The same for words that stay whole, whatever blanks they contain.
std::string hanging(const std::string& start, const std::vector<std::string>& words, std::size_t column);

/// "  NAME      help in lines", the help from one column on.
std::string table_row(const std::string& name, const std::string& help);

/// "  COMMAND WORDS", in lines that a shell joins: each but the last ends with a backslash.
std::string command_lines(const std::string& command);

/// A title and its texts with commas between them, "sweep: 50 %, 12 s left": as many of them as `columns` has room for.
std::string fitting_line(const std::string& title, const std::vector<std::string>& texts, std::size_t columns);

} // namespace bru
