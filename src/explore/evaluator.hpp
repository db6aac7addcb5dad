// Evaluates points of a sweep: timing by a simulation without values, resources and power by the estimates, and
// predictions by a simulation with values once for each set of number formats. Models, traces and devices are read
// once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "explore/metrics.hpp"
#include "explore/sweep_plan.hpp"
#include "reference/predictions.hpp"
#include "run/library.hpp"
#include "run/run.hpp"

namespace bru {

/// A row of the result.
struct Evaluation {
    std::int64_t number = 0;
    std::string key;   ///< 16 hex digits over everything that decides the row
    std::string error; ///< "" for a good point: the message that `bru run` would give
    /// "" where the point could be evaluated. What says nothing about the point, such as a file that cannot be read
    /// now, is no row of the table.
    std::string failure;
    MetricValues values;
    std::string configuration; ///< an INI file that `bru run --config` takes

    bool failed() const { return !error.empty(); }
};

class Evaluator {
public:
    /// The plan must outlive the evaluator.
    explicit Evaluator(const SweepPlan& plan) : plan_(plan) {}

    Evaluation evaluate(std::int64_t number, const PointSetup& point);

private:
    MetricValues measure(const PointSetup& point);
    std::optional<PredictionQuality> quality(const Run& run);
    const PredictionScore& float_score(const Run& run, const TraceSpecification& trace);

    const SweepPlan& plan_;
    Library library_;
    std::map<std::string, PredictionQuality> qualities_;  ///< by what decides them
    std::map<std::string, PredictionScore> float_scores_; ///< likewise
};

/// The point as an INI file; `directory` is left out of paths that begin with it.
std::string point_configuration(const PointSetup& point);

} // namespace bru
