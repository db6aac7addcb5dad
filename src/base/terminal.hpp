// What a terminal that shows the output can do. Elsewhere, in a file or a pipe, output is nothing but text.
#pragma once

#include <cstddef>
#include <string>

namespace bru {

/// Standard output is a terminal that wants colour: neither NO_COLOR nor TERM=dumb says otherwise.
bool terminal_wants_colour();

/// Standard error is a terminal that can rewrite a line; TERM=dumb would show the control codes as text.
bool terminal_rewrites_lines();

/// Columns of the terminal behind standard error; kTextColumns where it does not tell.
std::size_t terminal_columns();

/// Starts the last line of standard error anew with this text; "" clears the line. To be called only where
/// terminal_rewrites_lines().
void rewrite_line(const std::string& text);

/// A message on standard error, which starts with "PROGRAM: ". It is one line, so that a log has one line per message.
/// On a terminal it is broken between words. A message that cannot be written changes neither what the program does nor
/// its exit status.
void print_message(const std::string& text);

} // namespace bru
