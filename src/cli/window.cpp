#include "cli/window.hpp"

#include <charconv>

#include <fmt/format.h>

#include "base/error.hpp"

namespace bru::cli {

namespace {

std::optional<Cycle> parse_cycle(std::string_view text) {
    Cycle cycle = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cycle);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return cycle;
}

} // namespace

std::optional<Window> window_from(const Arguments& arguments) {
    const std::optional<std::string> given = arguments.text("window");
    if (!given) return std::nullopt;
    if (!arguments.has("vcd") && !arguments.has("timeline"))
        throw InputError("--window says which cycles --vcd FILE or --timeline FILE shows: give one of them with it");
    const std::string_view text = *given;
    const std::size_t colon = text.find(':');
    const auto from = parse_cycle(text.substr(0, colon));
    const auto to = colon == std::string_view::npos ? std::nullopt : parse_cycle(text.substr(colon + 1));
    if (!from || !to || *from >= *to)
        throw InputError(
            fmt::format("--window {}: allowed is FROM:TO, two cycles with FROM before TO, as in 60000:61000", text));
    return Window{*from, *to};
}

} // namespace bru::cli
