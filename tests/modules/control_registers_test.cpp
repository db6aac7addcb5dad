// Do the registers of docs/interfaces.md hold what is written, say what happened, and drive the interrupt line?
#include "support/catch.hpp"

#include <cstring>

#include <tlm_utils/simple_initiator_socket.h>

#include "machine/core_registers.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "machine/register_check.hpp"
#include "machine/registers.hpp"
#include "modules/control_registers.hpp"
#include "modules/stubs.hpp"
#include "tlm/register_access.hpp"

using namespace bru;
using namespace bru::test;

namespace {

struct RegistersFixture : sc_core::sc_module {
    RegistersFixture(const sc_core::sc_module_name& name, const Shape& shape)
        : sc_module(name), block("block", CoreShape(shape)), axi_lite("axi_lite"), interrupt("interrupt") {
        axi_lite.bind(block.axi_lite_socket);
        block.interrupt(interrupt);
        block.sequencer(sequencer);
        block.on_load_target = [this] { ++load_targets; };
    }
    tlm::tlm_response_status access(tlm::tlm_command command, std::uint32_t offset, std::uint32_t& value,
                                    unsigned bytes = 4) {
        tlm::tlm_generic_payload payload;
        set_register_access(payload, command, offset, value);
        payload.set_data_length(bytes);
        payload.set_streaming_width(bytes);
        delay = sc_core::SC_ZERO_TIME;
        axi_lite->b_transport(payload, delay);
        return payload.get_response_status();
    }
    /// Ends in the cycle in which the write takes effect.
    void write(std::uint32_t offset, std::uint32_t value) {
        access(tlm::TLM_WRITE_COMMAND, offset, value);
        sc_core::sc_start(run_clock().time_until_end(current_cycle() + kWriteEffectCycles));
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
    std::uint32_t read(std::uint32_t offset) {
        std::uint32_t value = 0xDEADBEEF;
        access(tlm::TLM_READ_COMMAND, offset, value);
        return value;
    }

    /// One layer of one unit, as its descriptor.
    void describe() {
        const std::uint32_t fields[] = {4, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0, 1, 2, 0, 1, 0, 0, 0, 0};
        for (std::uint32_t field = 0; field < std::size(fields); ++field) write(0x1000 + 4 * field, fields[field]);
        write(0x18, 1);
        write(0x20, 1);
    }

    ControlRegisters block;
    tlm_utils::simple_initiator_socket<RegistersFixture> axi_lite;
    sc_core::sc_signal<bool> interrupt;
    StubSequencer sequencer;
    int load_targets = 0;
    sc_core::sc_time delay;
};

} // namespace

TEST_CASE("plain registers read back what was written") {
    const TestKernel kernel;
    RegistersFixture fixture("fixture", resolved_shape(16, 4, 4));
    elaborate();
    for (const std::uint32_t offset : {0x08U, 0x10U, 0x14U, 0x18U, 0x1CU, 0x20U, 0x24U, 0x28U}) {
        INFO("offset " << offset);
        const std::uint32_t value = offset == 0x08 || offset == 0x1C ? 1 : 5;
        fixture.write(offset, value);
        CHECK(fixture.delay == cycles_to_time(2));
        CHECK(fixture.read(offset) == value);
        CHECK(fixture.delay == cycles_to_time(1));
    }
    CHECK(fixture.load_targets == 1);
    CHECK(fixture.block.registers().load_target == LoadTarget::state);
}

TEST_CASE("mode and input registers are decoded") {
    const TestKernel kernel;
    RegistersFixture fixture("fixture", resolved_shape(16, 4, 4));
    elaborate();
    fixture.write(0x1C, 0x211);
    CHECK(fixture.block.registers().sequence_mode());
    CHECK(fixture.block.registers().output_kind() == OutputKind::logits);
    CHECK(fixture.block.registers().output_steps() == OutputSteps::final_state);
    CHECK(mode_register(true, {OutputKind::logits, OutputSteps::final_state}) == 0x211);
    CHECK(mode_register(false, {OutputKind::argmax, OutputSteps::last}) == 0x120);
    fixture.write(0x20, 0x80000007);
    CHECK(fixture.block.registers().input_one_hot());
    CHECK(fixture.block.registers().input_chunks() == 7);
}

TEST_CASE("the shape can be read, and nothing that is read-only can be written") {
    const TestKernel kernel;
    Shape shape = resolved_shape(64, 16, 4, 8);
    shape.weight_words = 1001;
    shape.scale_words = 1002;
    shape.bias_words = 1003;
    shape.state_words = 1004;
    shape.cell_words = 1005;
    shape.input_words = 1006;
    shape.output_fifo_beats = 1007;
    shape.streams = 5;
    shape.cell_kinds = 2;
    RegistersFixture fixture("fixture", shape);
    elaborate();
    CHECK(fixture.read(0x2C) == 0x42525501);
    const std::vector<std::uint32_t> expected{64, 16, 4, 8, 10, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 5, 2};
    for (std::uint32_t k = 0; k < expected.size(); ++k) {
        fixture.write(0x30 + 4 * k, 0);
        CHECK(fixture.read(0x30 + 4 * k) == expected[k]);
    }
    for (const std::uint32_t reserved : {0x00U, 0x68U, 0x7CU, 0xD0U, 0xFFCU}) {
        fixture.write(reserved & ~7U ? reserved : 0x68U, 0xFFFFFFFF);
        CHECK(fixture.read(reserved) == 0);
    }
}

TEST_CASE("a descriptor's fields are the registers from 0x1000 on") {
    const TestKernel kernel;
    RegistersFixture fixture("fixture", resolved_shape(16, 4, 4));
    elaborate();
    for (std::uint32_t index : {0U, 1U, 31U})
        for (std::uint32_t field = 0; field < 22; ++field)
            fixture.write(0x1000 + 0x80 * index + 4 * field, 1000 * index + field + 1);
    for (std::uint32_t index : {0U, 1U, 31U}) {
        const Descriptor& descriptor = fixture.block.registers().descriptors[index];
        CHECK(descriptor.flags == 1000 * index + 1);
        CHECK(descriptor.x_planes == 1000 * index + 5);
        CHECK(descriptor.weight_base == 1000 * index + 9);
        CHECK(descriptor.cell_initial == 1000 * index + 18);
        CHECK(descriptor.source_size == 1000 * index + 22);
    }
    fixture.write(0x1000 + 22 * 4, 0xFFFFFFFF);    // beyond the fields
    fixture.write(0x1000 + 32 * 0x80, 0xFFFFFFFF); // beyond the descriptors
    CHECK(fixture.block.registers().descriptors[1].flags == 1001);
}

TEST_CASE("control bits reach the sequencer with the cycle in which the write is taken") {
    const TestKernel kernel;
    RegistersFixture fixture("fixture", resolved_shape(16, 4, 4));
    elaborate();
    fixture.describe();
    run_to(30);
    fixture.write(0x00, 2);
    run_to(50);
    fixture.write(0x00, 1);
    CHECK(fixture.sequencer.counts == std::vector<Cycle>{31});
    CHECK(fixture.sequencer.starts == std::vector<Cycle>{51});
    CHECK(fixture.read(0x04) == 0);
    fixture.sequencer.is_running = true;
    CHECK(fixture.read(0x04) == 1);
}

TEST_CASE("counters show what was frozen, count from the write of `count`, and are 64 bits wide") {
    const TestKernel kernel;
    RegistersFixture fixture("fixture", resolved_shape(16, 4, 4));
    elaborate();
    run_to(29);
    fixture.write(0x00, 2);
    fixture.block.header_accepted(40);
    fixture.block.header_accepted(45);
    fixture.block.output_transferred(90, false);
    fixture.block.output_transferred(95, false);
    fixture.sequencer.classes = {0, 0x500000001, 2, 3, 4, 5, 6};
    run_to(119);
    CHECK(fixture.read(0x88) == 0); // not frozen yet
    fixture.write(0x00, 4);
    const std::vector<std::uint64_t> expected{120, 0x500000001, 2, 3, 4, 5, 6, 2, 10, 65};
    for (std::uint32_t k = 0; k < 10; ++k) {
        INFO("counter " << k);
        CHECK((fixture.read(0x80 + 8 * k) | std::uint64_t{fixture.read(0x84 + 8 * k)} << 32) == expected[k]);
    }
    fixture.write(0x00, 2);
    CHECK(fixture.read(0xB8) == 0);
}

TEST_CASE("frozen counters count no steps and no outputs") {
    const TestKernel kernel;
    RegistersFixture fixture("fixture", resolved_shape(16, 4, 4));
    elaborate();
    fixture.block.header_accepted(1); // before `count`
    run_to(9);
    fixture.write(0x00, kControlCount); // in cycle 10
    fixture.block.header_accepted(15);
    fixture.block.output_transferred(17, false);
    fixture.write(0x00, kControlFreeze);
    fixture.block.header_accepted(19);
    fixture.block.output_transferred(21, false);
    CHECK(fixture.read(0x80 + 8 * kCounterSteps) == 1);
    CHECK(fixture.read(0x80 + 8 * kCounterFirstInput) == 5);
    CHECK(fixture.read(0x80 + 8 * kCounterLastOutput) == 7);
}

TEST_CASE("a mistake of software refuses the start and sets the error bit in the next cycle") {
    const TestKernel kernel;
    RegistersFixture fixture("fixture", resolved_shape(16, 4, 4));
    elaborate();
    const auto refuses = [&] {
        const std::size_t starts = fixture.sequencer.starts.size();
        fixture.block.reset(current_cycle());
        fixture.write(0x18, 1);
        fixture.write(0x20, 1);
        CHECK(fixture.read(0x04) == 0);
        fixture.write(0x00, kControlStart);
        CHECK(fixture.read(0x04) == 0);
        run_to(current_cycle() + 1);
        return fixture.sequencer.starts.size() == starts && fixture.read(0x04) == kStatusError;
    };
    CHECK(refuses()); // no descriptor was ever written
    fixture.describe();
    CHECK_FALSE(refuses());
    const std::pair<std::uint32_t, std::uint32_t> mistakes[] = {
        {0, 64},        {1, 0},         {2, 0},         {2, 0x10000},  {3, 0},           {4, 0},
        {4, 9},         {5, 0},         {7, 9},         {8, 1u << 20}, {9, 1u << 20},    {10, 1u << 20},
        {11, 1u << 20}, {15, 1u << 20}, {16, 1u << 20}, {18, 48},      {18, 0xFFFFFFEF}, {19, 32}};
    for (const auto& [field, value] : mistakes) {
        INFO("field " << field << ", value " << value);
        fixture.write(0x1000 + 4 * field, value);
        CHECK(refuses());
        fixture.describe();
        CHECK_FALSE(refuses());
    }
    fixture.write(0x18, 0);
    fixture.write(0x00, kControlStart);
    run_to(current_cycle() + 1);
    CHECK(fixture.read(0x04) == kStatusError);
}

TEST_CASE("a start before the run before is done is refused") {
    const TestKernel kernel;
    RegistersFixture fixture("fixture", resolved_shape(16, 4, 4));
    elaborate();
    fixture.describe();
    fixture.write(0x00, kControlStart);
    CHECK(fixture.read(0x04) == 0);
    fixture.write(0x00, kControlStart);
    CHECK(fixture.read(0x04) == 0);
    run_to(current_cycle() + 1);
    CHECK(fixture.read(0x04) == kStatusError);
    CHECK(fixture.sequencer.starts.size() == 1);
}

TEST_CASE("descriptors that contradict themselves are refused") {
    const TestKernel kernel;
    sc_core::sc_report_handler::set_actions("/bru/control_registers", sc_core::SC_DO_NOTHING);
    RegistersFixture fixture("fixture", resolved_shape(16, 4, 4));
    elaborate();
    const std::pair<std::uint32_t, std::uint32_t> contradictions[] = {
        {0, 0}, {0, 12}, {1, 2},   {2, 100}, {3, 2},    {5, 2},   {5, 40000},
        {6, 2}, {7, 0},  {8, 511}, {9, 511}, {10, 511}, {13, 511}};
    for (const auto& [field, value] : contradictions) {
        INFO("field " << field << ", value " << value);
        fixture.block.reset(current_cycle());
        fixture.describe();
        fixture.write(0x1000 + 4 * field, value);
        if (!contradiction(fixture.block.registers(), CoreShape(resolved_shape(16, 4, 4))).empty()) {
            fixture.write(0x00, kControlStart);
            run_to(current_cycle() + 1);
            CHECK(fixture.read(0x04) == kStatusError);
        } else {
            CHECK(field > 7); // where the memory of the shape is larger
        }
    }
    CHECK(fixture.sequencer.starts.empty());
}

TEST_CASE("what would lead a run out of its inputs, weights or cells is a contradiction") {
    // A one-hot layer, and a dense layer that reads its h.
    CoreRegisters registers;
    registers.descriptor_count = 2;
    registers.input = kInputOneHot | 1;
    Descriptor& layer = registers.descriptors[0];
    layer.flags = Descriptor::kXFromInput | Descriptor::kOneHot;
    layer.groups = layer.size = layer.x_chunks = layer.x_planes = layer.h_chunks = layer.h_planes = 1;
    layer.x_words = 3;
    Descriptor& next = registers.descriptors[1];
    next = layer;
    next.flags = Descriptor::kDense;
    next.x_words = next.source_chunks = 1;
    next.h_chunks = next.h_planes = 0;
    const auto found = [&](const Shape& shape) { return contradiction(registers, CoreShape(shape)); };
    Shape shape = resolved_shape(16, 4, 4);
    const OutputMode logits{OutputKind::logits, OutputSteps::every};
    const OutputMode hidden{OutputKind::hidden, OutputSteps::every};
    registers.mode = mode_register(false, logits);
    CHECK(found(shape).empty());
    registers.mode = mode_register(false, hidden);
    CHECK(found(shape) == "descriptor 1: MODE asks for hidden vectors, and the last descriptor is a dense layer");
    registers.mode = mode_register(false, logits);
    registers.descriptor_count = 3;
    CHECK(found(shape) == "descriptor 1: a dense layer is not the last descriptor");
    registers.descriptor_count = 2;

    next.flags |= Descriptor::kOneHot;
    CHECK(found(shape) == "descriptor 1: one-hot x does not come from the input");
    next.flags = Descriptor::kDense | Descriptor::kReverse;
    CHECK(found(shape) == "descriptor 1: a dense layer has no direction");
    next = layer;
    CHECK(found(shape) == "descriptor 1: MODE asks for logits or an index, and the last descriptor is no dense layer");
    registers.mode = mode_register(false, hidden);
    CHECK(found(shape) == "descriptor 1: x comes from the input, but not to the first layer");
    registers.mode = mode_register(true, hidden); // both directions of the first layer read it
    CHECK(found(shape).empty());
    registers.descriptor_count = 3;
    registers.descriptors[2] = layer;
    CHECK(found(shape) == "descriptor 2: x comes from the input, but not to the first layer");
    registers.descriptor_count = 2;
    next.flags |= Descriptor::kDense;
    next.h_chunks = next.h_planes = 0;
    registers.mode = mode_register(true, logits);
    CHECK(found(shape) == "descriptor 1: a dense layer reads the input in sequence mode");
    next = layer;
    registers.mode = mode_register(true, hidden);
    next.x_words = 2; // the header's chunk is compared with X_WORDS of descriptor 0
    CHECK(found(shape) == "descriptor 1: X_WORDS is not that of descriptor 0");
    next.x_words = 3;

    shape.streams = 3; // areas of 64 cells
    CHECK(found(shape) == "MODE: sequence mode, which a machine with several streams does not have");
    registers.mode = mode_register(false, hidden);
    registers.descriptor_count = 1;
    shape.cell_words = 256;
    layer.cell_base = 63;
    CHECK(found(shape).empty());
    layer.cell_base = 64;
    CHECK(found(shape) == "descriptor 0: c beyond the cell memory");
}

TEST_CASE("what software writes during a run has no effect on its order of work") {
    const TestKernel kernel;
    RegistersFixture fixture("fixture", resolved_shape(16, 4, 4));
    elaborate();
    fixture.describe();
    fixture.write(0x00, kControlStart);
    const Descriptor started = fixture.block.run_registers().descriptors[0];
    CHECK(started == fixture.block.registers().descriptors[0]);
    fixture.write(0x18, 32);
    fixture.write(0x1C, 0x331);
    fixture.write(0x1000 + 4 * 19, 31);
    CHECK(fixture.block.run_registers().descriptors[0] == started);
    CHECK(fixture.block.run_registers().descriptor_count == 1);
    CHECK(fixture.block.run_registers().mode == 0);
    CHECK(fixture.block.registers().descriptor_count == 32);
    fixture.describe();
    fixture.write(0x18, 2);
    fixture.write(0x00, kControlStart); // refused
    CHECK(fixture.block.run_registers().descriptor_count == 1);
}

TEST_CASE("done comes in the cycle after the last transfer and the last issue, and raises an enabled interrupt") {
    const auto done_cycle = [](Cycle transfer, Cycle finish) {
        const TestKernel kernel;
        RegistersFixture fixture("fixture", resolved_shape(16, 4, 4));
        elaborate();
        fixture.write(0x08, 1);
        fixture.block.output_transferred(transfer - 5, false);
        fixture.block.output_transferred(transfer, true); // both may be known ahead of kernel time
        fixture.block.work_finished(finish);
        Cycle cycle = current_cycle();
        while (!fixture.interrupt.read() && cycle < 500) run_to(++cycle);
        CHECK(fixture.read(0x04) == 2);
        CHECK(fixture.read(0x0C) == 1);
        return cycle;
    };
    CHECK(done_cycle(100, 60) == 101);
    CHECK(done_cycle(100, 100) == 101);
    CHECK(done_cycle(100, 300) == 301);
}

TEST_CASE("the interrupt is cleared by writing one, masked by its enable bit, and done by start") {
    const TestKernel kernel;
    RegistersFixture fixture("fixture", resolved_shape(16, 4, 4));
    elaborate();
    fixture.describe();
    fixture.block.output_transferred(100, true);
    fixture.block.work_finished(100);
    run_to(110);
    CHECK_FALSE(fixture.interrupt.read());
    CHECK(fixture.read(0x0C) == 1);
    fixture.write(0x08, 1);
    run_to(112);
    CHECK(fixture.interrupt.read());
    fixture.write(0x0C, 0);
    run_to(114);
    CHECK(fixture.interrupt.read());
    fixture.write(0x0C, 1);
    run_to(116);
    CHECK_FALSE(fixture.interrupt.read());
    CHECK(fixture.read(0x04) == 2);
    fixture.write(0x00, 1);
    CHECK(fixture.read(0x04) == 0);
}

TEST_CASE("two runs that end ahead of kernel time raise two interrupts") {
    const TestKernel kernel;
    RegistersFixture fixture("fixture", resolved_shape(16, 4, 4));
    elaborate();
    fixture.write(0x08, 1);
    for (const Cycle cycle : {50, 80}) {
        fixture.block.work_finished(cycle);
        fixture.block.output_transferred(cycle, true);
    }
    run_to(51);
    CHECK(fixture.read(0x0C) == 1);
    fixture.write(0x0C, 1);
    run_to(80);
    CHECK(fixture.read(0x0C) == 0);
    run_to(81);
    CHECK(fixture.interrupt.read());
}

TEST_CASE("an access that is not 32 bits wide is refused") {
    const TestKernel kernel;
    RegistersFixture fixture("fixture", resolved_shape(16, 4, 4));
    elaborate();
    std::uint32_t value = 0;
    CHECK(fixture.access(tlm::TLM_READ_COMMAND, 0x2C, value, 2) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(fixture.access(tlm::TLM_READ_COMMAND, 0x2C, value) == tlm::TLM_OK_RESPONSE);
}
