// Text in lines of at most 80 columns, broken between words.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace bru {

inline constexpr std::size_t kTextColumns = 80;

/// Paragraphs of a text: parted by empty lines; all other white space counts as one blank.
std::vector<std::string> paragraphs(const std::string& text);

/// One paragraph in lines that each start with `indent` blanks. A word that is too long has a line of its own.
std::string wrapped(const std::string& text, std::size_t indent = 0);

/// All paragraphs of a text, an empty line between them.
std::string wrapped_paragraphs(const std::string& text);

/// "  NAME      help in lines", the help from one column on; it starts below a name that is too long.
std::string table_row(const std::string& name, const std::string& help);

} // namespace bru
