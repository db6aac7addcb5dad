// The order of work (docs/architecture.md, "Order of work"): which vector comes next, where it reads and writes, and
// whether it leaves the machine. Free of time, except for the header that a vector waits for.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/integers.hpp"
#include "machine/core_registers.hpp"
#include "machine/descriptor.hpp"
#include "machine/row_group_run.hpp"
#include "machine/shape.hpp"
#include "schedule/neighbours.hpp"

namespace bru {

class WorkOrder {
public:
    WorkOrder(const Shape& shape, const CoreRegisters& registers)
        : shape_(shape), registers_(registers), slots_(narrow<std::size_t>(shape.streams)) {}

    /// Before the first start, and numbers of steps begin at 0 again.
    void reset();
    /// The core was started: nothing issues before `start_ready`.
    void start(Cycle start_ready);
    /// The next vector. nullopt: what decides it has not arrived.
    std::optional<VectorPlan> next(const ArrivedSteps& input);

    struct Progress {
        bool steps_done = false; ///< all input steps below first_step() are done with
        bool run_done = false;   ///< the step marked `end` is among them
    };
    /// The vector of next() was issued.
    Progress finish_vector(const ArrivedSteps& input);
    /// The first input step that is still needed.
    std::uint64_t first_step() const { return place_.step; }

private:
    /// All that it remembers.
    struct Place {
        std::uint32_t descriptor = 0;
        std::uint64_t step = 0;           ///< number of the input step; sequence mode: of the sequence's step 0
        std::uint64_t parity_base = 0;    ///< stream mode: the first step after start is in slot 0
        std::uint64_t time = 0;           ///< sequence mode: step within the sequence
        std::uint64_t sequence_steps = 0; ///< 0: not yet known
        bool sequence_end = false;        ///< the sequence holds the step marked `end`
        Cycle start_ready = 0;
    };

    const Descriptor& descriptor() const { return registers_.descriptors[place_.descriptor]; }
    VectorPlan blank_plan() const;
    std::optional<VectorPlan> next_in_stream(const ArrivedSteps& input) const;
    std::optional<VectorPlan> next_of_sequence(const ArrivedSteps& input);
    bool discover_sequence(const ArrivedSteps& input);
    std::uint64_t stream_slot(const InputStep& step) const;
    VectorPlan placed(VectorPlan plan, std::uint64_t slot, std::uint64_t previous_slot) const;
    void move_to_area(VectorPlan& plan) const;
    bool leaves(bool last_step, bool processing_last) const;
    bool ends_run(bool processing_last) const;
    Progress end_stream_step(const ArrivedSteps& input);
    Progress advance_in_sequence();
    Progress end_sequence();

    Shape shape_;
    const CoreRegisters& registers_;
    Place place_;
    std::vector<std::uint8_t>
        slots_; ///< several streams: per stream, the slot of its latest step with a layer that has ended
};

} // namespace bru
