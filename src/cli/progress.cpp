// Shown at most five times per second and only after the first second: short work stays quiet.
#include "cli/progress.hpp"

#include <algorithm>
#include <fstream>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "base/integers.hpp"
#include "base/interrupt.hpp"
#include "base/piped_input.hpp"
#include "base/terminal.hpp"
#include "base/text_layout.hpp"

namespace bru::cli {

namespace {

constexpr std::uint64_t kStepsBetweenLooks = 64;
constexpr std::size_t kBarWidth = 24;
constexpr double kSecondsBeforeFirst = 1.0;
constexpr double kSecondsBetween = 0.2;

double seconds_between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
}

std::string time_left(double seconds) {
    if (seconds < 90) return fmt::format("{:.0f} s left", seconds);
    if (seconds < 5400) return fmt::format("{:.0f} min left", seconds / 60);
    return fmt::format("{:.1f} h left", seconds / 3600);
}

/// Steps of a trace; 0 where nobody watches (standard error is no terminal).
std::uint64_t step_count(const TraceSpecification& trace) {
    if (!terminal_rewrites_lines()) return 0;
    std::ifstream file(reopenable(trace.path), std::ios::binary);
    std::vector<char> buffer(1U << 20U);
    std::uint64_t lines = 0;
    std::string header;
    while (std::getline(file, header) && header != "begin") {
    }
    while (file.read(buffer.data(), buffer.size()) || file.gcount() > 0)
        lines += std::count(buffer.data(), buffer.data() + file.gcount(), '\n');
    const std::uint64_t steps = lines - std::min<std::uint64_t>(lines, 1); // the last line is the trace's end
    return trace.most_steps ? std::min(steps, *trace.most_steps) : steps;
}

} // namespace

std::string progress_line(const ProgressState& state, std::size_t columns) {
    const std::string rate = fmt::format("{:.0f} per second", state.rate);
    if (state.total == 0 || state.done > state.total)
        return fitting_line(state.what, {fmt::format("{} {}", state.done, state.unit), rate}, columns);
    const double share = ratio(state.done, state.total);
    std::vector<std::string> texts = {fmt::format("{:.0f} %", 100 * share)};
    if (state.rate > 0) texts.push_back(time_left(real(state.total - state.done) / state.rate));
    texts.push_back(fmt::format("{} of {} {}", state.done, state.total, state.unit));
    texts.push_back(rate);
    const std::string line = fitting_line(state.what, texts, columns);
    const auto filled = static_cast<std::size_t>(share * kBarWidth);
    const std::string bar = fmt::format("[{}{}] ", std::string(filled, '#'), std::string(kBarWidth - filled, '.'));
    return bar.size() + line.size() <= columns ? bar + line : line;
}

Progress::Progress(std::string what, std::uint64_t total, std::string unit)
    : what_(std::move(what)), total_(total), unit_(std::move(unit)), on_terminal_(terminal_rewrites_lines()) {}

Progress::~Progress() {
    if (shown_) rewrite_line("");
}

void Progress::reached(std::uint64_t done) {
    if (interrupted()) throw Interrupted();
    if (done < done_) next_look_ = 0;
    if (!first_) first_ = done > 0 ? done - 1 : 0;
    done_ = done;
    if (!on_terminal_ || done_ < next_look_) return;
    next_look_ = done_ + kStepsBetweenLooks;
    const auto now = Clock::now();
    if (seconds_between(start_, now) < kSecondsBeforeFirst || seconds_between(last_shown_, now) < kSecondsBetween)
        return;
    last_shown_ = now;
    show();
}

void Progress::show() {
    const double seconds = seconds_between(start_, Clock::now());
    const double rate = real(done_ - std::min(done_, first_.value_or(0))) / seconds;
    const std::string line = progress_line({what_, unit_, done_, total_, rate}, terminal_columns() - 1);
    rewrite_line(line);
    shown_ = true;
}

std::function<void(const Step&)> step_progress(const std::string& what, const TraceSpecification& trace) {
    const auto progress = std::make_shared<Progress>(what, step_count(trace));
    return [progress](const Step&) { progress->advance(); };
}

} // namespace bru::cli
