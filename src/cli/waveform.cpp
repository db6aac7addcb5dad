#include "cli/waveform.hpp"

#include <optional>

#include <fmt/format.h>

#include "base/error.hpp"
#include "cli/shared_options.hpp"
#include "cli/window.hpp"
#include "machine/core_shape.hpp"
#include "report/vcd_file.hpp"

namespace bru::cli {

namespace {

constexpr Cycle kLongestWindow = 500000; ///< some 500 bytes of memory a cycle

} // namespace

Waveform::Waveform(const Arguments& arguments) : path_(arguments.text_or("vcd", "")) {
    const std::optional<Window> window = window_from(arguments);
    if (path_.empty()) return;
    if (!window)
        throw InputError(
            "--vcd needs --window FROM:TO, in cycles from the start of the simulation; the network is loaded "
            "first, until the cycle that the report calls weight_load");
    if (window->to - window->from > kLongestWindow)
        throw InputError(fmt::format("--window {}:{}: {} cycles; --vcd shows at most {} at a time", window->from,
                                     window->to, window->to - window->from, kLongestWindow));
    trace_ = std::make_unique<SignalTrace>(window->from, window->to);
}

void Waveform::write(const Run& run) const {
    if (!trace_) return;
    if (run.configuration().platform.cores > 1) note("--vcd shows the signals of core 0");
    if (trace_->begin() == trace_->end())
        note(fmt::format("--window begins in cycle {}, when the run was over: {} is empty; give a window that begins "
                         "before the cycle that the report calls total",
                         trace_->begin(), path_));
    write_vcd(path_, *trace_, CoreShape(run.configuration().shape), run.configuration().clock_mhz);
}

} // namespace bru::cli
