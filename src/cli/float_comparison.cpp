// The float network walks over the trace alone, or in step with the machine where they are to be compared value by
// value.
#include "cli/float_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>

#include <fmt/format.h>

#include "cli/progress.hpp"
#include "cli/replay.hpp"
#include "base/error.hpp"
#include "reference/float_execution.hpp"
#include "trace/output_writer.hpp"
#include "trace/step_sources.hpp"
#include "trace/trace_file.hpp"

namespace bru::cli {

namespace {

/// Takes both executions' outputs in their order and keeps the first value that parts.
class Divergence {
public:
    Divergence(const Session& session, double bound) : session_(session), bound_(bound) {}

    void add(const FloatOutputVector& output) { waiting_.push_back(output); }

    void compare(const OutputVector& output) {
        const FloatOutputVector expected = std::move(waiting_.front());
        waiting_.pop_front();
        for (std::size_t unit = 0; unit < output.values.size(); ++unit) {
            const double fixed =
                output_value(output.values[unit], session_.mode.kind, session_.quantized.formats.activation_bits);
            const double difference = std::fabs(fixed - expected.values[unit]);
            largest_ = std::max(largest_, difference);
            if (difference <= bound_ || !first_.empty()) continue;
            first_ = fmt::format("first above {} in sequence {}, step {}, {} {}: machine {:.6f}, float {:.6f}", bound_,
                                 output.sequence, output.step,
                                 session_.mode.kind == OutputKind::hidden ? "unit" : "logit unit", unit, fixed,
                                 expected.values[unit]);
        }
    }

    std::string text() const {
        return fmt::format("{}; largest difference {:.6f}",
                           first_.empty() ? fmt::format("nowhere above {}", bound_) : first_, largest_);
    }

private:
    const Session& session_;
    double bound_;
    double largest_ = 0;
    std::deque<FloatOutputVector> waiting_; ///< as many as the machine's outputs lag behind its inputs
    std::string first_;
};

} // namespace

FloatComparison compare_with_float(const Session& session, const std::string& trace_path,
                                   std::optional<std::uint64_t> steps, std::optional<double> bound) {
    // The float network always gives logits where there are any, so that nats are known for argmax too.
    const OutputMode mode{session.mode.kind == OutputKind::hidden ? OutputKind::hidden : OutputKind::logits,
                          session.mode.steps};
    FloatExecution execution(session.network, mode);
    std::optional<PredictionScorer> scorer;
    if (mode.kind == OutputKind::logits) scorer.emplace(mode);
    std::optional<Divergence> divergence;
    if (bound) divergence.emplace(session, *bound);
    const auto feed = [&](const Step& step) {
        if (scorer) scorer->expect(step);
        execution.step(step, [&](const FloatOutputVector& output) {
            if (scorer) scorer->score(output);
            if (divergence) divergence->add(output);
        });
    };

    if (divergence) {
        ReplayOptions options;
        options.compare_golden = false;
        options.steps = steps;
        options.progress = "float beside machine";
        options.on_step = feed;
        options.on_output = [&divergence](const OutputVector& output) { divergence->compare(output); };
        replay(session, trace_path, options);
    } else {
        TraceReader trace(trace_path, session.network);
        LimitedSteps first(trace, steps.value_or(~std::uint64_t{0}));
        ProgressSource source(first, "float", steps_for_progress(trace_path, steps));
        while (const Step* const step = source.next()) feed(*step);
    }
    return {scorer ? scorer->result() : PredictionScore{}, divergence ? divergence->text() : ""};
}

std::vector<PredictionMeasure> prediction_measures(const PredictionScore& machine, const PredictionScore& floating) {
    std::vector<PredictionMeasure> measures;
    const auto add = [&](const char* name, const char* unit, const std::optional<double>& of_machine,
                         const std::optional<double>& of_float, double factor) {
        if (of_machine && of_float)
            measures.push_back({name, unit, factor * *of_machine, factor * *of_float, machine.scored});
    };
    if (machine.labels_every_step) {
        add("nats_per_character", "nats", machine.nats, floating.nats, 1);
        add("bits_per_character", "bits", machine.bits(), floating.bits(), 1);
    } else {
        add("nats_per_label", "nats", machine.nats, floating.nats, 1);
    }
    add("accuracy_percent", "%", machine.accuracy(), floating.accuracy(), 100);
    return measures;
}

} // namespace bru::cli
