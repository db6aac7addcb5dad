// Shown at most five times per second and only after the first second: short work stays quiet.
#include "cli/progress.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "base/interrupt.hpp"

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
    if (isatty(STDERR_FILENO) != 1) return 0;
    std::ifstream file(trace.path, std::ios::binary);
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

Progress::Progress(std::string what, std::uint64_t total, std::string unit)
    : what_(std::move(what)), total_(total), unit_(std::move(unit)), on_terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
    if (shown_) std::fputs("\r\033[K", stderr);
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
    const double rate = static_cast<double>(done_ - std::min(done_, first_.value_or(0))) / seconds;
    std::string line = fmt::format("\r\033[K{}: ", what_);
    if (total_ > 0 && done_ <= total_) {
        const double share = static_cast<double>(done_) / static_cast<double>(total_);
        const auto filled = static_cast<std::size_t>(share * kBarWidth);
        line += fmt::format("[{}{}] {:.0f} %, {} of {} {}, {:.0f} per second, {}", std::string(filled, '#'),
                            std::string(kBarWidth - filled, '.'), 100 * share, done_, total_, unit_, rate,
                            time_left(static_cast<double>(total_ - done_) / rate));
    } else {
        line += fmt::format("{} {}, {:.0f} per second", done_, unit_, rate);
    }
    std::fputs(line.c_str(), stderr);
    std::fflush(stderr);
    shown_ = true;
}

std::function<void(const Step&)> step_progress(const std::string& what, const TraceSpecification& trace) {
    const auto progress = std::make_shared<Progress>(what, step_count(trace));
    return [progress](const Step&) { progress->advance(); };
}

} // namespace bru::cli
