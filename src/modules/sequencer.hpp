// sequencer: decides in which cycle every chunk is issued - layers, directions, steps, row groups, parts,
// planes, chunks - and to which class every other cycle belongs. One chunk a cycle, no bubbles; it waits only
// for inputs, for h chunks that are not final, for scale_bias and for room in the slice FIFO.
// It works as far ahead of kernel time as it knows the outside, and hands whole row groups to the lanes.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <systemc>

#include "modules/core_ports.hpp"
#include "modules/core_registers.hpp"
#include "modules/recurring_schedule.hpp"
#include "modules/signal_trace.hpp"
#include "modules/timeline.hpp"
#include "tlm/core_transactions.hpp"

namespace bru {

class Sequencer : public sc_core::sc_module, public SequencerControl {
public:
    Sequencer(const sc_core::sc_module_name& name, const CoreShape& shape, const CoreRegisters& registers);

    RunInitiatorSocket run_socket; ///< to dot_product_lanes
    sc_core::sc_port<InputSteps> input;
    sc_core::sc_port<SliceFifo> slice_fifo;
    sc_core::sc_port<CoreEvents> events;

    void advance() override;
    void start(Cycle write_cycle) override;
    void count_from(Cycle write_cycle) override;
    std::array<std::uint64_t, kCycleClasses> class_cycles(Cycle cycle) const override;
    bool running(Cycle cycle) const override;

    void record_signals(SignalTrace& trace) {
        trace_ = &trace;
        recording_ = true;
    }
    void finish_signals(Cycle end);
    void record_timeline(Timeline& timeline);
    /// Counting ended with the cycle before `end`.
    void finish_timeline(Cycle end);

private:
    /// Where in a h vector the last unit of a chunk is written.
    struct ChunkSource {
        std::uint32_t group = 0;
        std::uint32_t slice = 0;
    };
    /// What the sequencer knows of a descriptor's most recent vector.
    struct VectorHistory {
        std::vector<Cycle> group_begins;      ///< per group: scale_bias begins with its last part (in issue cycles)
        std::vector<Cycle> first_part_begins; ///< the same of part x; kept for a timeline only
        std::vector<ChunkSource> chunk_sources;
    };
    /// The vector under way.
    struct Vector {
        const Descriptor* descriptor = nullptr;
        bool first_step = false;
        Cycle header_ready = 0;          ///< its first chunk waits for this
        bool releases_input = false;     ///< its last x chunk gives input slots back ...
        std::uint64_t release_below = 0; ///< ... of the steps below this
        RowGroupRun run;                 ///< addresses and what leaves
    };

    void learn_latency();
    void start_of_simulation() override { learn_latency(); }
    bool work();
    bool begin_vector();
    bool begin_stream_vector();
    bool begin_sequence_vector();
    bool discover_sequence();
    void place_vector(std::uint64_t slot, std::uint64_t previous_slot);
    void decide_emission(bool last_step, bool processing_last);
    bool issue_groups();
    bool collect_waits();
    bool issue_as_before();
    void begin_recording();
    void remember_schedule();
    bool issue_part();
    bool issue_chunk(std::uint32_t chunk, bool last_of_part);
    void issue_unconditionally(std::uint64_t chunks);
    bool input_ready(std::uint32_t chunk);
    Cycle state_ready(std::uint32_t chunk) const;
    bool own_state_never_waits(std::uint32_t chunks) const;
    std::uint32_t slices_that_leave() const;
    bool wait_for_output();
    void foresee_output();
    void wait_until(Cycle ready, CycleClass cycle_class);
    void dispatch();
    void end_vector();
    void end_stream_step();
    void next_in_sequence();
    void end_sequence();
    void finish_work();
    CycleClass class_of_now() const {
        if (!ever_started_) return CycleClass::weight_load;
        return running_ ? CycleClass::input_wait : CycleClass::idle;
    }
    void record_issue(std::uint64_t chunks);
    void record_part_begin();
    void record_signals_of_issue(std::uint64_t chunks);
    void record_passes(std::uint64_t chunks);
    std::uint32_t state_address(std::uint32_t chunk) const;
    /// The cycles from next_cycle_ to `end`.
    void record_class(Cycle end, CycleClass cycle_class);
    void extend_class(Cycle end, CycleClass cycle_class);
    void flush_class();
    bool x_part() const { return part_ == 0; }
    std::uint32_t part_chunks() const { return x_part() ? vector_.descriptor->x_chunks : vector_.descriptor->h_chunks; }
    std::uint32_t part_planes() const { return x_part() ? vector_.descriptor->x_planes : vector_.descriptor->h_planes; }

    CoreShape shape_;
    const CoreRegisters& registers_;
    int hidden_latency_ = 0;  ///< last issue of a group to its first slice being readable
    Cycle part_interval_ = 0; ///< cycles that scale_bias needs for a part

    bool busy_ = false;
    bool again_ = false;
    bool running_ = false;
    Cycle stopped_from_ = 0; ///< first cycle after the last run's last chunk; may lie ahead of kernel time
    Cycle next_cycle_ = 0;   ///< the first cycle not yet classified
    bool ever_started_ = false;
    std::array<std::uint64_t, kCycleClasses> classes_{};
    Cycle vector_free_ = 0;        ///< the next vector can begin
    Cycle scale_bias_free_ = 0;    ///< scale_bias can begin with another part (in issue cycles)
    Cycle part_register_free_ = 0; ///< one of the two part registers can take another part
    Cycle part_begin_ = 0;         ///< of the part issued last: scale_bias begins with it
    std::uint64_t reserved_slices_ = 0;

    // Place in the work.
    bool vector_open_ = false;
    Vector vector_;
    std::uint32_t descriptor_index_ = 0;
    std::uint32_t group_ = 0;
    int part_ = 0;
    std::uint32_t issued_ = 0; ///< chunks of the part
    std::uint32_t dispatched_groups_ = 0;
    std::uint32_t foreseen_groups_ = 0; ///< stream_output knows when their slices come
    std::uint64_t step_ = 0;            ///< number of the input step; sequence mode: of the sequence's step 0
    std::uint64_t parity_base_ = 0;     ///< stream mode: the first step after start is in slot 0
    std::uint64_t time_ = 0;            ///< sequence mode: step within the sequence
    std::uint64_t sequence_steps_ = 0;  ///< 0: not yet known
    bool sequence_end_ = false;
    Cycle start_ready_ = 0;
    std::array<VectorHistory, kMaxDescriptors> history_;

    // Vectors that go like earlier ones, where no values are computed.
    std::array<RecurringSchedules<IssueSchedule>, kMaxDescriptors> schedules_;
    std::vector<Cycle> waits_; ///< of the vector under way
    bool recognizing_ = false; ///< its schedule follows from waits_
    Cycle recorded_base_ = 0;
    std::array<std::uint64_t, kCycleClasses> recorded_classes_{};
    std::uint64_t recorded_slices_ = 0;
    Cycle last_x_cycle_ = 0; ///< issue of the last x chunk of the vector under way

    bool recording_ = false;       ///< a waveform or a timeline is wanted
    SignalTrace* trace_ = nullptr; ///< nullptr: no waveform is wanted
    Cycle running_from_ = 0;
    std::uint32_t weight_address_ = 0;
    Timeline* timeline_ = nullptr;               ///< nullptr: no timeline is wanted
    Cycle pass_begin_ = 0;                       ///< of the pass under way
    CycleClass class_ = CycleClass::weight_load; ///< of the slice under way, [class_begin_, class_end_)
    Cycle class_begin_ = 0;
    Cycle class_end_ = 0;
};

} // namespace bru
