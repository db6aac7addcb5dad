#include "cosim/port_comparison.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <systemc>

#include "accelerator/accelerator.hpp"
#include "base/enumeration.hpp"
#include "base/error.hpp"
#include "base/integers.hpp"
#include "cosim/model_pins.hpp"
#include "cosim/port_host.hpp"
#include "cosim/port_script.hpp"
#include "machine/core_shape.hpp"
#include "platform/kernel_scope.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

namespace {

constexpr Cycle kPowerUpCycles = 8; ///< of reset, before the first cycle of the case

void forget_before(PortRun& run, Cycle cycle) {
    const auto earlier = [cycle](const PortEvent& event) { return event.cycle < cycle; };
    run.events.erase(std::remove_if(run.events.begin(), run.events.end(), earlier), run.events.end());
}

std::string too_long(Cycle cycles) { return fmt::format("the case did not end within {} cycles", cycles); }

/// The SystemC core and its outside as one process, which works in the middle of every cycle.
class ModelBench : public sc_core::sc_module {
public:
    SC_HAS_PROCESS(ModelBench);
    ModelBench(const sc_core::sc_module_name& name, const Shape& shape, PortHost& host, const CounterPreset& preset,
               SignalTrace* inside, Cycle most_cycles)
        : sc_module(name), host_(host), preset_(preset), most_cycles_(most_cycles),
          core_(make_systemc_core("bru_core", CoreShape(shape), run_clock())), pins_("pins", *core_) {
        if (inside != nullptr) core_->record_signals(*inside);
        SC_METHOD(cycle);
    }

    Core& core() { return *core_; }

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

/// What a signal is from a cycle on; empty: zero, or a bus that means nothing.
struct Change {
    Cycle cycle = 0;
    std::vector<std::uint64_t> words;
};

/// The changes of a signal before `end`, the same however the ranges were recorded.
std::vector<Change> changes_of(const SignalTrace& trace, Signal signal, std::size_t words, Cycle end) {
    std::vector<Change> changes;
    const auto add = [&](Cycle cycle, std::vector<std::uint64_t> value) {
        if (cycle >= end) return;
        if (std::all_of(value.begin(), value.end(), [](std::uint64_t word) { return word == 0; })) value.clear();
        if (!changes.empty() && changes.back().cycle == cycle) changes.pop_back();
        if (changes.empty() ? value.empty() : changes.back().words == value) return;
        changes.push_back({cycle, std::move(value)});
    };
    for (const SignalTrace::Range& range : trace.ranges(signal)) {
        add(range.from, {trace.words(range), trace.words(range) + words});
        add(range.to, {});
    }
    return changes;
}

/// The first cycle in which a signal inside the core differs.
void compare_inside(std::vector<std::string>& lines, const SignalTrace& systemc, const SignalTrace& rtl,
                    const CoreShape& shape, Cycle end) {
    const auto table = signal_table(shape);
    for (std::size_t index = index_of(Signal::running); index < table.size(); ++index) {
        const std::size_t words = divide_up(narrow<std::size_t>(table[index].bits), std::size_t{64});
        const auto a = changes_of(systemc, static_cast<Signal>(index), words, end);
        const auto b = changes_of(rtl, static_cast<Signal>(index), words, end);
        const auto [in_a, in_b] =
            std::mismatch(a.begin(), a.end(), b.begin(), b.end(),
                          [](const auto& x, const auto& y) { return x.cycle == y.cycle && x.words == y.words; });
        if (in_a == a.end() && in_b == b.end()) continue;
        const Cycle cycle = std::min(in_a == a.end() ? end : in_a->cycle, in_b == b.end() ? end : in_b->cycle);
        const auto value_of = [](const auto& at, const auto& all) {
            if (at == all.end() || at->words.empty()) return std::string("0");
            std::string digits;
            for (const std::uint64_t word : at->words) digits = fmt::format("{:016x}", word) + digits;
            return "0x" + digits;
        };
        lines.push_back(fmt::format("signal {}.{} differs from cycle {} on: SystemC {}, RTL {}", table[index].block,
                                    table[index].name, cycle, value_of(in_a, a), value_of(in_b, b)));
    }
}

} // namespace

const RtlShape& shape_of_case(const CosimCase& c, const std::vector<RtlShape>& shapes) {
    const auto found =
        std::find_if(shapes.begin(), shapes.end(), [&](const RtlShape& shape) { return shape.name == c.shape; });
    if (found == shapes.end()) throw InputError(fmt::format("shape '{}' is not built", c.shape.substr(0, 80)));
    return *found;
}

PortCase::PortCase(const CosimCase& cosim_case, const std::vector<RtlShape>& shapes)
    : case_(cosim_case), shape_(shape_of_case(cosim_case, shapes)),
      script_(std::make_unique<const PortScript>(make_port_script(cosim_case, shapes))) {}

PortCase::~PortCase() = default;

std::optional<SignalTrace> PortCase::make_trace() const {
    if (!case_.port->inside) return std::nullopt;
    return SignalTrace(0, std::numeric_limits<Cycle>::max());
}

PortRun PortCase::run_model(Cycle most_cycles) const {
    PortRun run;
    PortHost host(*script_, *case_.port, case_.seed);
    try {
        const KernelScope kernel;
        sc_core::sc_report_handler::set_actions("/bru/control_registers",
                                                sc_core::SC_DO_NOTHING); // the status tells it
        run.inside = make_trace();
        ModelBench bench("bench", shape_.shape, host, script_->preset, run.inside ? &*run.inside : nullptr,
                         most_cycles);
        sc_core::sc_start();
        run.cycles = current_cycle();
        if (run.inside) bench.core().finish_signals(run.cycles);
        run.events = bench.monitor().events();
    } catch (const std::exception& error) { // a core with a fault may end anywhere
        run.failure = error.what();
    }
    if (run.failure.empty() && !host.finished()) run.failure = too_long(most_cycles);
    forget_before(run, host.compared_from());
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
    run.inside = make_trace();
    Cycle now = 0;
    for (; !host.finished() && now < most_cycles; ++now) {
        static_cast<CoreInputs&>(pins) = host.drive();
        if (host.presets()) pins.preset_counters(script_->preset);
        pins.evaluate();
        monitor.observe(now, pins, pins);
        host.observe(pins);
        if (run.inside) pins.sample(*run.inside, now, narrow<int>(shape_.shape.activation_bits));
        pins.edge();
    }
    run.cycles = now;
    run.events = monitor.events();
    if (!host.finished()) run.failure = too_long(most_cycles);
    forget_before(run, host.compared_from());
    return run;
}

namespace {

/// Where a register is read: which one.
std::string register_read(const std::vector<PortEvent>& events, std::vector<PortEvent>::const_iterator at) {
    if (at == events.end() || at->kind != PortEventKind::read_data) return "";
    const auto is_address = [](const PortEvent& event) { return event.kind == PortEventKind::read_address; };
    const auto address = std::find_if(std::make_reverse_iterator(at), events.rend(), is_address);
    return address == events.rend() ? "" : fmt::format(" of register {:#x}", address->value);
}

} // namespace

Differences PortCase::compare(const PortRun& systemc, const PortRun& rtl) const {
    Differences differences;
    const auto [a, b] =
        std::mismatch(systemc.events.begin(), systemc.events.end(), rtl.events.begin(), rtl.events.end());
    const bool in_a = a != systemc.events.end();
    const bool in_b = b != rtl.events.end();
    if (in_a || in_b) {
        const bool values = in_a && in_b && a->kind == b->kind && a->cycle == b->cycle && is_value(a->kind);
        (values ? differences.values : differences.cycles)
            .push_back(fmt::format("event {}{}: SystemC {}, RTL {}", a - systemc.events.begin(),
                                   register_read(systemc.events, a), in_a ? describe(*a) : "has none",
                                   in_b ? describe(*b) : "has none"));
    }
    if (systemc.inside && rtl.inside && !differences.any())
        compare_inside(differences.values, *systemc.inside, *rtl.inside, CoreShape(shape_.shape),
                       std::min(systemc.cycles, rtl.cycles));
    if (!systemc.failure.empty()) differences.cycles.push_back("SystemC: " + systemc.failure);
    if (!rtl.failure.empty()) differences.cycles.push_back("RTL: " + rtl.failure);
    return differences;
}

} // namespace bru
