// The issue scheduler: in which cycle each chunk of a vector is issued, and to which class every other cycle belongs.
// One chunk per cycle, no bubbles; it waits only for the four conditions of docs/architecture.md ("Timing"). Plain C++:
// the module `sequencer` connects it with the other blocks. Contract: begin() a vector, then call issue() until it
// returns true; between two calls something that the vector waits for becomes known. The schedule does not depend on
// when that happens.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "machine/core_registers.hpp"
#include "machine/core_shape.hpp"
#include "machine/cycle_class.hpp"
#include "machine/descriptor.hpp"
#include "machine/row_group_run.hpp"
#include "observe/observer.hpp"
#include "schedule/issue_state.hpp"
#include "schedule/neighbours.hpp"
#include "schedule/recurring_schedules.hpp"
#include "schedule/scoreboard.hpp"

namespace bru {

class IssueScheduler {
public:
    using ClassCycles = std::array<std::uint64_t, kCycleClasses>;

    /// `recognizes`: vectors that begin in a known state are not scheduled again. Not with an observer, which wants to
    /// hear of each chunk.
    IssueScheduler(const CoreShape& shape, bool recognizes);
    void set_hidden_latency(int cycles) { scoreboard_.set_hidden_latency(cycles); }
    void observe(Observer& observer) { observers_.add(observer); }
    void observe_vectors(VectorObserver& observer) { vector_observer_ = &observer; }

    /// As new, except for its observers; the first cycle that is classified is `first_cycle`.
    void reset(Cycle first_cycle);
    /// The core was started: the descriptors may be others now.
    void restart(const CoreRegisters& registers);
    void begin(const VectorPlan& plan, const ArrivedSteps& input, const SliceRoom& room);
    /// True: the whole vector is issued. False: what its next chunk waits for is not known yet.
    bool issue(const ArrivedSteps& input, SliceRoom& room);

    /// The row groups that were issued since the last call.
    struct IssuedGroups {
        std::uint32_t first = 0;
        std::uint32_t count = 0;
        const Cycle* begin_cycles = nullptr; ///< per group: scale_bias begins with its last part (in issue cycles)
        bool vector_ends = false;            ///< they hold the vector's last group
    };
    IssuedGroups take_issued_groups();
    bool x_is_issued() const { return x_is_issued_; }    ///< all x chunks of the vector
    Cycle last_x_cycle() const { return last_x_cycle_; } ///< issue of its last x chunk

    const IssueState& state() const { return state_; }
    std::uint64_t reserved_slices() const { return reserved_slices_; }
    const Scoreboard& scoreboard() const { return scoreboard_; }

    // Classes of cycles.
    const ClassCycles& classes() const { return classes_; }
    Cycle next_cycle() const { return state_.next_cycle; } ///< the first cycle not yet classified
    void count_from(Cycle first);
    /// All cycles before `ready` that are not yet classified belong to the class.
    void wait_until(Cycle ready, CycleClass cycle_class);

private:
    /// How a vector was issued, in cycles from the first that was not classified when the vector began.
    struct Schedule {
        std::vector<Cycle> group_begins;
        ClassCycles classes{};
        IssueState end;
        Cycle last_x_cycle = 0;
        std::uint64_t slices = 0;
        Cycle source_wait_cycles = 0;
    };

    void gather_waits(const ArrivedSteps& input);
    void gather_input(const ArrivedSteps& input);
    bool describe_begin(const SliceRoom& room);
    bool repeat_schedule();
    void remember_schedule();
    bool issue_part(const ArrivedSteps& input, SliceRoom& room);
    bool issue_chunk(bool last_of_part, const ArrivedSteps& input, SliceRoom& room);
    void issue_chunks(std::uint32_t chunks);
    void report_issue(std::uint32_t chunks) const;
    void report_vector() const;
    bool wait_for_source(const ArrivedSteps& input);
    bool begin_part(SliceRoom& room);
    bool reserve_slices(SliceRoom& room);
    void foresee_output(SliceRoom& room);
    bool h_never_waits(std::uint32_t chunks) const;
    std::uint32_t slices_that_leave() const;
    const Descriptor& descriptor() const { return *plan_.descriptor; }
    bool x_part() const { return state_.part == 0; }
    std::uint32_t part_chunks() const { return x_part() ? descriptor().x_chunks : descriptor().h_chunks; }
    std::uint32_t part_planes() const { return x_part() ? descriptor().x_planes : descriptor().h_planes; }

    CoreShape shape_;
    Cycle part_interval_cycles_; ///< that scale_bias needs for a part
    bool recognizes_;
    Observers observers_;
    VectorObserver* vector_observer_ = nullptr;

    IssueState state_;
    Scoreboard scoreboard_;
    ClassCycles classes_{};
    std::uint64_t reserved_slices_ = 0;

    VectorPlan plan_; ///< of the vector under way
    std::uint32_t taken_groups_ = 0;
    std::uint32_t foreseen_groups_ = 0; ///< stream_output knows when their slices come
    Cycle part_begin_ = 0;              ///< of the part issued last: scale_bias begins with it
    Cycle last_x_cycle_ = 0;
    bool x_is_issued_ = false;

    Cycle begin_cycle_ = 0; ///< of the vector under way: the first cycle that was not classified when it began
    ClassCycles begin_classes_{};
    Cycle source_wait_cycles_ = 0; ///< of its state_wait: for x from the layer below
    bool recognizing_ = false;     ///< it will be remembered
    StateKey begin_key_;           ///< the state in which it began
    std::uint64_t begin_slices_ = 0;
    std::array<RecurringSchedules<Schedule>, kMaxDescriptors> schedules_;
};

} // namespace bru
