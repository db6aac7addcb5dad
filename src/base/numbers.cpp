#include "base/numbers.hpp"

#include <cmath>

namespace bru {
namespace {

std::optional<double> parse_double(std::string_view text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
}

} // namespace

std::optional<double> parse_real(std::string_view text, double low, double high) {
    const std::optional<double> value = parse_double(text);
    if (!value || !std::isfinite(*value) || *value < low || *value > high) return std::nullopt;
    return value;
}

std::optional<std::uint64_t> parse_hexadecimal(std::string_view text) {
    constexpr int kHexadecimal = 16;
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, kHexadecimal);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
}

std::string whole_number_text(std::int64_t low, std::int64_t high) {
    const std::string from = std::to_string(low);
    return high == std::numeric_limits<std::int64_t>::max()
               ? "a whole number, " + from + " or more"
               : "a whole number from " + from + " to " + std::to_string(high);
}

bool is_number(std::string_view text) { return parse_double(text).has_value(); }

void append_real(std::string& text, double value) {
    char digits[32];
    text.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void append_integer(std::string& text, std::int64_t value) {
    char digits[24];
    text.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

} // namespace bru
