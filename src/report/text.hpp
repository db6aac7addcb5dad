// Small pieces of the text of reports: numbers, lines with a name, colour that is only there on a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace bru {

/// "3 of 1,000 (0.30 %) WHAT"
std::string share_text(std::uint64_t count, std::uint64_t total, const std::string& what);

/// 1234567 -> "1,234,567"
std::string grouped(std::uint64_t value);

/// Four significant digits, "0.9417", "12.35", "1,234".
std::string short_number(double value);

/// The value with so many decimals, or with fewer where it would take more columns.
std::string fixed_number(double value, std::size_t columns, int decimals);

enum class Colour { none, good, bad, faint, strong };

/// The text in a colour, or as it is.
std::string coloured(const std::string& text, Colour colour, bool use_colour);

/// The column in which the texts of a report begin, behind the names.
inline constexpr std::size_t kReportColumn = 18;

/// "NAME              TEXT", a line of a report. A text that is too long goes on below itself.
std::string report_line(const std::string& name, const std::string& text);

/// The same for a line below a title: the name is indented.
std::string detail_line(const std::string& name, const std::string& text);

} // namespace bru
