// What the blocks behind the lanes record for a timeline: the slices of a run of row groups as they enter a stage,
// a row group or a whole vector as one event.
#pragma once

#include "modules/core_registers.hpp"
#include "modules/timeline.hpp"
#include "tlm/core_transactions.hpp"

namespace bru {

/// One for each block. `run.latency_cycles` says where a group's first slice is, counted from its begin cycle.
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
    void finish_vector(const RowGroupRun& run);

    CoreShape shape_;
    Timeline* timeline_ = nullptr;
    TimelineEvent vector_{}; ///< under way; empty where each row group is an event
};

} // namespace bru
