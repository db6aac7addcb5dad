#include "train/progress.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "base/terminal.hpp"
#include "base/text_layout.hpp"

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

std::string progress_text(const Training& training, std::size_t columns) {
    const Score last = training.curve().empty() ? Score{} : training.curve().back().validation;
    return fitting_line(training.binary() ? "binarized" : "full precision",
                        {fmt::format("{:.0f} %", 100 * std::min(1.0, training.progress())),
                         time_text(training.seconds_left()) + " left",
                         fmt::format("loss {:.4f}", training.training_nats()), "validation " + score_text(last),
                         fmt::format("step {}", training.steps_done())},
                        columns);
}

Progress::Progress() : last_(std::chrono::steady_clock::now()), on_terminal_(terminal_rewrites_lines()) {}
Progress::~Progress() { clear(); }

void Progress::clear() {
    if (shown_) rewrite_line("");
    shown_ = false;
}

void Progress::show(const Training& training) {
    const auto now = std::chrono::steady_clock::now();
    const double since = std::chrono::duration<double>(now - last_).count();
    if (on_terminal_) {
        if (since < kSecondsBetween) return;
        rewrite_line(progress_text(training, terminal_columns() - 1));
        shown_ = true;
    } else {
        const bool news =
            training.curve().size() != rows_told_ && (since >= kSecondsBetweenLines || training.finished());
        if (!news) return;
        rows_told_ = training.curve().size();
        std::fputs((progress_text(training, kTextColumns) + "\n").c_str(), stderr);
    }
    last_ = now;
}

void Progress::say(const std::string& line) {
    clear();
    print_message(line);
}

} // namespace bru::train
