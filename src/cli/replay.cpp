// Source: trace -> first steps -> labels -> progress -> machine. Sink: machine -> golden file -> writers.
#include "cli/replay.hpp"

#include <algorithm>
#include <fstream>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "cli/progress.hpp"
#include "base/error.hpp"
#include "rtl_core/rtl_core.hpp"
#include "trace/step_sources.hpp"

namespace bru::cli {

namespace {

/// Shows every step to a function as it passes.
class StepTap : public StepSource {
public:
    StepTap(StepSource& steps, const std::function<void(const Step&)>& seen) : steps_(steps), seen_(seen) {}
    const Step* next() override {
        const Step* const step = steps_.next();
        if (step != nullptr && seen_) seen_(*step);
        return step;
    }

private:
    StepSource& steps_;
    const std::function<void(const Step&)>& seen_;
};

/// A digest tells that a step is wrong; the reference tells which unit.
std::string describe_mismatch(const Session& session, const std::string& trace_path, const GoldenComparison& golden) {
    const OutputMismatch& first = *golden.first;
    if (first.unit || golden.first_got.values.empty()) return first.reason;
    TraceReader trace(trace_path, session.network);
    const auto located = locate_mismatch(session.quantized, session.mode, trace, golden.first_got);
    return located
               ? located->reason
               : first.reason + " (the reference execution agrees with the machine: the golden file is out of date)";
}

} // namespace

std::uint64_t steps_for_progress(const std::string& trace_path, const std::optional<std::uint64_t>& limit) {
    if (isatty(STDERR_FILENO) != 1) return 0;
    std::ifstream file(trace_path, std::ios::binary);
    std::vector<char> buffer(1U << 20U);
    std::uint64_t lines = 0;
    std::string header;
    while (std::getline(file, header) && header != "begin") {
    }
    while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || file.gcount() > 0)
        lines += static_cast<std::uint64_t>(std::count(buffer.data(), buffer.data() + file.gcount(), '\n'));
    const std::uint64_t steps = lines - std::min<std::uint64_t>(lines, 1); // the last line is the trace's end
    return limit ? std::min(steps, *limit) : steps;
}

Replay replay(const Session& session, const std::string& trace_path, const ReplayOptions& options) {
    check_weights_fit(session.configuration, session.device, session.network.name);
    if (options.core == CoreKind::rtl) check_rtl_core(session.configuration.shape);
    TraceReader trace(trace_path, session.network);
    LimitedSteps first(trace, options.steps.value_or(~std::uint64_t{0}));
    StepTap tap(first, options.on_step);
    ProgressSource source(tap, options.progress, steps_for_progress(trace_path, options.steps));

    const std::string path = golden_path(trace_path);
    const GoldenKey key{session.network.fingerprint, session.quantized.formats, session.mode};
    const std::unique_ptr<GoldenChecker> checker = options.compare_golden ? GoldenChecker::open(path, key) : nullptr;

    Replay replay;
    replay.timed_arrivals = trace.header().timed;
    SimulationOptions simulation{session.mode, replay.timed_arrivals, options.deadline_us};
    simulation.core = options.core;
    simulation.signals = options.signals;
    simulation.timeline = options.timeline;
    const OutputSink sink = [&](const OutputVector& output) {
        if (checker) checker->check(output);
        if (options.on_output) options.on_output(output);
    };
    try {
        replay.result = simulate(session.configuration, session.quantized, simulation, source, sink);
    } catch (const InputError& error) { // what the machine finds wrong with a step does not know the file
        const std::string message = error.what();
        if (message.find(trace_path) != std::string::npos) throw;
        throw InputError(fmt::format("{}: {}", trace_path, message));
    }

    if (!options.compare_golden) return replay;
    if (!checker) {
        replay.golden_remark =
            fmt::format("no outputs for {} in {} (bru check --update writes them)", key.text(), path);
        return replay;
    }
    if (first.was_cut()) {
        replay.golden_remark = "--steps cut the trace, and golden outputs are those of the whole trace";
        return replay;
    }
    replay.golden = checker->finish();
    if (replay.golden->first) replay.golden_remark = describe_mismatch(session, trace_path, *replay.golden);
    return replay;
}

} // namespace bru::cli
