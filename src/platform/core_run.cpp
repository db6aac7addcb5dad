#include "platform/core_run.hpp"

#include <utility>

#include <systemc>

#include "accelerator/axi_dma.hpp"
#include "base/integers.hpp"
#include "machine/core_shape.hpp"
#include "platform/host_software.hpp"

namespace bru {

/// Records the rising edges of the core's interrupt.
class CoreRun::InterruptObserver : public sc_core::sc_module {
public:
    SC_HAS_PROCESS(InterruptObserver);
    InterruptObserver(const sc_core::sc_module_name& name, const CoreSystem& system, PortRecord& record)
        : sc_module(name), clock_(system.clock()), record_(record) {
        SC_METHOD(observe);
        sensitive << system.core_interrupt().posedge_event();
        dont_initialize();
    }

private:
    void observe() { record_.interrupt_cycles.push_back(clock_.current_cycle()); }

    CycleClock clock_;
    PortRecord& record_;
};

CoreRun::CoreRun(const SimulatedMachine& machine, std::size_t number, StepSource& steps, OutputSink sink)
    : machine_(machine), observers_(machine.options.observers_of(number)), sink_(std::move(sink)),
      encoder_(machine.configuration.shape, *machine.network.network, machine.image),
      outputs_(machine.image, narrow<int>(machine.configuration.shape.activation_bits), machine.deadline, sink_),
      task_{
          machine.configuration, machine.image, *machine.network.network, machine.options, steps, encoder_, outputs_} {
    task_.record = observers_.record;
    task_.core = number;
}

CoreRun::~CoreRun() = default;

HostProgram CoreRun::program() {
    return [this](const bru_port& port, const bru_addresses& addresses) {
        software_ = std::make_unique<HostSoftware>(task_, port, addresses);
        software_->run();
    };
}

void CoreRun::observe(CoreSystem& system, StartLine* start_line) {
    system_ = &system;
    task_.start_line = start_line;
    task_.last_access = [&system] { return system.accelerator.last_core_access(); };
    task_.on_start = [this](Cycle) { started_ = true; };
    system.accelerator.observe_inputs(
        [this](const Cycle* cycles, std::size_t count) { observe_inputs(cycles, count); });
    Accelerator::TransferObserver at_core;
    if (observers_.record != nullptr)
        at_core = [this](const Cycle* cycles, std::size_t count) {
            std::vector<std::uint64_t>& all = observers_.record->output_cycles;
            all.insert(all.end(), cycles, cycles + count);
        };
    system.accelerator.observe_outputs(
        at_core, [this](const Cycle* cycles, std::size_t count) { observe_outputs(cycles, count); });
    if (observers_.record != nullptr)
        interrupts_ = std::make_unique<InterruptObserver>(sc_core::sc_gen_unique_name("interrupt_observer"), system,
                                                          *observers_.record);
    if (observers_.signals != nullptr) system.accelerator.core().record_signals(*observers_.signals);
    if (observers_.timeline != nullptr)
        timeline_.emplace(*observers_.timeline, system, CoreShape(machine_.configuration.shape), machine_.network);
    if (observers_.vectors != nullptr) {
        system.accelerator.core().observe_vectors(*observers_.vectors);
        outputs_.record_times(*observers_.vectors);
    }
}

/// Which beat of a step comes in.
void CoreRun::observe_inputs(const Cycle* cycles, std::size_t count) {
    if (observers_.record != nullptr)
        observers_.record->input_cycles.insert(observers_.record->input_cycles.end(), cycles, cycles + count);
    if (!started_ || machine_.options.timed_arrivals) return;
    for (std::size_t beat = 0; beat < count; ++beat) {
        if (input_beats_ == 0) outputs_.step_arrived(cycles[beat]);
        if (++input_beats_ == machine_.image.beats_per_input_step) input_beats_ = 0;
    }
}

/// Which beat of an output vector leaves. output_beats_: of the vector under way, before the first of these.
void CoreRun::observe_outputs(const Cycle* cycles, std::size_t count) {
    const std::size_t vector_beats = machine_.image.beats_per_output_vector;
    std::size_t last_of_vector = vector_beats - 1 - output_beats_;
    for (; last_of_vector < count; last_of_vector += vector_beats) outputs_.vector_left(cycles[last_of_vector]);
    output_beats_ = count + vector_beats - 1 - last_of_vector;
}

void CoreRun::end_observation() {
    Core& core = system_->accelerator.core();
    if (observers_.signals != nullptr) {
        const Cycle end = system_->clock().current_cycle();
        core.finish_signals(end);
        observers_.signals->ends_at(end);
    }
    if (timeline_) timeline_->finish(task_.count_end);
    saturated_ = core.saturated_values();
    if (observers_.record != nullptr) observers_.record->counters = task_.counters;
}

void CoreRun::drop_observers() {
    timeline_.reset();
    interrupts_.reset();
}

} // namespace bru
