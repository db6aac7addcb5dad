#include "cli/window.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/numbers.hpp"

namespace bru::cli {

std::optional<Window> window_from(const Arguments& arguments) {
    const std::optional<std::string> given = arguments.text("window");
    if (!given) return std::nullopt;
    if (!arguments.has("vcd") && !arguments.has("timeline"))
        throw InputError("--window says which cycles --vcd FILE or --timeline FILE shows: give one of them with it");
    const std::string_view text = *given;
    const std::size_t colon = text.find(':');
    const auto from = parse_integer<Cycle>(text.substr(0, colon));
    const auto to = colon == std::string_view::npos ? std::nullopt : parse_integer<Cycle>(text.substr(colon + 1));
    if (!from || !to || *from >= *to)
        throw InputError(
            fmt::format("--window {}: allowed is FROM:TO, two cycles with FROM before TO, as in 60000:61000", text));
    return Window{*from, *to};
}

} // namespace bru::cli
