// The recipe of a run, said once: load device and network, quantize, resolve the shape, read the trace, simulate,
// compare with the golden file, estimate resources and power. `bru run`, `check`, `sweep` and `compare`, bru-cosim and
// bru-bench all run the machine through it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device/power_estimate.hpp"
#include "device/resource_estimate.hpp"
#include "platform/simulation.hpp"
#include "run/library.hpp"
#include "run/machine_figures.hpp"
#include "run/specification.hpp"
#include "trace/golden_file.hpp"

namespace bru {

/// Who looks at a run while it goes on. Every member may be empty.
struct RunObservers {
    std::function<void(const Step&)> on_step; ///< before the machine gets the step; may throw to end the run
    OutputSink on_output;
    // Of the only core, or of core 0.
    SignalTrace* signals = nullptr;
    Timeline* timeline = nullptr;
    PortRecord* ports = nullptr;
    VectorTimes* vectors = nullptr;
    std::vector<CoreObservers> other_cores = {}; ///< SimulationOptions::other_cores
};

/// What the device makes of the machine and, where figures were asked for, of its work in steady state.
struct DeviceEstimate {
    ResourceEstimate resources;
    std::optional<PowerEstimate> power;
    double loading_uj = 0; ///< once, before the first step
};

struct RunOutcome {
    SimulationResult simulation;
    bool timed_arrivals = false;
    std::optional<GoldenComparison> golden; ///< absent: not asked for, or there was nothing to compare with
    std::string golden_remark;              ///< first mismatch, or why there was nothing to compare with
    std::optional<MachineFigures> figures;  ///< where the specification asks for them
    std::optional<DeviceEstimate> estimate; ///< where the specification asks for the device
};

/// A specification with everything that it names loaded and made to fit together. It can be executed again and again.
class Run {
public:
    /// Throws InputError where anything that the specification names is wrong. Whether the weights fit the device is
    /// asked by execute(), so that a machine that is too large can be looked at. The library must outlive the run.
    Run(Library& library, RunSpecification specification);

    /// Over the trace or the random steps of the specification. Throws InputError on a bad trace and where the weights
    /// alone exceed the block RAM of the device.
    RunOutcome execute(const RunObservers& observers = {}) const;

    /// Over steps of the caller. Nothing is compared with a golden file.
    RunOutcome execute(StepSource& steps, bool timed_arrivals, const RunObservers& observers = {}) const;

    /// The sequences of its steady state: those of the trace, or those of random steps.
    SequencePattern pattern() const;
    Library& library() const { return *library_; }
    const RunSpecification& specification() const { return specification_; }
    const Configuration& configuration() const { return configuration_; } ///< every depth resolved
    const Network& network() const { return *network_; }
    const QuantizedNetwork& quantized() const { return *quantized_; }
    OutputMode mode() const { return mode_; }
    GoldenKey golden_key() const { return {network_->fingerprint, quantized_->formats, mode_}; }
    /// Where the specification asks for the device.
    const Device& device() const { return device_->device; }
    const Calibration& calibration() const { return device_->calibration; }

private:
    void check_machine() const;
    void check_streams(std::uint32_t streams) const;
    RunOutcome execute_random(const RunObservers& observers) const;
    RunOutcome execute_timing(const RunObservers& observers) const;
    void add_figures(RunOutcome& outcome) const;
    /// How steps come to the machine.
    struct Feed {
        bool timed_arrivals = false;
        bool deals_sequences = false; ///< SimulationOptions::deals_sequences
    };
    RunOutcome run_over(StepSource& steps, const Feed& feed, const RunObservers& observers) const;
    void compare_golden(RunOutcome& outcome, GoldenChecker* checker, bool was_cut) const;
    std::string describe_mismatch(const GoldenComparison& golden) const;

    Library* library_;
    RunSpecification specification_;
    Configuration configuration_;
    std::shared_ptr<const LoadedDevice> device_;
    std::shared_ptr<const Network> network_;
    OutputMode mode_;
    std::shared_ptr<const QuantizedNetwork> quantized_;
};

/// The text over which golden cycles are keyed: everything that decides them, in lines.
std::string cycles_manifest(const Run& run, bool timed_arrivals);

/// What of a run goes into a golden file: the total and every class.
GoldenCycles golden_cycles(const Run& run, const RunOutcome& outcome);

} // namespace bru
