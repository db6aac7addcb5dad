// What one core does in a simulation: the task that drives it with its share of the steps, the observers at its ports,
// and what they found out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "modules/core.hpp"
#include "platform/bru_system.hpp"
#include "platform/host_task.hpp"
#include "platform/output_assembler.hpp"
#include "platform/simulation.hpp"
#include "platform/step_encoder.hpp"
#include "platform/timeline_recorder.hpp"

namespace bru {

class HostSoftware;

/// What is the same for all cores.
struct SimulatedMachine {
    const Configuration& configuration; ///< resolved
    const QuantizedNetwork& network;
    const NetworkImage& image;
    const SimulationOptions& options;
    std::optional<Cycle> deadline;
};

class CoreRun {
public:
    /// `sink` is called with the outputs of this core.
    CoreRun(const SimulatedMachine& machine, std::size_t number, StepSource& steps, OutputSink sink);
    CoreRun(const CoreRun&) = delete;
    CoreRun& operator=(const CoreRun&) = delete;
    ~CoreRun();

    /// Also keeps the latencies of each of so many streams.
    void record_streams(std::size_t streams) { outputs_.record_streams(streams); }
    /// The trace has none for this core.
    void has_no_steps() { task_.has_steps = false; }

    HostProgram program();
    /// Before the simulation starts. `start_line`: where it starts with others, or nullptr.
    void observe(CoreSystem& system, StartLine* start_line);
    /// After it, while the system is still there.
    void end_observation();
    /// While the kernel is still there: modules that observe must not outlive it, however the simulation ends.
    void drop_observers();

    const HostTask& task() const { return task_; }
    const OutputAssembler& outputs() const { return outputs_; }
    std::uint64_t saturated_inputs() const { return encoder_.saturated_inputs(); }
    const std::optional<SaturatedValues>& saturated_values() const { return saturated_; }

private:
    class InterruptObserver;

    void observe_inputs(const Cycle* cycles, std::size_t count);
    void observe_outputs(const Cycle* cycles, std::size_t count);

    const SimulatedMachine& machine_;
    const CoreObservers observers_;
    OutputSink sink_;
    StepEncoder encoder_;
    OutputAssembler outputs_;
    HostTask task_;
    /// Not on the stack of its thread, which SystemC does not unwind where a run stops in its middle.
    std::unique_ptr<HostSoftware> software_;
    bool started_ = false;
    int input_beats_ = 0;          ///< of the step that comes in
    std::size_t output_beats_ = 0; ///< of the vector that leaves
    CoreSystem* system_ = nullptr;
    std::unique_ptr<InterruptObserver> interrupts_;
    std::optional<TimelineRecorder> timeline_;
    std::optional<SaturatedValues> saturated_;
};

} // namespace bru
