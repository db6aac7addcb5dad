#include "base/command_line/arguments.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/numbers.hpp"
#include "base/units.hpp"

namespace bru {

namespace {

[[noreturn]] void refuse_number(const std::string& name, const std::string& text, const std::string& allowed,
                                const std::string& remark) {
    const std::string shown = text.size() <= 80 ? text : text.substr(0, 80) + "...";
    const bool is_time = name.size() > 3 && name.compare(name.size() - 3, 3, "-us") == 0;
    const std::string unit = is_number(text) ? "" : unit_remark(text, is_time ? "us" : "");
    throw InputError(
        fmt::format("--{} {}: not allowed; allowed is {}{}", name, shown, allowed, unit.empty() ? remark : unit));
}

} // namespace

std::optional<std::string> Arguments::text(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return found->second.back();
}

std::string Arguments::text_or(const std::string& name, const std::string& otherwise) const {
    return text(name).value_or(otherwise);
}

std::vector<std::string> Arguments::all(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::vector<std::string>{} : found->second;
}

std::string Arguments::required(const std::string& name) const {
    if (const std::optional<std::string> given = text(name)) return *given;
    const auto description = descriptions_.find(name);
    throw InputError(
        fmt::format("--{} is required{}", name, description == descriptions_.end() ? "" : "; " + description->second));
}

std::optional<std::int64_t> Arguments::integer(const std::string& name, std::int64_t low, std::int64_t high) const {
    const std::optional<std::string> given = text(name);
    if (!given) return std::nullopt;
    const auto number = parse_integer<std::int64_t>(*given, low, high);
    if (!number) refuse_number(name, *given, whole_number_text(low, high), whole_number_remark(*given));
    return number;
}

std::optional<double> Arguments::real(const std::string& name, double low, double high) const {
    const std::optional<std::string> given = text(name);
    if (!given) return std::nullopt;
    const auto number = parse_real(*given, low, high);
    if (!number) refuse_number(name, *given, fmt::format("a number from {} to {}", low, high), number_remark(*given));
    return number;
}

} // namespace bru
