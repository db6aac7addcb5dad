#include "train/progress.hpp"

#include <cstdio>
#include <unistd.h>

#include <fmt/format.h>

namespace bru::train {
namespace {

constexpr double kSecondsBetween = 0.5;
constexpr double kSecondsBetweenLines = 10; ///< in a pipe

std::string time_text(double seconds) {
    if (seconds < 0.5) return "0 s";
    if (seconds < 90) return fmt::format("{:.0f} s", seconds);
    if (seconds < 5400) return fmt::format("{:.0f} min", seconds / 60);
    return fmt::format("{:.1f} h", seconds / 3600);
}

std::string score_text(const Score& score) {
    return score.count > 0 ? fmt::format("{:.4f} nats, {:.1f} % right", score.nats, 100 * score.accuracy) : "none yet";
}

} // namespace

std::string progress_text(const Training& training) {
    const Score last = training.curve().empty() ? Score{} : training.curve().back().validation;
    return fmt::format("{}: {:.0f} %, step {}, loss {:.4f}, validation {}, {} left",
                       training.binary() ? "binarized" : "full precision", 100 * std::min(1.0, training.progress()),
                       training.steps_done(), training.training_nats(), score_text(last),
                       time_text(training.seconds_left()));
}

Progress::Progress() : last_(std::chrono::steady_clock::now()), on_terminal_(isatty(STDERR_FILENO) == 1) {}
Progress::~Progress() { clear(); }

void Progress::clear() {
    if (shown_) std::fputs("\r\033[K", stderr);
    shown_ = false;
}

void Progress::show(const Training& training) {
    const auto now = std::chrono::steady_clock::now();
    const double since = std::chrono::duration<double>(now - last_).count();
    if (on_terminal_) {
        if (since < kSecondsBetween) return;
        std::fputs(("\r\033[K" + progress_text(training)).c_str(), stderr);
        std::fflush(stderr);
        shown_ = true;
    } else {
        const bool news =
            training.curve().size() != rows_told_ && (since >= kSecondsBetweenLines || training.finished());
        if (!news) return;
        rows_told_ = training.curve().size();
        std::fputs((progress_text(training) + "\n").c_str(), stderr);
    }
    last_ = now;
}

void Progress::say(const std::string& line) {
    clear();
    std::fputs((line + "\n").c_str(), stderr);
}

} // namespace bru::train
