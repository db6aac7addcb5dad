// What a person sees of a training: one line that rewrites itself on a terminal; in a pipe one line per validation.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "train/training.hpp"

namespace bru::train {

class Progress {
public:
    Progress();
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// After every step.
    void show(const Training& training);
    /// A line that stays, on standard error.
    void say(const std::string& line);

private:
    void clear();

    std::chrono::steady_clock::time_point last_;
    std::size_t rows_told_ = 0;
    bool on_terminal_ = false;
    bool shown_ = false;
};

/// "full precision: 51 %, 2 min left, ...": what the line says, as far as `columns` have room for it.
std::string progress_text(const Training& training, std::size_t columns);

} // namespace bru::train
