// In which order do vectors come, and what ends with each? Without SystemC.
#include "support/catch.hpp"

#include <string>
#include <vector>

#include "machine/core_registers.hpp"
#include "machine/descriptor.hpp"
#include "schedule/work_order.hpp"

using namespace bru;

namespace {

struct StepList : ArrivedSteps {
    const InputStep* input_step(std::uint64_t number) const override {
        return number < steps.size() ? &steps[number] : nullptr;
    }
    /// "first", "last" and "end" flags of a step whose header comes in the cycle.
    void add(bool first, bool last, bool end, Cycle header = 0) {
        InputStep step;
        step.first = first;
        step.last = last;
        step.end = end;
        step.header_cycle = header;
        steps.push_back(step);
    }
    std::vector<InputStep> steps;
};

CoreRegisters machine(std::vector<std::uint32_t> flags, bool sequence_mode, OutputMode mode) {
    CoreRegisters registers;
    registers.descriptor_count = static_cast<std::uint32_t>(flags.size());
    for (std::size_t index = 0; index < flags.size(); ++index) registers.descriptors[index].flags = flags[index];
    registers.mode = mode_register(sequence_mode, mode);
    return registers;
}

/// "descriptor.step" of every vector until the order waits or ends; "*" where it leaves, "!" where the run ends.
std::string order_of(WorkOrder& order, const ArrivedSteps& input) {
    std::string text;
    while (const auto plan = order.next(input)) {
        text += std::to_string(plan->descriptor_index) + "." + std::to_string(plan->input_step);
        if (plan->emit) text += "*";
        if (plan->end_of_run) text += "!";
        text += " ";
        if (order.finish_vector(input).run_done) return text + "done";
    }
    return text + "waits";
}

constexpr std::uint32_t kFirstLayer = Descriptor::kXFromInput;

} // namespace

TEST_CASE("stream mode: step by step, descriptor by descriptor") {
    const CoreRegisters registers =
        machine({kFirstLayer, Descriptor::kEmit}, false, {OutputKind::hidden, OutputSteps::every});
    WorkOrder order(Shape(), registers);
    StepList steps;
    order.start(0);
    CHECK(order_of(order, steps) == "waits");
    steps.add(true, false, false);
    CHECK(order_of(order, steps) == "0.0 1.0* waits");
    steps.add(false, true, true);
    CHECK(order_of(order, steps) == "0.1 1.1*! done");
    CHECK(order.first_step() == 2);
}

TEST_CASE("hidden vectors of several layers leave, and the last one ends the run") {
    const std::vector<std::uint32_t> flags = {kFirstLayer | Descriptor::kEmit, Descriptor::kEmit};
    const CoreRegisters stream = machine(flags, false, {OutputKind::hidden, OutputSteps::every});
    const CoreRegisters sequence = machine(flags, true, {OutputKind::hidden, OutputSteps::every});
    WorkOrder in_stream(Shape(), stream);
    WorkOrder in_sequence(Shape(), sequence);
    StepList steps;
    steps.add(true, true, true);
    for (WorkOrder* order : {&in_stream, &in_sequence}) {
        order->start(0);
        CHECK(order_of(*order, steps) == "0.0* 1.0*! done");
    }
}

TEST_CASE("where logits leave, no hidden vector does") {
    const CoreRegisters registers =
        machine({kFirstLayer | Descriptor::kEmit, Descriptor::kDense}, false, {OutputKind::logits, OutputSteps::every});
    WorkOrder order(Shape(), registers);
    StepList steps;
    steps.add(true, true, true);
    order.start(0);
    CHECK(order_of(order, steps) == "0.0 1.0*! done");
}

TEST_CASE("stream mode: a dense vector that would not leave is not computed") {
    const CoreRegisters registers =
        machine({kFirstLayer, Descriptor::kDense}, false, {OutputKind::logits, OutputSteps::last});
    WorkOrder order(Shape(), registers);
    StepList steps;
    steps.add(true, false, false);
    steps.add(false, true, true);
    order.start(0);
    CHECK(order_of(order, steps) == "0.0 0.1 1.1*! done");
}

TEST_CASE("sequence mode: a reverse layer goes from the last step to the first, once the last has arrived") {
    const CoreRegisters registers = machine({kFirstLayer | Descriptor::kReverse | Descriptor::kEmit}, true,
                                            {OutputKind::hidden, OutputSteps::every});
    WorkOrder order(Shape(), registers);
    StepList steps;
    steps.add(true, false, false);
    steps.add(false, false, false);
    order.start(0);
    CHECK(order_of(order, steps) == "waits");
    steps.add(false, true, true);
    CHECK(order_of(order, steps) == "0.2* 0.1* 0.0*! done");
}

TEST_CASE("sequence mode: both directions of a layer, then the dense layer once") {
    const CoreRegisters registers = machine({kFirstLayer, kFirstLayer | Descriptor::kReverse, Descriptor::kDense}, true,
                                            {OutputKind::argmax, OutputSteps::last});
    WorkOrder order(Shape(), registers);
    StepList steps;
    steps.add(true, false, false);
    steps.add(false, true, true);
    order.start(0);
    CHECK(order_of(order, steps) == "0.0 0.1 1.1 1.0 2.1*! done");
}

TEST_CASE("the first chunk waits for start and header, whichever is later") {
    const CoreRegisters registers =
        machine({kFirstLayer | Descriptor::kEmit}, false, {OutputKind::hidden, OutputSteps::every});
    const auto header_ready = [&](Cycle start, Cycle header) {
        WorkOrder order(Shape(), registers);
        StepList steps;
        steps.add(true, true, true, header);
        order.start(start);
        return order.next(steps)->header_ready;
    };
    CHECK(header_ready(104, 99) == 104);
    CHECK(header_ready(104, 100) == 104);
    CHECK(header_ready(104, 101) == 105);
}

TEST_CASE("several streams: a run of a dense layer alone leaves the slots of h as they are") {
    Shape shape;
    shape.streams = 2;
    CoreRegisters registers =
        machine({kFirstLayer | Descriptor::kEmit}, false, {OutputKind::hidden, OutputSteps::every});
    registers.descriptors[0].h_base = 100;
    registers.descriptors[0].h_stride = 1;
    WorkOrder order(shape, registers);
    StepList steps;
    std::vector<std::uint32_t> written; // h of each step
    const auto run_step = [&](bool first) {
        steps.add(first, false, true);
        order.start(0);
        written.push_back(order.next(steps)->h_write_address);
        order.finish_vector(steps);
    };
    run_step(true);
    run_step(false);
    registers.descriptors[0].flags = kFirstLayer | Descriptor::kDense;
    run_step(false);
    registers.descriptors[0].flags = kFirstLayer | Descriptor::kEmit;
    run_step(false);
    CHECK(written[0] == 100);
    CHECK(written[1] == 101);
    CHECK(written[3] == 100); // it goes on from the second step
}
