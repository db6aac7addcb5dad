// Text of others - names in files, names of files, pieces of input - fit for a message, a table or a terminal.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace bru {

inline constexpr std::size_t kNameCharacters = 60; ///< of a name within a message

/// The text in one line, of at most `most_characters` and "..." where it has more. Characters that a terminal obeys,
/// that end lines or turn the direction of writing, and bytes that are not UTF-8 stand as escape sequences: \n, \x1b.
std::string printable(std::string_view text, std::size_t most_characters = std::numeric_limits<std::size_t>::max());

/// A name of a file's content, shortened for a message.
inline std::string shown_name(std::string_view name) { return printable(name, kNameCharacters); }

/// Columns that a terminal takes for the text: wide characters take two, combining marks and codes of colours none.
std::size_t columns_of(std::string_view text);

/// Whether all of it is UTF-8.
bool is_utf8(std::string_view text);

} // namespace bru
