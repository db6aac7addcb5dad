// The timeline's observer: what the blocks, the DMA and the host report, as events of the timeline.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "observe/observer.hpp"
#include "observe/timeline.hpp"

namespace bru {

class TimelineObserver : public Observer {
public:
    /// The timeline outlives the observer.
    TimelineObserver(const CoreShape& shape, Timeline& timeline);

    void cycles_classified(CycleClass cycle_class, Cycle begin, Cycle end) override;
    void chunks_issued(const IssuedChunks& chunks) override;
    void part_issued(const IssuedPart& part) override;
    void slices_enter(PipelineStage stage, const RowGroupRun& run) override;
    void load_target_written() override { finish_input(); }
    void beat_accepted(const InputBeat& beat) override;
    void beat_left(const OutputBeat& left) override;
    void burst_requested(const RequestedBurst& burst) override;
    void register_accessed(const RegisterAccess& access) override;
    void interrupt_served(Cycle begin, Cycle end) override;
    /// Nothing more is reported: records the events under way.
    void finish();

private:
    void finish_class();
    void finish_input();
    void groups_enter(TimelineTrack track, const RowGroupRun& run, bool units_only);
    void parts_enter(const RowGroupRun& run);
    void record_slices(TimelineTrack track, const RowGroupRun& run, int group, Cycle begin, int part, int slices);

    CoreShape shape_;
    Timeline& timeline_;
    TimelineEvent class_;  ///< neighbouring cycles of one class; empty at first
    Cycle pass_begin_ = 0; ///< of the pass under way
    /// Per descriptor and row group: scale_bias begins with the group's x part (in issue cycles).
    std::array<std::vector<Cycle>, kMaxDescriptors> first_part_begins_;
    /// Per track: the vector under way; empty where each row group is an event.
    std::array<TimelineEvent, kTimelineTracks> vectors_{};
    TimelineEvent input_;  ///< the step or load under way
    TimelineEvent output_; ///< the output vector under way
};

} // namespace bru
