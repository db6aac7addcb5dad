// How a value stands in an INI file. A value that has a '#', a comma, a blank and a ';', a quote in front, blanks at
// its ends or line ends in it stands in double quotes; there, a backslash begins an escape sequence: \" \\ \n \r \t
// \xHH.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace bru {

/// The text as the readers below give it back: as it is, or in quotes where it needs them. Not for texts with a byte 0.
std::string ini_value(const std::string& text);

/// One item of a list.
struct IniItem {
    std::string text;
    bool was_quoted = false; ///< then it means itself: no range, no list
};

/// The items between commas, without the blanks around them; commas in quotes part nothing. A quote counts only in
/// front of an item. Throws InputError for a quote without its end, an unknown escape and text behind a quote.
std::vector<IniItem> ini_items(const std::string& written);

/// The value of a key that takes one: what stands in the quotes, or the text as it is, commas included.
std::string ini_text(const std::string& written);

/// Where the comment of a line begins: its first '#' outside of quotes, or its end. `value_begin`: behind the '='.
std::size_t comment_begin(const std::string& line, std::size_t value_begin);

/// Whether a blank and a ';' stand in the value outside of quotes: what other INI files take for a comment.
bool has_semicolon_comment(const std::string& written);

} // namespace bru
