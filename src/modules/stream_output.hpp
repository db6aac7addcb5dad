// stream_output: slice FIFO, serializer and beat FIFO, the AXI4-Stream master of the core. Timing: a slice
// written at the end of cycle q is serialized from q + 1 on (hidden: a cycle a slice, or one a beat where a
// slice has 16 bytes; logits: two a beat and cycle; argmax: two a cycle and one more a vector); a beat pushed in t has
// TVALID from t + kOutputFifoCycles. The beat FIFO holds output_fifo_beats.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include <systemc>

#include "modules/core_ports.hpp"
#include "modules/core_registers.hpp"
#include "modules/recurring_schedule.hpp"
#include "modules/signal_probe.hpp"
#include "modules/timeline.hpp"
#include "tlm/axi_stream.hpp"
#include "tlm/core_transactions.hpp"
#include "tlm/cycle_ring.hpp"

namespace bru {

class StreamOutput : public sc_core::sc_module, public SliceFifo {
public:
    StreamOutput(const sc_core::sc_module_name& name, const CoreShape& shape, const CoreRegisters& registers);

    RunTargetSocket logit_socket;  ///< from scale_bias
    RunTargetSocket hidden_socket; ///< from cell_update
    StreamInitiatorSocket stream_socket;
    sc_core::sc_port<SequencerControl> sequencer;
    sc_core::sc_port<CoreEvents> events;

    Cycle reservable_from(std::uint64_t number) const override;
    bool foresee_group(Cycle written) override;
    bool collect_waits(const Descriptor& descriptor, std::uint64_t reserved, Cycle base,
                       std::vector<Cycle>& waits) const override;

    void record_signals(SignalTrace& trace);
    void record_timeline(Timeline& timeline);

private:
    /// One cycle of the serializer.
    struct Work {
        Cycle ready = 0; ///< not before
        std::uint64_t data = 0;
        bool push = false; ///< a beat enters the beat FIFO
        bool tlast = false;
        bool last_of_run = false;
        bool slice_ends = false;
        bool vector_ends = false;
    };

    /// How far the serializer is.
    struct Place {
        Cycle cycle = 0; ///< last one worked in
        std::uint64_t slices = 0;
        std::uint64_t beats = 0;
        std::size_t beat_bytes = 0; ///< of the beat under way
    };
    /// A group's slices when nothing holds them up: one a cycle from `begin` on.
    struct GroupTiming {
        Cycle begin = 0;
        std::size_t beats = 0;      ///< that become full
        Cycle first_beat_cycle = 0; ///< pushed; the others follow a beat's slices apart
    };
    Place place() const { return {serializer_cycle_, finished_slices_, pushed_, packed_end_ - packed_beat_}; }
    std::optional<GroupTiming> time_group(const Place& place, Cycle ready) const;
    Place finish_group(const Place& place, const GroupTiming& timing);
    void serialize(const RowGroupRun& run);
    template <typename Serialize>
    void serialize_vector(const RowGroupRun& run, const Serialize& serialize);
    void serialize_as_before(const RowGroupRun& run, const SerialSchedule& schedule, Cycle base);
    std::uint64_t most_beats(const Descriptor& descriptor) const;
    bool has_room(const Descriptor& descriptor, Cycle cycle) const;
    void serialize_hidden(const RowGroupRun& run);
    bool serialize_group(Cycle ready);
    void serialize_slices(const RowGroupRun& run, int first_unit, int end_unit, Cycle ready);
    void pack(const RowGroupRun& run, int first_unit, int end_unit);
    void serialize_logits(const RowGroupRun& run);
    void find_maximum(const RowGroupRun& run);
    void mark_vector_end(Work& work, const RowGroupRun& run);
    void enqueue(const Work& work);
    bool perform(const Work& work);
    void flush();
    void resume();
    void on_transfers(const StreamTransfer& transfer);
    void record_transfer(std::uint64_t number, Cycle cycle);
    void extend_timeline(std::uint64_t number, Cycle cycle);

    CoreShape shape_;
    SignalProbe probe_;
    const CoreRegisters& registers_;
    std::size_t slice_bytes_; ///< of hidden values; a power of two
    int slice_bytes_log2_ = 0;
    std::size_t slices_per_beat_;          ///< 0: a slice has two beats
    BeatQueue<Work> waiting_;              ///< the beat FIFO is full as far as is known
    std::vector<StreamBeat> pushed_beats_; ///< to be offered
    std::vector<StreamBeat> offering_;     ///< being offered
    bool offering_now_ = false;
    Cycle serializer_cycle_ = 0; ///< last one worked in
    CycleRing slice_end_cycles_; ///< by slice
    std::uint64_t finished_slices_ = 0;
    Place foreseen_;            ///< ahead of place() where groups are foreseen
    CycleRing transfer_cycles_; ///< by beat
    std::uint64_t pushed_ = 0;
    std::uint64_t transferred_ = 0;
    std::deque<std::uint64_t> last_beats_; ///< numbers of the last beats of runs
    std::uint32_t packet_vectors_ = 0;     ///< of the packet under way

    std::vector<unsigned char> packed_; ///< elements of the run, from the beat under way on
    std::size_t packed_beat_ = 0;       ///< where the beat under way begins
    std::size_t packed_end_ = 0;        ///< of the slices serialized
    std::int32_t best_logit_ = 0;
    std::uint32_t best_index_ = 0;
    bool any_logit_ = false;

    std::array<RecurringSchedules<SerialSchedule>, kMaxDescriptors> schedules_;
    std::vector<Cycle> waits_;

    bool recording_ = false;                     ///< a waveform or a timeline is wanted
    SignalTrace* trace_ = nullptr;               ///< nullptr: no waveform is wanted
    std::deque<StreamBeat> trace_beats_;         ///< offered and not yet transferred
    Cycle trace_from_ = 0;                       ///< first cycle in which the next beat can stand at the port
    Timeline* timeline_ = nullptr;               ///< nullptr: no timeline is wanted
    std::deque<std::uint64_t> vector_end_beats_; ///< numbers of the beats that end vectors; for the timeline
    TimelineEvent timeline_event_{};             ///< the vector under way
};

} // namespace bru
