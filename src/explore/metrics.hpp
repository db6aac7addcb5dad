// What a sweep knows of a point, and what objectives and constraints can name. Database columns, CSV, JSON, the report
// and docs/sweeps.md derive from metrics().
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "run/capacity.hpp"
#include "run/run.hpp"

namespace bru {

enum class Better { low, high, none };

/// What the machine's number formats make of a model's predictions over a trace, beside the float network's.
struct PredictionQuality {
    double machine_accuracy = 0; ///< 0..1
    double float_accuracy = 0;
    std::optional<double> machine_nats; ///< mean cross-entropy of the label
    std::optional<double> float_nats;
};

/// Everything that was found out about a point.
struct PointFacts {
    const Configuration& configuration;
    const RunOutcome& run; ///< with figures
    const std::optional<PredictionQuality>& quality;
    const std::optional<Capacity>& capacity;

    const SimulationResult& result() const { return run.simulation; }
    const ResourceEstimate& resources() const { return run.estimate->resources; }
    const PowerEstimate& power() const { return *run.estimate->power; }
    double cycles_per_step() const { return run.figures->steady.cycles_per_step(); }
    double us_per_step() const { return configuration.us(cycles_per_step()); }
    double chip_us_per_step() const { return configuration.us(run.figures->steady.chip_cycles_per_step()); }
};

struct Metric {
    std::string key;
    std::string title; ///< for axes and tables
    std::string unit;  ///< "" for plain numbers
    Better better = Better::none;
    bool is_flag = false;           ///< 0 or 1: a constraint by itself
    bool needs_predictions = false; ///< only where the sweep runs values, too
    bool needs_demand = false;      ///< only where the sweep says what streams ask for
    std::string help;
    std::function<double(const PointFacts&)> value; ///< NaN where it is not known
};

const std::vector<Metric>& metrics();
/// Place in metrics(). Throws InputError with the nearest key.
std::size_t metric_index(const std::string& key);
const char* better_name(Better better); ///< low, high, none

/// One value per metric, in their order; NaN where it is not known.
using MetricValues = std::vector<double>;

MetricValues metric_values(const PointFacts& facts);

/// "fits", "latency_us < 5": true of a point or not.
class Constraint {
public:
    /// Throws InputError: unknown metric, no comparison, no number.
    static Constraint parse(const std::string& text);

    bool holds(const MetricValues& values) const { return violation(values) == 0; }
    /// How far a point is from holding, relative to the bound; 0 where it holds. An unknown value is infinitely far.
    double violation(const MetricValues& values) const;
    const std::string& text() const { return text_; }
    std::size_t metric() const { return metric_; }
    double bound() const { return bound_; } ///< the number that the metric is compared with; 1 for a flag

private:
    enum class Comparison { less, less_or_equal, greater, greater_or_equal, equal };
    bool compare(double value) const;

    std::string text_;
    std::size_t metric_ = 0;
    Comparison comparison_ = Comparison::equal;
    double bound_ = 1;
};

} // namespace bru
