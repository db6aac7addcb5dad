// Evaluates points of a sweep: timing by a simulation without values, resources and power by the estimates, and
// predictions by a simulation with values once for each set of number formats. Models, traces and devices are read
// once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "device/calibration.hpp"
#include "device/device.hpp"
#include "explore/metrics.hpp"
#include "explore/sweep_plan.hpp"
#include "model/network.hpp"
#include "model/quantized_network.hpp"

namespace bru {

/// A row of the result.
struct Evaluation {
    std::int64_t number = 0;
    std::string key;   ///< 16 hex digits over everything that decides the row
    std::string error; ///< "" for a good point: the message that `bru run` would give
    MetricValues values;
    std::string configuration; ///< an INI file that `bru run --config` takes

    bool failed() const { return !error.empty(); }
};

class Evaluator {
public:
    /// The plan must outlive the evaluator.
    explicit Evaluator(const SweepPlan& plan);
    ~Evaluator();

    Evaluation evaluate(std::int64_t number, const PointSetup& point);

private:
    struct LoadedDevice;
    struct LoadedModel;
    struct LoadedTrace;
    void measure(const PointSetup& point, Evaluation& evaluation);
    const LoadedDevice& device(const Configuration& configuration);
    LoadedModel& model(const PointSetup& point);
    const LoadedTrace& trace(const PointSetup& point, const Network& network);
    const QuantizedNetwork& quantized(LoadedModel& model, const NumberFormats& formats);
    std::optional<PredictionQuality> quality(const PointSetup& point, LoadedModel& model);

    const SweepPlan& plan_;
    std::map<std::string, std::unique_ptr<LoadedDevice>> devices_;
    std::map<std::string, std::unique_ptr<LoadedModel>> models_;
    std::map<std::string, std::unique_ptr<LoadedTrace>> traces_;
    std::map<std::string, PredictionQuality> qualities_;
};

/// The point as an INI file; `directory` is left out of paths that begin with it.
std::string point_configuration(const PointSetup& point);

} // namespace bru
