// One trace through one machine, held against the trace's golden file on the way. `run` and `check` share it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "cli/session.hpp"
#include "platform/simulation.hpp"
#include "trace/golden_file.hpp"
#include "trace/trace_file.hpp"

namespace bru::cli {

struct ReplayOptions {
    double deadline_us = 0;
    CoreKind core = CoreKind::systemc;
    std::optional<std::uint64_t> steps; ///< only the first so many
    bool compare_golden = true;
    std::function<void(const Step&)> on_step; ///< may be empty
    OutputSink on_output;                     ///< may be empty
    SignalTrace* signals = nullptr;           ///< for a waveform; may be nullptr
    Timeline* timeline = nullptr;             ///< may be nullptr
    std::string progress = "run";
};

struct Replay {
    SimulationResult result;
    bool timed_arrivals = false;
    std::optional<GoldenComparison> golden; ///< absent: no golden section for these outputs, or only part of a trace
    std::string golden_remark;              ///< first mismatch, or why there was nothing to compare with
};

/// Throws InputError on a bad trace, and where the weights alone exceed the device's block RAM.
Replay replay(const Session& session, const std::string& trace_path, const ReplayOptions& options);

/// Steps of a trace, for progress; 0 where nobody watches (standard error is no terminal).
std::uint64_t steps_for_progress(const std::string& trace_path, const std::optional<std::uint64_t>& limit);

} // namespace bru::cli
