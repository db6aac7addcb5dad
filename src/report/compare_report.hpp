// BRU beside float inference of the same networks on this host: as a table and as JSON. Nothing is measured here.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "config/configuration.hpp"
#include "model/network.hpp"
#include "run/float_measurement.hpp"

namespace bru {

inline constexpr const char* kCompareSchema = "bru-compare-1";

/// What T. Mealey and T. Taha (NAECON 2018) publish of BRU on a Z7020 at 200 MHz: "as much as", so the maxima.
inline constexpr double kPublishedOverCpu = 39;
inline constexpr double kPublishedOverGpu = 3.8;

/// A machine simulated with the network.
struct ComparedMachine {
    std::string config; ///< file, or "built-in"
    Configuration configuration;
    double cycles_per_step = 0; ///< steady state
    std::uint64_t steps = 0;
    std::string device;
    bool fits = false;
    double step_us() const { return configuration.us(cycles_per_step); }
};

struct ComparedNetwork {
    std::string name;
    std::string layers;  ///< network_line()
    int hidden_size = 0; ///< of the largest layer
    OutputMode mode;
    std::int64_t streams = 1; ///< of the machines, and the batch of the host
    std::vector<ComparedMachine> machines;
    FloatMeasurement cpu_one;
    FloatMeasurement cpu_all;
    FloatMeasurement gpu;
    FloatMeasurement onnx_one; ///< ONNX Runtime, over the same file
    FloatMeasurement onnx_all;
    FloatMeasurement onnx_batch; ///< with the batch that is best
};

struct CompareReport {
    HostDescription host;
    std::string inputs; ///< the trace, or what else
    int repeats = 0;
    std::vector<ComparedNetwork> networks;
    std::vector<std::pair<std::string, std::string>> manifest;
};

/// How many times as long as BRU it takes over a step; nullopt where it was not measured.
std::optional<double> ratio(const FloatMeasurement& measurement, const ComparedMachine& machine);

nlohmann::ordered_json compare_json(const CompareReport& report);
std::string compare_table(const CompareReport& report);

} // namespace bru
