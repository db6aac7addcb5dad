// Numbers out of text and into text, the same way wherever the program reads or writes them.
#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace bru {

/// The whole of `text` as a decimal integer from `low` to `high`, or nullopt. Blanks and a plus sign are not
/// part of a number. The caller writes the message, since it knows the place and what is allowed.
template <class Integer = std::int64_t>
std::optional<Integer> parse_integer(std::string_view text, Integer low = std::numeric_limits<Integer>::min(),
                                     Integer high = std::numeric_limits<Integer>::max()) {
    Integer value{};
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end || value < low || value > high) return std::nullopt;
    return value;
}

/// For messages: "a whole number from 1 to 64", or "a whole number, 1 or more" where there is no limit.
std::string whole_number_text(std::int64_t low, std::int64_t high);

/// The whole of `text` as a finite number from `low` to `high`, or nullopt.
std::optional<double> parse_real(std::string_view text, double low = std::numeric_limits<double>::lowest(),
                                 double high = std::numeric_limits<double>::max());

/// The whole of `text` as 64 bits in hexadecimal digits without a prefix, or nullopt.
std::optional<std::uint64_t> parse_hexadecimal(std::string_view text);

/// Whether `text` is a number at all: nan and inf included.
bool is_number(std::string_view text);

/// The number in front of a unit ("200 MHz"); "" where the text is something else.
std::string number_before_unit(std::string_view text);

/// Of a text that is not the number that was expected: "; give one number without commas", and so on.
/// "" where the text has nothing of the kind.
std::string number_remark(std::string_view text);

/// The same where a whole number was expected: "; write it in decimal, 64" of "0x40", "; write 1000" of "1e3".
std::string whole_number_remark(std::string_view text);

/// Shortest text that reads back as the same number.
void append_real(std::string& text, double value);
void append_integer(std::string& text, std::int64_t value);

} // namespace bru
