#include "base/numbers.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/lookalikes.hpp"
#include "base/text_list.hpp"

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

std::string number_before_unit(std::string_view text) {
    const std::size_t letters = text.find_first_not_of("0123456789.+-");
    if (letters == std::string_view::npos) return "";
    const std::string number = trimmed(std::string(text.substr(0, letters)));
    const std::string unit = trimmed(std::string(text.substr(letters)));
    const auto in_units = [](unsigned char c) { return std::isalpha(c) != 0 || c == '/' || c == '%' || c >= 0x80; };
    const auto is_ascii = [](unsigned char c) { return c < 0x80; }; // a lone no-break space is no unit
    const bool is_unit =
        std::all_of(unit.begin(), unit.end(), in_units) && std::any_of(unit.begin(), unit.end(), is_ascii);
    return is_number(number) && is_unit ? number : "";
}

std::string number_remark(std::string_view text) {
    if (const std::string lookalike = lookalike_remark(text); !lookalike.empty()) return lookalike;
    const bool begins_as_number = !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0;
    if (begins_as_number && text.find(',') != std::string_view::npos)
        return "; give one number without commas, with a point in front of decimals";
    if (begins_as_number && text.find_first_of("_'") != std::string_view::npos)
        return "; give the digits without anything between them";
    const bool has_other = std::any_of(text.begin(), text.end(), [](unsigned char c) { return c >= 0x80; });
    return has_other ? "; it has characters beyond ASCII: type the value anew" : "";
}

std::string whole_number_remark(std::string_view text) {
    constexpr double kExact = 0x1p53;
    if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        if (const auto number = parse_hexadecimal(text.substr(2)))
            return "; write it in decimal, " + std::to_string(*number);
    const std::optional<double> number = parse_real(text, -kExact, kExact);
    const bool is_written_otherwise = text.find_first_of(".eE") != std::string_view::npos;
    if (number && is_written_otherwise && *number == std::floor(*number))
        return "; write " + std::to_string(static_cast<std::int64_t>(*number));
    return number_remark(text);
}

void append_real(std::string& text, double value) {
    char digits[32];
    text.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void append_integer(std::string& text, std::int64_t value) {
    char digits[24];
    text.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

} // namespace bru
