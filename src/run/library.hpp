// What runs read: devices, networks, quantized networks and the timing of traces. Each is read once and kept, so that
// thousands of runs over the same files read them once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "device/calibration.hpp"
#include "device/device.hpp"
#include "model/quantized_network.hpp"
#include "model/step.hpp"
#include "run/specification.hpp"

namespace bru {

struct LoadedDevice {
    Device device;
    Calibration calibration;
};

/// When the steps of a trace arrive and where its sequences begin and end. The steps have no values.
struct TraceTiming {
    bool timed = false;
    std::uint32_t streams = 1;
    std::vector<Step> steps;
};

/// The lengths of sequences that follow each other again and again; none: one sequence that never ends. Each stream
/// goes through the same sequences, and the streams take turns step by step.
struct SequencePattern {
    std::vector<std::uint64_t> lengths;
    std::uint64_t streams = 1;

    std::uint64_t steps() const;     ///< of one repetition, of all streams; one per stream where sequences do not end
    std::uint64_t sequences() const; ///< that end in one repetition, of all streams
    std::uint64_t longest() const;
};

class Library {
public:
    using Note = std::function<void(const std::string& message)>;

    /// `note` gets warnings about what is read, each of them once; it may be empty.
    explicit Library(Note note = {}) : note_(std::move(note)) {}
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    // All of them throw InputError where a file is missing or wrong. What they return does not change and may be kept
    // after the library is gone.

    /// Also notes where the configuration's clock is above the one that the device is expected to reach.
    std::shared_ptr<const LoadedDevice> device(const Configuration& configuration);
    std::shared_ptr<const Network> network(const ModelSpecification& model);
    std::shared_ptr<const QuantizedNetwork> quantized(const std::shared_ptr<const Network>& network,
                                                      const NumberFormats& formats);
    /// The whole sequences at the beginning of the trace, however many of its steps are run.
    SequencePattern pattern(const TraceSpecification& trace, const Network& network);
    std::shared_ptr<const TraceTiming> timing(const TraceSpecification& trace, const Network& network);

private:
    /// A quantized network refers to its network, so both are kept together.
    struct Quantized {
        std::shared_ptr<const Network> network;
        QuantizedNetwork quantized;
    };
    void note(const std::string& message);

    Note note_;
    std::set<std::string> noted_;
    std::map<std::string, std::shared_ptr<const LoadedDevice>> devices_; ///< by name and folder of the configuration
    std::map<std::string, std::shared_ptr<const Network>> networks_;     ///< by path and import options
    std::map<std::tuple<const Network*, int, int, int>, std::shared_ptr<const Quantized>> quantized_; ///< and formats
    std::map<std::string, std::shared_ptr<const TraceTiming>> timings_; ///< by path, length and network
    std::map<std::string, SequencePattern> patterns_;                   ///< by path and network
};

/// How many steps of the trace are used at most.
std::uint64_t step_limit(const TraceSpecification& trace);

} // namespace bru
