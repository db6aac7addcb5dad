#include "explore/value_list.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>
#include <unordered_set>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/ini_value.hpp"
#include "base/integers.hpp"
#include "base/numbers.hpp"
#include "base/pattern.hpp"

namespace bru {

namespace {

constexpr std::size_t kMostValues = 100'000; ///< of one key; those that are named twice count twice
constexpr double kRoundOff = 1e-9;           ///< 0.1 added ten times still reaches 1

/// Of a text that the pattern of a range has let through.
double number_in(const std::string& text) { return parse_real(text).value_or(0); }

/// As a person writes it: 12.5, 64.
std::string as_text(double number) {
    const double rounded = std::round(number * 1e6) / 1e6;
    return rounded == std::floor(rounded) && std::fabs(rounded) < 1e15 ? fmt::format("{:.0f}", rounded)
                                                                       : fmt::format("{}", rounded);
}

std::optional<std::vector<std::string>> parse_range(const std::string& item, const std::string& whole) {
    const std::string pattern =
        R"(^(-?[0-9]+(?:\.[0-9]+)?)\s*\.\.\s*(-?[0-9]+(?:\.[0-9]+)?)(?:\s+step\s+(\*?)\s*([0-9]+(?:\.[0-9]+)?))?$)";
    const auto groups = match_groups(item, pattern); // first, last, "*" or nothing, step
    if (!groups) return std::nullopt;
    const double first = number_in((*groups)[1]);
    const double last = number_in((*groups)[2]);
    const bool multiply = !(*groups)[3].empty();
    const double step = (*groups)[4].empty() ? 1 : number_in((*groups)[4]);
    if (last < first || step <= 0 || (multiply && (step <= 1 || first <= 0)))
        throw InputError(fmt::format("'{}' in '{}' is no range; allowed is FIRST..LAST with FIRST <= LAST, and step N "
                                     "with N > 0 or step *F with F > 1 and FIRST > 0",
                                     item, whole.substr(0, 80)));
    std::vector<std::string> values;
    for (double value = first; value <= last + kRoundOff * std::max(1.0, std::fabs(last));) {
        values.push_back(as_text(value));
        if (values.size() > kMostValues)
            throw InputError(fmt::format("'{}' has more than {} values; use a larger step", item, kMostValues));
        const double next = multiply ? value * step : first + real(values.size()) * step;
        if (next <= value) break; // below the resolution of numbers
        value = next;
    }
    return values;
}

/// "32-64", "32..", "32:64:8", "[32" and "32 64": what other programs take for several values.
bool is_range_of_another_kind(const std::string& item) {
    constexpr std::size_t kLongestRange = 60; // a longer text is no slip
    const std::size_t begin = item.find_first_not_of("[({ ");
    return item.size() <= kLongestRange && begin != std::string::npos &&
           std::isdigit(static_cast<unsigned char>(item[begin])) != 0 &&
           item.find_first_not_of("0123456789.:- [](){}") == std::string::npos && !is_number(item);
}

} // namespace

std::vector<std::string> parse_value_list(const std::string& text) {
    std::vector<std::string> values;
    std::unordered_set<std::string> seen;
    for (const std::string& value : expand_value_list(text))
        if (seen.insert(value).second) values.push_back(value);
    return values;
}

std::vector<std::string> expand_value_list(const std::string& text) {
    std::vector<std::string> values;
    const auto add = [&](const std::vector<std::string>& more) {
        if (values.size() + more.size() > kMostValues)
            throw InputError(fmt::format("more than {} values for one key; use a larger step", kMostValues));
        values.insert(values.end(), more.begin(), more.end());
    };
    for (const auto& [item, was_quoted] : ini_items(text)) {
        if (was_quoted) { // means itself
            add({item});
            continue;
        }
        if (item.empty())
            throw InputError(fmt::format("'{}': a value is missing; allowed are values and ranges with commas between, "
                                         "as in 32, 64, 96..256 step 32 or 4..64 step *2",
                                         text.substr(0, 80)));
        if (item.find(" step ") != std::string::npos && item.find("..") == std::string::npos)
            throw InputError(fmt::format("'{}': a step needs a range, as in 4..32 step 4", item.substr(0, 80)));
        const auto range = parse_range(item, text);
        if (!range && is_range_of_another_kind(item))
            throw InputError(fmt::format("'{}' is no number and no range; several values are written 32, 64, a range "
                                         "4..32 step 4, and a name of that kind in double quotes",
                                         item.substr(0, 80)));
        add(range ? *range : std::vector<std::string>{item});
    }
    return values;
}

} // namespace bru
