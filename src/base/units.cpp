#include "base/units.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/numbers.hpp"
#include "base/text_list.hpp"

namespace bru {
namespace {

struct Unit {
    std::string_view name; ///< in small letters
    std::string_view base;
    double factor = 1;
};

constexpr Unit kUnits[] = {
    {"ps", "s", 1e-12},       {"ns", "s", 1e-9},    {"us", "s", 1e-6},    {"\xc2\xb5s", "s", 1e-6},
    {"\xce\xbcs", "s", 1e-6}, {"ms", "s", 1e-3},    {"s", "s", 1},        {"sec", "s", 1},
    {"hz", "hz", 1},          {"khz", "hz", 1e3},   {"mhz", "hz", 1e6},   {"ghz", "hz", 1e9},
    {"b/s", "b/s", 1},        {"kb/s", "b/s", 1e3}, {"mb/s", "b/s", 1e6}, {"gb/s", "b/s", 1e9},
};

std::string small_letters(std::string_view text) {
    std::string small(text);
    std::transform(small.begin(), small.end(), small.begin(), [](unsigned char c) { return std::tolower(c); });
    return small;
}

const Unit* find_unit(const std::string& name) {
    const auto* found =
        std::find_if(std::begin(kUnits), std::end(kUnits), [&](const Unit& u) { return u.name == name; });
    return found == std::end(kUnits) ? nullptr : found;
}

/// Thousands, or 1,024: who writes it alone knows which.
bool is_factor(const std::string& letters) {
    static const std::string kFactors[] = {"k", "m", "g", "ki", "mi", "gi"};
    return std::find(std::begin(kFactors), std::end(kFactors), letters) != std::end(kFactors);
}

bool is_same(const std::string& a, const std::string& b) { return a == b || a + "s" == b || a == b + "s"; }

} // namespace

std::string unit_remark(std::string_view text, std::string_view unit) {
    const std::string number = number_before_unit(text);
    if (number.empty()) return "";
    const std::string given = small_letters(trimmed(std::string(text.substr(text.find_first_not_of("0123456789.+-")))));
    const std::string wanted = small_letters(unit);
    const Unit* from = find_unit(given);
    const Unit* to = find_unit(wanted);
    if (from != nullptr && to != nullptr && from->base == to->base) {
        const double value = parse_real(number).value_or(0) * from->factor / to->factor;
        return fmt::format("; give the number alone, {}: its unit is {}",
                           from == to ? number : fmt::format("{:.12g}", value), unit);
    }
    if (is_factor(given)) return "; give all digits of the number, and no letter behind them";
    if (unit.empty()) return "; give the number alone";
    if (is_same(given, wanted)) return fmt::format("; give the number alone, {}: its unit is {}", number, unit);
    return fmt::format("; give the number alone, in {}", unit);
}

} // namespace bru
