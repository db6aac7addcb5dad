// Terminal text; no locale is involved, so a report looks the same everywhere.
#include "report/text.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/integers.hpp"
#include "base/text_layout.hpp"

namespace bru {

std::string grouped(std::uint64_t value) {
    std::string text = std::to_string(value);
    for (auto place = signed_size(text) - 3; place > 0; place -= 3) text.insert(place, ",");
    return text;
}

std::string short_number(double value) {
    if (!std::isfinite(value)) return "-";
    const double magnitude = std::fabs(value);
    if (magnitude >= 9999.5) return (value < 0 ? "-" : "") + grouped(std::llround(magnitude));
    if (magnitude == 0) return "0";
    const int before_point = static_cast<int>(std::floor(std::log10(magnitude))) + 1;
    const int decimals = std::max(0, std::min(6, 4 - before_point));
    return fmt::format("{:.{}f}", value, decimals);
}

std::string coloured(const std::string& text, Colour colour, bool use_colour) {
    if (!use_colour || colour == Colour::none) return text;
    const char* const code = colour == Colour::good    ? "32"
                             : colour == Colour::bad   ? "31"
                             : colour == Colour::faint ? "2"
                                                       : "1";
    return fmt::format("\033[{}m{}\033[0m", code, text);
}

std::string share_text(std::uint64_t count, std::uint64_t total, const std::string& what) {
    const double percent = total == 0 ? 0 : 100 * real(count) / real(total);
    return fmt::format("{} of {} ({:.2f} %) {}", grouped(count), grouped(total), percent, what);
}

std::string fixed_number(double value, std::size_t columns, int decimals) {
    std::string text = fmt::format("{:.{}f}", value, decimals);
    while (text.size() > columns && decimals > 0) text = fmt::format("{:.{}f}", value, --decimals);
    return text;
}

std::string report_line(const std::string& name, const std::string& text) { return hanging(name, text, kReportColumn); }

std::string detail_line(const std::string& name, const std::string& text) {
    return hanging("  " + name, text, kReportColumn);
}

} // namespace bru
