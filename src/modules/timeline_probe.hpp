// What the blocks behind the lanes record for a timeline: a run of row groups as the slices that enter a stage.
#pragma once

#include "modules/core_registers.hpp"
#include "modules/timeline.hpp"
#include "tlm/core_transactions.hpp"

namespace bru {

/// `run.latency_cycles` says in each of these where a group's first slice is, counted from its begin cycle.
class TimelineProbe {
public:
    explicit TimelineProbe(const CoreShape& shape) : shape_(shape) {}

    void attach(Timeline& timeline) { timeline_ = &timeline; }
    explicit operator bool() const { return timeline_ != nullptr; }

    /// scale_bias takes the slices of all parts.
    void parts_enter(const RowGroupRun& run);
    /// A stage takes all slices of the groups.
    void slices_enter(TimelineTrack track, const RowGroupRun& run);
    /// The same of those slices that hold units.
    void units_enter(TimelineTrack track, const RowGroupRun& run);

private:
    void record(TimelineTrack track, const RowGroupRun& run, int group, Cycle begin, int part, int slices);

    CoreShape shape_;
    Timeline* timeline_ = nullptr;
};

} // namespace bru
