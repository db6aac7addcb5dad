#include "cosim/port_comparison.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <systemc>

#include "accelerator/accelerator.hpp"
#include "base/error.hpp"
#include "cosim/model_pins.hpp"
#include "cosim/port_host.hpp"
#include "cosim/port_script.hpp"
#include "machine/core_shape.hpp"
#include "platform/kernel_scope.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

namespace {

constexpr Cycle kPowerUpCycles = 8; ///< of reset, before the first cycle of the case

const RtlShape& shape_of(const CosimCase& c, const std::vector<RtlShape>& shapes) {
    const auto found =
        std::find_if(shapes.begin(), shapes.end(), [&](const RtlShape& shape) { return shape.name == c.shape; });
    if (found == shapes.end()) throw InputError(fmt::format("shape '{}' is not built", c.shape.substr(0, 80)));
    return *found;
}

std::string too_long(Cycle cycles) { return fmt::format("the case did not end within {} cycles", cycles); }

/// The SystemC core and its outside as one process, which works in the middle of every cycle.
class ModelBench : public sc_core::sc_module {
public:
    SC_HAS_PROCESS(ModelBench);
    ModelBench(const sc_core::sc_module_name& name, const Shape& shape, PortHost& host, const CounterPreset& preset,
               Cycle most_cycles)
        : sc_module(name), host_(host), preset_(preset), most_cycles_(most_cycles),
          core_(make_systemc_core("bru_core", CoreShape(shape), run_clock())), pins_("pins", *core_) {
        SC_METHOD(cycle);
    }

    const PortMonitor& monitor() const { return monitor_; }

private:
    void cycle() {
        const std::uint64_t ticks = run_clock().ticks_per_cycle();
        if (sc_core::sc_time_stamp().value() % ticks != ticks / 2) { // once, at the start
            next_trigger(sc_core::sc_time::from_value(ticks / 2));
            return;
        }
        const Cycle now = current_cycle();
        const CoreInputs& inputs = host_.drive();
        if (host_.presets()) pins_.preset_counters(preset_);
        const CoreOutputs outputs = pins_.cycle(inputs);
        monitor_.observe(now, inputs, outputs);
        host_.observe(outputs);
        if (host_.finished() || now >= most_cycles_)
            sc_core::sc_stop();
        else
            next_trigger(sc_core::sc_time::from_value(ticks));
    }

    PortHost& host_;
    const CounterPreset& preset_;
    Cycle most_cycles_;
    std::shared_ptr<Core> core_;
    ModelPins pins_;
    PortMonitor monitor_;
};

} // namespace

PortCase::PortCase(const CosimCase& cosim_case, const std::vector<RtlShape>& shapes)
    : case_(cosim_case), shape_(shape_of(cosim_case, shapes)),
      script_(std::make_unique<const PortScript>(make_port_script(cosim_case, shapes))) {}

PortCase::~PortCase() = default;

PortRun PortCase::run_model(Cycle most_cycles) const {
    PortRun run;
    PortHost host(*script_, *case_.port, case_.seed);
    try {
        const KernelScope kernel;
        ModelBench bench("bench", shape_.shape, host, script_->preset, most_cycles);
        sc_core::sc_start();
        run.cycles = current_cycle();
        run.events = bench.monitor().events();
    } catch (const std::exception& error) { // a core with a fault may end anywhere
        run.failure = error.what();
    }
    if (run.failure.empty() && !host.finished()) run.failure = too_long(most_cycles);
    return run;
}

PortRun PortCase::run_pins(CorePins& pins, Cycle most_cycles) const {
    PortRun run;
    PortHost host(*script_, *case_.port, case_.seed);
    PortMonitor monitor;
    for (Cycle k = 0; k < kPowerUpCycles; ++k) {
        pins.evaluate();
        pins.edge();
    }
    Cycle now = 0;
    for (; !host.finished() && now < most_cycles; ++now) {
        static_cast<CoreInputs&>(pins) = host.drive();
        if (host.presets()) pins.preset_counters(script_->preset);
        pins.evaluate();
        monitor.observe(now, pins, pins);
        host.observe(pins);
        pins.edge();
    }
    run.cycles = now;
    run.events = monitor.events();
    if (!host.finished()) run.failure = too_long(most_cycles);
    return run;
}

Differences compare_ports(const PortRun& systemc, const PortRun& rtl) {
    Differences differences;
    const auto [a, b] =
        std::mismatch(systemc.events.begin(), systemc.events.end(), rtl.events.begin(), rtl.events.end());
    const bool in_a = a != systemc.events.end();
    const bool in_b = b != rtl.events.end();
    if (in_a || in_b) {
        const bool values = in_a && in_b && a->kind == b->kind && a->cycle == b->cycle && is_value(a->kind);
        (values ? differences.values : differences.cycles)
            .push_back(fmt::format("event {}: SystemC {}, RTL {}", a - systemc.events.begin(),
                                   in_a ? describe(*a) : "has none", in_b ? describe(*b) : "has none"));
    }
    if (!systemc.failure.empty()) differences.cycles.push_back("SystemC: " + systemc.failure);
    if (!rtl.failure.empty()) differences.cycles.push_back("RTL: " + rtl.failure);
    return differences;
}

} // namespace bru
