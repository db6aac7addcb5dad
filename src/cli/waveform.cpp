#include "cli/waveform.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "model/error.hpp"
#include "report/vcd_file.hpp"

namespace bru::cli {

namespace {

constexpr Cycle kLongestWindow = 500000; ///< some 500 bytes of memory a cycle

std::optional<Cycle> parse_cycle(std::string_view text) {
    Cycle cycle = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cycle);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return cycle;
}

} // namespace

Waveform::Waveform(const Arguments& arguments) : path_(arguments.text_or("vcd", "")) {
    const std::optional<std::string> window = arguments.text("window");
    if (path_.empty()) {
        if (window) throw InputError("--window says which cycles --vcd FILE shows: give both");
        return;
    }
    if (!window)
        throw InputError(
            "--vcd needs --window FROM:TO, in cycles from the start of the simulation; the network is loaded "
            "first, until the cycle that the report calls weight_load");
    const std::string_view text = *window;
    const std::size_t colon = text.find(':');
    const auto from = parse_cycle(text.substr(0, colon));
    const auto to = colon == std::string_view::npos ? std::nullopt : parse_cycle(text.substr(colon + 1));
    if (!from || !to || *from >= *to)
        throw InputError(
            fmt::format("--window {}: allowed is FROM:TO, two cycles with FROM before TO, as in 60000:61000", text));
    if (*to - *from > kLongestWindow)
        throw InputError(
            fmt::format("--window {}: {} cycles; allowed are at most {} at a time", text, *to - *from, kLongestWindow));
    trace_ = std::make_unique<SignalTrace>(*from, *to);
}

void Waveform::write(const Session& session) const {
    if (!trace_) return;
    if (trace_->begin() == trace_->end())
        note(fmt::format("--window begins in cycle {}, when the run was over: {} is empty", trace_->begin(), path_));
    write_vcd(path_, *trace_, CoreShape(session.configuration.shape), session.configuration.clock_mhz);
}

} // namespace bru::cli
