#include "platform/timeline_recorder.hpp"

#include "accelerator/axi_dma.hpp"
#include "base/error.hpp"
#include "machine/core_shape.hpp"
#include "modules/core.hpp"
#include "platform/network_placement.hpp"

namespace bru {

namespace {

std::vector<TimelineVector> named_vectors(const QuantizedNetwork& network) {
    const auto planes = [](const QuantizedRows& rows, std::size_t part) {
        return static_cast<std::uint32_t>(part < rows.parts.size() ? rows.parts[part].planes() : 0);
    };
    std::vector<TimelineVector> vectors;
    for (const std::string& name : vector_names(network)) vectors.push_back({name, {0, 0}});
    std::size_t vector = 0;
    for (const QuantizedLayer& layer : network.layers)
        for (const QuantizedDirection& direction : layer.directions)
            vectors[vector++].planes = {planes(direction.rows, 0), planes(direction.rows, 1)};
    if (network.dense) vectors[vector].planes = {planes(*network.dense, 0), 0};
    return vectors;
}

} // namespace

InterruptRecorder::InterruptRecorder(const sc_core::sc_module_name& name, const CycleClock& clock, Timeline& timeline,
                                     TimelineTrack track)
    : sc_module(name), line("line"), clock_(clock), timeline_(timeline) {
    event_.track = track;
    event_.kind = TimelineKind::interrupt;
    SC_METHOD(observe);
    sensitive << line;
    dont_initialize();
}

void InterruptRecorder::observe() {
    finish(clock_.current_cycle());
    high_ = line.read();
    event_.begin = clock_.current_cycle();
}

void InterruptRecorder::finish(Cycle end) {
    if (!high_) return;
    event_.end = end;
    timeline_.record(event_);
}

TimelineRecorder::TimelineRecorder(Timeline& timeline, CoreSystem& system, const CoreShape& shape,
                                   const QuantizedNetwork& network)
    : timeline_(timeline), system_(system), observer_(shape, timeline),
      core_line_(sc_core::sc_gen_unique_name("core_line"), system.clock(), timeline, TimelineTrack::core_interrupt),
      mm2s_line_(sc_core::sc_gen_unique_name("mm2s_line"), system.clock(), timeline, TimelineTrack::mm2s_interrupt),
      s2mm_line_(sc_core::sc_gen_unique_name("s2mm_line"), system.clock(), timeline, TimelineTrack::s2mm_interrupt) {
    if (!system.accelerator.core().observe(observer_))
        throw InputError("a timeline is recorded by the SystemC core only, and the RTL has the same cycles: leave out "
                         "--core rtl, or write the RTL's signals with --vcd");
    system.accelerator.dma().mm2s.observe(observer_);
    system.accelerator.dma().s2mm.observe(observer_);
    system.zynq_ps.observe(observer_);
    core_line_.line(system.core_interrupt());
    mm2s_line_.line(system.mm2s_interrupt());
    s2mm_line_.line(system.s2mm_interrupt());
    timeline.vectors = named_vectors(network);
}

void TimelineRecorder::finish(Cycle count_end) {
    system_.accelerator.core().finish_observation(observer_, count_end);
    observer_.finish();
    const Cycle now = system_.clock().current_cycle();
    for (InterruptRecorder* line : {&core_line_, &mm2s_line_, &s2mm_line_}) line->finish(now);
    timeline_.ends_at(now);
}

} // namespace bru
