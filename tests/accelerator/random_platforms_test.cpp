// A thousand platforms of outsiders: random memories, processors and parameters, errors at random addresses, resets in
// the middle, registers that get nonsense. Are outputs right in each of them, is every error told and recovered from,
// are the cycles those of `bru run` where memory has its timing, and are the rules of the base protocol kept on both
// sockets?
#include "support/catch.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "accelerator/accelerator.hpp"
#include "accelerator/random_memory.hpp"
#include "accelerator/random_processor.hpp"
#include "machine/dma_registers.hpp"
#include "machine/registers.hpp"
#include "platform/bru_system.hpp"
#include "platform/kernel_scope.hpp"
#include "rtl_core/rtl_core.hpp"
#include "support/checked_sockets.hpp"
#include "support/draw.hpp"
#include "support/driver_application.hpp"
#include "support/protocol_checker.hpp"

using namespace bru;
using namespace bru::test;

namespace {

constexpr std::uint64_t kRuns = 1000;
constexpr std::uint64_t kTimeoutTicks = 10'000'000; ///< far more than any run takes: what hangs fails

Shape shape_of_all() {
    Shape shape = small_machine().shape;
    shape.cell_kinds = 2;
    return shape;
}

/// What runs: some networks of every kind, made once.
const std::vector<std::unique_ptr<Application>>& applications() {
    static const auto all = [] {
        std::vector<std::unique_ptr<Application>> made;
        const auto add = [&made](const NetworkRecipe& wanted, OutputMode mode, const std::vector<int>& lengths) {
            made.push_back(std::make_unique<Application>(shape_of_all(), random_network(wanted, made.size()), mode,
                                                         lengths, made.size() + 100));
        };
        const OutputMode every{OutputKind::hidden, OutputSteps::every};
        NetworkRecipe dense = recipe(24, {12});
        dense.one_hot = true;
        dense.dense_outputs = 5;
        NetworkRecipe both_ways = recipe(11, {6}, 2);
        both_ways.dense_outputs = 3; // hidden vectors would come in another order
        NetworkRecipe gru = recipe(9, {8, 6});
        gru.gru_layers = 1;
        add(recipe(20, {13, 9}), every, {1, 12, 7});
        add(recipe(7, {30}), every, {4, 5});
        add(both_ways, {OutputKind::logits, OutputSteps::every}, {3, 8, 1});
        add(gru, every, {9, 2});
        add(dense, {OutputKind::argmax, OutputSteps::every}, {20});
        add(dense, {OutputKind::logits, OutputSteps::last}, {4, 6, 9});
        return made;
    }();
    return all;
}

enum class Trouble { none, error, soft_reset, reset_wire, nonsense };

/// Everything that is drawn.
struct PlatformCase {
    const Application* application = nullptr;
    AcceleratorParameters parameters;
    ProcessorPlan processor;
    AnswerStyle answers = AnswerStyle::waits;
    bool same_timing = false; ///< every burst takes the same time, as in `bru run`
    Cycle response_cycles = 0;
    double response_part = 0; ///< of the last of these cycles that it does not take
    Cycle most_response_cycles = 0;
    Cycle request_cycles = 0;
    Trouble trouble = Trouble::none;
    FailingRange failing;
    std::uint64_t reset_after_ticks = 0;
    std::uint64_t offset = 0; ///< of buffers
    std::uint32_t packet_vectors = 1;
    std::size_t steps_per_transfer = 1;

    bool one_clock() const { return parameters.dma_clock_period == sc_core::SC_ZERO_TIME; }
    const sc_core::sc_time& dma_period() const {
        return one_clock() ? parameters.clock_period : parameters.dma_clock_period;
    }
    /// Cycles of the core in which its beats arrive after the DMA has sent them (docs/driver.md).
    std::uint64_t drain_cycles() const {
        if (one_clock()) return 0;
        const auto of_dma_cycle = static_cast<std::uint64_t>(dma_period() / parameters.clock_period) + 1;
        return of_dma_cycle + static_cast<std::uint64_t>(parameters.crossing.stages + parameters.crossing.beats) + 5;
    }
};

void draw_memory(Draw& draw, PlatformCase& drawn) {
    drawn.answers = draw.pick<AnswerStyle>({AnswerStyle::waits, AnswerStyle::annotates, AnswerStyle::completes,
                                            AnswerStyle::early_end, AnswerStyle::late_end, AnswerStyle::response_only});
    drawn.response_cycles = static_cast<Cycle>(draw.between(1, 60));
    drawn.response_part = static_cast<double>(draw.between(0, 9)) / 10;
    drawn.most_response_cycles = drawn.response_cycles + static_cast<Cycle>(draw.between(1, 60));
    drawn.request_cycles = static_cast<Cycle>(draw.between(0, 5));
    const bool blocking = drawn.answers == AnswerStyle::waits || drawn.answers == AnswerStyle::annotates;
    const bool ahead = !blocking && draw.one_in(3);
    drawn.parameters.memory_transport = blocking ? MemoryTransport::blocking
                                        : ahead  ? MemoryTransport::sent_ahead
                                                 : MemoryTransport::non_blocking;
    const bool can_be_same =
        drawn.answers == AnswerStyle::completes || blocking || (drawn.answers == AnswerStyle::early_end && !ahead);
    drawn.same_timing = can_be_same && drawn.one_clock() && draw.one_in(2);
}

void draw_trouble(Draw& draw, PlatformCase& drawn) {
    drawn.trouble = draw.pick<Trouble>(
        {Trouble::none, Trouble::error, Trouble::soft_reset, Trouble::reset_wire, Trouble::nonsense});
    drawn.processor.has_reset_wire = drawn.trouble == Trouble::reset_wire;
    drawn.processor.reset_width = drawn.parameters.clock_period * (static_cast<double>(draw.between(1, 400)) / 20);
    drawn.reset_after_ticks = static_cast<std::uint64_t>(draw.between(1, 4000));
    const std::uint64_t buffer = draw.pick<std::uint64_t>({0x1000'0000, 0x2000'0000, 0x3000'0000, 0x3010'0000});
    drawn.failing.begin = buffer + static_cast<std::uint64_t>(draw.between(0, 400));
    drawn.failing.end = drawn.failing.begin + static_cast<std::uint64_t>(draw.between(1, 64));
    drawn.failing.status = draw.pick<tlm::tlm_response_status>(
        {tlm::TLM_GENERIC_ERROR_RESPONSE, tlm::TLM_ADDRESS_ERROR_RESPONSE, tlm::TLM_BURST_ERROR_RESPONSE});
}

PlatformCase draw_platform(std::uint64_t seed) {
    Draw draw(seed);
    PlatformCase drawn;
    drawn.application =
        applications()[static_cast<std::size_t>(draw.between(0, signed_size(applications()) - 1))].get();
    AcceleratorParameters& parameters = drawn.parameters;
    parameters.shape = shape_of_all();
    parameters.clock_period = sc_core::sc_time(draw.pick<double>({1, 3.3, 5, 5, 7.5, 10}), sc_core::SC_NS);
    if (draw.one_in(3)) {
        parameters.dma_clock_period = sc_core::sc_time(draw.pick<double>({1, 2.5, 4, 6.6, 10, 40}), sc_core::SC_NS);
        parameters.crossing.stages = draw.between(2, 4);
        parameters.crossing.beats = draw.between(16, 64);
    }
    parameters.dma.burst_beats = draw.between(1, 16);
    parameters.dma.outstanding_bursts = draw.between(1, 8);
    parameters.dma.fifo_beats = draw.between(parameters.dma.burst_beats, 600);
    parameters.dma.mm2s_latency_cycles = draw.between(1, 20);
    parameters.dma.s2mm_latency_cycles = draw.between(1, 60);
    parameters.dma.length_bits = draw.one_in(2) ? draw.between(8, 26) : draw.between(8, 11);
    parameters.dma.realigns = draw.one_in(4);
    drawn.offset = parameters.dma.realigns ? static_cast<std::uint64_t>(draw.between(0, 7)) : 0;
    drawn.processor.style =
        draw.pick<AccessStyle>({AccessStyle::blocking, AccessStyle::decoupled, AccessStyle::non_blocking});
    drawn.processor.quantum = sc_core::sc_time(static_cast<double>(draw.between(1, 10'000)), sc_core::SC_NS);
    drawn.processor.annotates = draw.one_in(2);
    drawn.processor.ends_in_call = draw.one_in(2);
    drawn.processor.access_cycles = static_cast<Cycle>(draw.between(1, 40));
    drawn.processor.interrupt_cycles = static_cast<Cycle>(draw.between(1, 300));
    drawn.processor.length_bits = narrow<unsigned>(parameters.dma.length_bits);
    drawn.packet_vectors = static_cast<std::uint32_t>(draw.between(1, 8));
    drawn.steps_per_transfer = static_cast<std::size_t>(draw.between(1, 25));
    draw_memory(draw, drawn);
    draw_trouble(draw, drawn);
    return drawn;
}

/// What a run of the software tells: values, and when it had loaded, selected and ended.
struct Told {
    Values values;
    std::vector<std::uint64_t> ticks;
    bru_counters counters = {};
};

class Program {
public:
    Program(const PlatformCase& drawn, const bru_port& port, const bru_addresses& addresses) : drawn_(drawn) {
        bru_initialise(&device_, &port, addresses);
        device_.timeout_ticks = kTimeoutTicks;
        device_.drain_ticks = drawn.drain_cycles();
        if (drawn.parameters.dma.realigns) device_.buffer_alignment = 1;
        REQUIRE(bru_identify(&device_) == BRU_OK);
        bru_enable(&device_);
    }

    bru_result load() {
        std::vector<std::uint64_t> memory(64);
        const bru_buffer staging = {memory.data(), 0x1000'0000 + drawn_.offset, memory.size() * kBeatBytes};
        const bru_result result = bru_load(&device_, &network_, &application().image, &staging);
        note_time();
        return result;
    }

    /// With the outputs in told().values.
    bru_result run() {
        bru_select(&device_, &network_, bru_packet_vectors(&device_, &application().image, drawn_.packet_vectors));
        Stream stream(application(), drawn_.steps_per_transfer, device_.packet_bytes, drawn_.offset);
        stream.stream.timeout_ticks = kTimeoutTicks;
        bru_start_counters(&device_);
        const bru_result result = bru_run(&device_, &network_, &stream.stream);
        bru_stop_counters(&device_);
        told_.values = stream.values;
        told_.counters = bru_read_counters(&device_);
        note_time();
        return result;
    }

    /// Starts a run, and resets core and DMA some ticks later, wherever they are by then.
    void break_off(std::uint64_t ticks) {
        bru_select(&device_, &network_, bru_packet_vectors(&device_, &application().image, drawn_.packet_vectors));
        Stream stream(application(), application().steps.size(), device_.packet_bytes, drawn_.offset);
        bru_buffer& input = stream.stream.inputs[0];
        const std::size_t bytes = stream.next_steps(static_cast<std::uint64_t*>(input.data), input.bytes);
        REQUIRE(bru_receive(&device_, &stream.stream.outputs[0], device_.packet_bytes) == BRU_OK);
        bru_start(&device_);
        REQUIRE(bru_send(&device_, &input, bytes) == BRU_OK);
        const std::uint64_t deadline = device_.port->now(device_.port->context) + ticks;
        bru_event event = {};
        while (bru_next_event(&device_, deadline, &event) == BRU_OK) {
        }
        REQUIRE(bru_reset(&device_) == BRU_OK);
    }

    /// A start with some fields that are none of the network's, and more such writes while it runs.
    void write_nonsense(Draw& draw) {
        bru_select(&device_, &network_, drawn_.packet_vectors);
        Stream stream(application(), application().steps.size(), device_.packet_bytes, drawn_.offset);
        const bru_buffer& input = stream.stream.inputs[0];
        const std::size_t bytes = stream.next_steps(static_cast<std::uint64_t*>(input.data), input.bytes);
        write_some(draw, draw.between(0, 3));
        bru_start(&device_);
        bru_send(&device_, &input, bytes);
        bru_receive(&device_, &stream.stream.outputs[0], device_.packet_bytes);
        write_some(draw, draw.between(1, 60));
        REQUIRE(bru_reset(&device_) == BRU_OK);
        bru_forget_networks(&device_);
    }

    bru_device& device() { return device_; }
    const Told& told() const { return told_; }
    void check_values() const { CHECK(told_.values == application().expected); }

private:
    /// Writes numbers of many sizes to registers of the core and of the DMA.
    void write_some(Draw& draw, std::int64_t count) {
        for (; count > 0; --count) {
            const std::int64_t field = 0x80 * draw.between(0, 3) + 4 * draw.between(0, 21);
            const auto address = draw.pick<std::int64_t>({reg::kDescriptor + field, reg::kDescriptor + field,
                                                          4 * draw.between(0, 10), 0x10000 + 4 * draw.between(0, 23)});
            const auto value = draw.pick<std::int64_t>({draw.between(0, 4), draw.between(0, 40), draw.between(0, 40),
                                                        draw.between(0, 70'000), 0x1000'0000, 0xFFFF'FFFF});
            device_.port->write32(device_.port->context, static_cast<std::uintptr_t>(address),
                                  static_cast<std::uint32_t>(value));
        }
    }
    const Application& application() const { return *drawn_.application; }
    void note_time() { told_.ticks.push_back(device_.port->now(device_.port->context)); }

    const PlatformCase& drawn_;
    bru_device device_ = {};
    bru_network network_ = {};
    Told told_;
};

struct Platform : sc_core::sc_module {
    Platform(const sc_core::sc_module_name& name, const PlatformCase& drawn, Draw& responses, const Software& software)
        : sc_module(name), accelerator("accelerator", drawn.parameters), memory("memory", drawn.answers),
          processor("processor", drawn.processor, CycleClock(drawn.parameters.clock_period), memory.bytes, software),
          control_checker("control_checker", [](const std::string& text) { FAIL_CHECK("control: " << text); }),
          memory_checker("memory_checker", [](const std::string& text) { FAIL_CHECK("memory: " << text); }) {
        processor.socket.bind(control_checker.from_initiator);
        control_checker.to_target.bind(accelerator.control);
        accelerator.memory.bind(memory_checker.from_initiator);
        memory_checker.to_target.bind(memory.socket);
        accelerator.core_interrupt(processor.core.signal);
        accelerator.mm2s_interrupt(processor.mm2s.signal);
        accelerator.s2mm_interrupt(processor.s2mm.signal);
        if (drawn.processor.has_reset_wire) accelerator.reset(processor.reset);
        const sc_core::sc_time period = drawn.dma_period();
        memory.request_time = period * static_cast<double>(drawn.request_cycles);
        memory.response_time = [&drawn, &responses, period] {
            const auto least = static_cast<std::int64_t>(drawn.response_cycles);
            const auto most = static_cast<std::int64_t>(drawn.most_response_cycles);
            const std::int64_t cycles = drawn.same_timing ? least : responses.between(least, most);
            return period * (static_cast<double>(cycles) - drawn.response_part);
        };
    }

    Accelerator accelerator;
    RandomMemory memory;
    RandomProcessor processor;
    ProtocolChecker<32> control_checker;
    ProtocolChecker<64> memory_checker;
};

/// Over all runs: that what a test is for has happened.
struct Happened {
    std::uint64_t compared = 0;
    std::uint64_t slave_errors = 0;
    std::uint64_t decode_errors = 0;
    std::uint64_t resets = 0;
    std::uint64_t nonsense = 0;
    std::uint64_t overtakings = 0;
    std::uint64_t transactions = 0;
};

/// Memory fails: the driver says so with the right error bit, and the channel stops.
void check_error(const PlatformCase& drawn, Program& program, Happened& happened) {
    const bool decode = drawn.failing.status == tlm::TLM_ADDRESS_ERROR_RESPONSE;
    bru_device& device = program.device();
    CHECK(device.dma_errors == (decode ? dma_reg::kDecodeError : dma_reg::kSlaveError));
    const bool reads = drawn.failing.begin < 0x3000'0000;
    const std::uint32_t status_register = 0x10000 + dma_reg::kStatus + (reads ? 0 : dma_reg::kS2mm);
    std::uint32_t status = 0;
    for (int poll = 0; poll < 200 && (status & dma_reg::kHalted) == 0; ++poll)
        status = device.port->read32(device.port->context, status_register);
    CHECK((status & dma_reg::kHalted) != 0);
    CHECK((status & dma_reg::kInterruptOnError) != 0);
    ++(decode ? happened.decode_errors : happened.slave_errors);
}

/// The software of a run, with its trouble.
void work(const PlatformCase& drawn, Program& program, RandomMemory& memory, Draw& draw, Happened& happened) {
    if (drawn.trouble == Trouble::error) memory.failing = drawn.failing;
    bru_result loaded = program.load();
    const bru_result result = loaded == BRU_OK ? program.run() : loaded;
    if (memory.failures == 0) {
        REQUIRE(result == BRU_OK);
        program.check_values();
    } else {
        REQUIRE(result == BRU_DMA_ERROR);
        check_error(drawn, program, happened);
        memory.failing.reset();
        REQUIRE(bru_reset(&program.device()) == BRU_OK);
    }
    if (drawn.trouble == Trouble::soft_reset || drawn.trouble == Trouble::reset_wire) {
        program.break_off(drawn.reset_after_ticks);
        ++happened.resets;
        if (drawn.trouble == Trouble::reset_wire) loaded = BRU_NEEDS_RESET;
    }
    if (drawn.trouble == Trouble::nonsense) {
        program.write_nonsense(draw);
        ++happened.nonsense;
        loaded = BRU_NEEDS_RESET; // beats of inputs may have gone to any memory
    }
    if (drawn.trouble == Trouble::none) return;
    if (loaded != BRU_OK) REQUIRE(program.load() == BRU_OK);
    REQUIRE(program.run() == BRU_OK);
    program.check_values();
}

/// The same software, parameters and costs in the system of `bru run`.
Told told_by_bru_run(const PlatformCase& drawn) {
    constexpr std::int64_t kCycleNs = 5;
    Configuration configuration;
    configuration.clock_mhz = configuration.dma_clock_mhz = 1000.0 / kCycleNs;
    configuration.shape = drawn.parameters.shape;
    configuration.dma = drawn.parameters.dma;
    configuration.ddr.latency_ns = kCycleNs * static_cast<std::int64_t>(drawn.response_cycles);
    configuration.ddr.bandwidth_mb_per_s = 1'000'000;
    configuration.ddr.refresh_interval_ns = 0;
    configuration.host.register_access_ns = kCycleNs * static_cast<std::int64_t>(drawn.processor.access_cycles);
    configuration.host.interrupt_latency_ns = kCycleNs * static_cast<std::int64_t>(drawn.processor.interrupt_cycles);
    Told told;
    const KernelScope kernel;
    const HostProgram host = [&](const bru_port& port, const bru_addresses& addresses) {
        Program program(drawn, port, addresses);
        REQUIRE(program.load() == BRU_OK);
        REQUIRE(program.run() == BRU_OK);
        told = program.told();
    };
    BruSystem system("bru", configuration, true, CoreKind::systemc, {host});
    sc_core::sc_start();
    if (system.failure()) std::rethrow_exception(system.failure());
    return told;
}

void check_cycles(const PlatformCase& drawn, const Told& told, Happened& happened) {
    const Told wanted = told_by_bru_run(drawn);
    CHECK(told.ticks == wanted.ticks);
    CHECK(std::equal(std::begin(told.counters.values), std::end(told.counters.values),
                     std::begin(wanted.counters.values)));
    ++happened.compared;
}

Told run_platform(const PlatformCase& drawn, std::uint64_t seed, Happened& happened) {
    Draw responses(~seed);
    Told told;
    {
        const KernelScope kernel;
        sc_core::sc_report_handler::set_actions("/bru/control_registers", sc_core::SC_DO_NOTHING); // starts refused
        RandomMemory* memory = nullptr;
        Platform platform("platform", drawn, responses, [&](const bru_port& port, const bru_addresses& addresses) {
            Program program(drawn, port, addresses);
            work(drawn, program, *memory, responses, happened);
            told = program.told();
        });
        memory = &platform.memory;
        sc_core::sc_start();
        if (platform.processor.failure) std::rethrow_exception(platform.processor.failure);
        CHECK(platform.processor.finished);
        happened.overtakings += platform.memory.overtakings;
        happened.transactions +=
            platform.control_checker.rules.transactions() + platform.memory_checker.rules.transactions();
    }
    return told;
}

} // namespace

TEST_CASE("1,000 random platforms: right outputs, cycles of bru run, errors told and mended, no rule broken") {
    Happened happened;
    const std::uint64_t checked_before = checked_transactions();
    for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
        CAPTURE(seed);
        const PlatformCase drawn = draw_platform(seed);
        const Told told = run_platform(drawn, seed, happened);
        if (drawn.same_timing && drawn.trouble == Trouble::none) check_cycles(drawn, told, happened);
    }
    INFO(happened.compared << " compared, " << happened.slave_errors << " slave errors, " << happened.decode_errors
                           << " decode errors, " << happened.resets << " resets, " << happened.nonsense
                           << " times nonsense, " << happened.overtakings << " overtakings, " << happened.transactions
                           << " transactions");
    CHECK(happened.compared > 30);
    CHECK(happened.slave_errors > 50);
    CHECK(happened.decode_errors > 20);
    CHECK(happened.resets > 300);
    CHECK(happened.nonsense > 100);
    CHECK(happened.overtakings > 1000);
    CHECK(checked_transactions() > checked_before + 10'000); // in the systems of `bru run`, too
}

TEST_CASE("the RTL core has the counters and the times of the SystemC core in random platforms") {
    if (rtl_shapes().empty()) return; // a build without the RTL
    constexpr std::uint64_t kRtlSeeds = 400;
    Happened happened;
    int compared = 0;
    for (std::uint64_t seed = 1; seed <= kRtlSeeds; ++seed) {
        CAPTURE(seed);
        PlatformCase drawn = draw_platform(seed);
        // Else the time of a burst depends on the order in which the two directions draw it.
        if (!drawn.same_timing || drawn.trouble != Trouble::none) continue;
        const Told wanted = run_platform(drawn, seed, happened);
        drawn.parameters.core = make_rtl_core;
        const Told told = run_platform(drawn, seed, happened);
        CHECK(told.ticks == wanted.ticks);
        CHECK(std::equal(std::begin(told.counters.values), std::end(told.counters.values),
                         std::begin(wanted.counters.values)));
        ++compared;
    }
    CHECK(compared > 10);
}
