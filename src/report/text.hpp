// Small pieces of terminal text: grouped numbers, colour that is only there on a terminal.
#pragma once

#include <cstdint>
#include <string>

namespace bru {

/// "3 of 1,000 (0.30 %) WHAT"
std::string share_text(std::uint64_t count, std::uint64_t total, const std::string& what);

/// 1234567 -> "1,234,567"
std::string grouped(std::uint64_t value);

/// Four significant digits, "0.9417", "12.35", "1,234".
std::string short_number(double value);

enum class Colour { none, good, bad, faint, strong };

/// The text in a colour, or as it is.
std::string coloured(const std::string& text, Colour colour, bool use_colour);

/// True where standard output is a terminal that wants colour (NO_COLOR and TERM=dumb are respected).
bool terminal_wants_colour();

/// A line of a report: its name in a column of its own.
std::string report_line(const std::string& name, const std::string& text);

} // namespace bru
