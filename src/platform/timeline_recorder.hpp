// What the timeline of a core needs of the platform: that core and DMA record, the three interrupt lines, the vectors'
// names.
#pragma once

#include <systemc>

#include "machine/core_shape.hpp"
#include "model/quantized_network.hpp"
#include "observe/timeline.hpp"
#include "observe/timeline_observer.hpp"
#include "platform/bru_system.hpp"

namespace bru {

/// Records in which cycles an interrupt line is high.
class InterruptRecorder : public sc_core::sc_module {
public:
    SC_HAS_PROCESS(InterruptRecorder);
    InterruptRecorder(const sc_core::sc_module_name& name, const CycleClock& clock, Timeline& timeline,
                      TimelineTrack track);
    sc_core::sc_in<bool> line;

    /// The line is seen no longer.
    void finish(Cycle end);

private:
    void observe();

    CycleClock clock_;
    Timeline& timeline_;
    TimelineEvent event_;
    bool high_ = false;
};

/// Made while the system is elaborated, finished after the simulation.
class TimelineRecorder {
public:
    /// Throws InputError where the core does not record.
    TimelineRecorder(Timeline& timeline, CoreSystem& system, const CoreShape& shape, const QuantizedNetwork& network);
    /// Counting ended with the cycle before `count_end`.
    void finish(Cycle count_end);

private:
    Timeline& timeline_;
    CoreSystem& system_;
    TimelineObserver observer_;
    InterruptRecorder core_line_;
    InterruptRecorder mm2s_line_;
    InterruptRecorder s2mm_line_;
};

} // namespace bru
