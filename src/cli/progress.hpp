// Progress of long work: one line on a terminal that rewrites itself, nothing in a pipe. It is also where a
// long run notices Ctrl-C.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "run/specification.hpp"

namespace bru::cli {

/// What a line of progress shows.
struct ProgressState {
    std::string what;
    std::string unit; ///< what is counted, in the plural
    std::uint64_t done = 0;
    std::uint64_t total = 0; ///< 0: unknown
    double rate = 0;         ///< per second
};

/// One line of at most so many columns: what does not fit is left out, the least important first.
std::string progress_line(const ProgressState& state, std::size_t columns);

class Progress {
public:
    /// `total` 0: unknown, so that no time left can be told. `unit`: what is counted, in the plural.
    Progress(std::string what, std::uint64_t total, std::string unit = "steps");
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// One step done. Throws Interrupted after Ctrl-C.
    void advance() { reached(done_ + 1); }
    /// So many steps done, for work that counts by itself; fewer than before where another phase has begun.
    void reached(std::uint64_t done);
    void expect(std::uint64_t total) { total_ = total; }
    void rename(const std::string& what) { what_ = what; }

private:
    using Clock = std::chrono::steady_clock;
    void show();

    std::string what_;
    std::uint64_t total_ = 0;
    std::string unit_;
    std::optional<std::uint64_t> first_; ///< done when the first of them was told: work of an earlier time
    std::uint64_t done_ = 0;
    std::uint64_t next_look_ = 0; ///< at the clock, which costs more than a step
    Clock::time_point start_ = Clock::now();
    Clock::time_point last_shown_ = start_;
    bool on_terminal_ = false;
    bool shown_ = false;
};

/// Shows under the name `what` how far an execution over the trace has come: to be called with every step. The line is
/// gone when the last copy of the function is.
std::function<void(const Step&)> step_progress(const std::string& what, const TraceSpecification& trace);

} // namespace bru::cli
