// Neighbours of the plain state machines, and vectors to schedule: what a timing rule needs to be written down.
#pragma once

#include <cstdint>
#include <vector>

#include "base/integers.hpp"
#include "machine/core_registers.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "observe/observer.hpp"
#include "schedule/issue_scheduler.hpp"
#include "schedule/neighbours.hpp"

namespace bru::test {

/// L = 16, W = 4, E = 4, so U = 4, D = 1, T = 1: scale_bias takes parts 3 cycles apart, h is final 24 cycles behind.
inline Shape smallest_shape(int lane_width = 4) {
    Shape shape;
    shape.lanes = 16;
    shape.lane_width = lane_width;
    shape.update_width = 4;
    return shape;
}
inline constexpr int kHiddenLatency = 24;

/// A layer of `size` units on the smallest machine, with x of one one-hot chunk.
inline Descriptor one_hot_layer(std::uint32_t size, std::uint32_t lane_width = 4) {
    Descriptor descriptor;
    descriptor.flags = Descriptor::kXFromInput | Descriptor::kOneHot | Descriptor::kEmit;
    descriptor.size = size;
    descriptor.groups = divide_up(size, 4);
    descriptor.x_chunks = 1;
    descriptor.x_planes = 1;
    descriptor.h_chunks = divide_up(size, lane_width);
    descriptor.h_planes = 1;
    return descriptor;
}

inline Descriptor vector_layer(std::uint32_t size, std::uint32_t x_chunks) {
    Descriptor descriptor = one_hot_layer(size);
    descriptor.flags = Descriptor::kXFromInput | Descriptor::kEmit;
    descriptor.x_chunks = x_chunks;
    return descriptor;
}

/// One input step; chunks are added as they arrive.
struct OneStep : ArrivedSteps {
    const InputStep* input_step(std::uint64_t) const override { return &step; }
    InputStep step;
};

/// A slice FIFO whose room the test sets; by default there is always room.
struct SetRoom : SliceRoom {
    Cycle reservable_from(std::uint64_t) const override { return room_from; }
    bool foresee_group(Cycle) override { return false; }
    bool describe_reservations(const Descriptor&, std::uint64_t, StateKey&) const override { return true; }
    Cycle room_from = 0;
};

/// Writes down in which cycle each chunk is issued.
struct IssueLog : Observer {
    void chunks_issued(const IssuedChunks& chunks) override {
        for (std::uint32_t k = 0; k < chunks.count; ++k) cycles.push_back(chunks.cycle + k);
    }
    std::vector<Cycle> cycles;
};

/// One descriptor and the scheduler that issues its vectors.
class ScheduleBench {
public:
    explicit ScheduleBench(const Descriptor& descriptor, int lane_width = 4)
        : shape_(smallest_shape(lane_width)), scheduler(shape_, false) {
        registers_.descriptor_count = 1;
        registers_.descriptors[0] = descriptor;
        plan.descriptor = &registers_.descriptors[0];
        plan.first_step = true;
        scheduler.set_hidden_latency(kHiddenLatency);
        scheduler.observe(log_);
        scheduler.restart(registers_);
    }

    void begin() { scheduler.begin(plan, steps, room); }
    /// False: something is not known yet.
    bool issue() { return scheduler.issue(steps, room); }
    /// The issue cycles of a whole vector; what it waits for is known.
    std::vector<Cycle> vector() {
        log_.cycles.clear();
        begin();
        if (!issue()) log_.cycles.push_back(SliceRoom::kUnknown);
        return log_.cycles;
    }
    const std::vector<Cycle>& issued() const { return log_.cycles; }
    std::uint64_t waited(CycleClass cycle_class) const {
        return scheduler.classes()[static_cast<std::size_t>(cycle_class)];
    }

private:
    CoreShape shape_;
    CoreRegisters registers_;
    IssueLog log_;

public:
    VectorPlan plan;
    OneStep steps;
    SetRoom room;
    IssueScheduler scheduler;
};

} // namespace bru::test
