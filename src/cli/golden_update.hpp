// Golden sections as machines to run: which configuration and output mode each stands for, and rewriting them.
#pragma once

#include <string>
#include <vector>

#include "cli/replay.hpp"
#include "cli/session.hpp"
#include "trace/golden_file.hpp"

namespace bru::cli {

/// One section with outputs: the configuration with its number formats, and its output mode.
struct GoldenTarget {
    Configuration configuration;
    OutputMode mode;

    std::string name() const; ///< "A8 N10 S16 logits every"
};

/// The sections of a golden file for this network; sections of other weights are left out. With --output or
/// --output-steps among the arguments only those that agree.
std::vector<GoldenTarget> golden_targets(const std::string& golden, const Network& network, const Arguments& arguments);

/// What of a run goes into a golden file: the total and every class.
GoldenCycles cycles_of(const Session& session, const Replay& replayed);

/// Writes the outputs of the reference execution and the machine's cycles for every section that the file has or, where
/// it has none or the arguments name an output mode or a number format, for that one; prints what changed.
void update_golden(const std::string& trace_path, const std::string& model_path, const Arguments& arguments);

} // namespace bru::cli
