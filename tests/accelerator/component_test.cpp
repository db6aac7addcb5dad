// Is bru::Accelerator a component that a platform of a user's own can bind: whatever its memory, with a decoupled
// processor, and with every access that a bus may make?
#include "support/catch.hpp"

#include <cstring>
#include <functional>

#include <tlm_utils/peq_with_get.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "accelerator/accelerator.hpp"
#include "accelerator/control_port.hpp"
#include "machine/dma_registers.hpp"
#include "machine/registers.hpp"
#include "rtl_core/rtl_core.hpp"
#include "support/protocol_checker.hpp"
#include "support/test_kernel.hpp"
#include "tlm/register_access.hpp"

using namespace bru;
using namespace bru::test;
using sc_core::sc_time;

namespace {

enum class MemoryStyle { waits, annotates, four_phases, four_phases_ahead, completes, completes_ahead };
constexpr MemoryStyle kStyles[] = {MemoryStyle::waits,       MemoryStyle::annotates,
                                   MemoryStyle::four_phases, MemoryStyle::four_phases_ahead,
                                   MemoryStyle::completes,   MemoryStyle::completes_ahead};

const sc_time kResponse(150, sc_core::SC_NS);
constexpr std::uint64_t kMemoryEnd = 0x10000;

/// 64 KB that answer every burst 150 ns after its request, each style in its own way.
struct UserMemory : sc_core::sc_module {
    SC_HAS_PROCESS(UserMemory);
    UserMemory(const sc_core::sc_module_name& name, MemoryStyle wanted)
        : sc_module(name), socket("socket"), style(wanted), queue("queue"), data(kMemoryEnd) {
        socket.register_b_transport(this, &UserMemory::b_transport);
        socket.register_nb_transport_fw(this, &UserMemory::nb_transport_fw);
        SC_METHOD(respond);
        sensitive << queue.get_event();
        dont_initialize();
    }
    void access(tlm::tlm_generic_payload& payload) {
        const std::uint64_t address = payload.get_address();
        if (address + payload.get_data_length() > kMemoryEnd) {
            payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
            return;
        }
        unsigned char* const place = data.data() + address;
        if (payload.is_read()) std::memcpy(payload.get_data_ptr(), place, payload.get_data_length());
        if (payload.is_write()) std::memcpy(place, payload.get_data_ptr(), payload.get_data_length());
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
    void b_transport(tlm::tlm_generic_payload& payload, sc_time& delay) {
        access(payload);
        if (style == MemoryStyle::waits)
            sc_core::wait(kResponse);
        else
            delay += kResponse;
    }
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_time& delay) {
        if (phase == tlm::END_RESP) return tlm::TLM_COMPLETED;
        if (style == MemoryStyle::completes || style == MemoryStyle::completes_ahead) {
            access(payload);
            delay += kResponse;
            return tlm::TLM_COMPLETED;
        }
        queue.notify(payload, delay + kResponse);
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
    }
    void respond() {
        while (tlm::tlm_generic_payload* const payload = queue.get_next_transaction()) {
            access(*payload);
            tlm::tlm_phase phase = tlm::BEGIN_RESP;
            sc_time delay = sc_core::SC_ZERO_TIME;
            socket->nb_transport_bw(*payload, phase, delay);
        }
    }

    tlm_utils::simple_target_socket<UserMemory, 64> socket;
    MemoryStyle style;
    tlm_utils::peq_with_get<tlm::tlm_generic_payload> queue;
    std::vector<unsigned char> data;
};

/// An access of one register.
struct Word : tlm::tlm_generic_payload {
    Word(tlm::tlm_command command, std::uint64_t address, std::uint32_t& value) {
        set_register_access(*this, command, address, value);
    }
};

Shape small_shape() {
    Shape shape;
    shape.weight_words = shape.scale_words = shape.bias_words = shape.state_words = shape.cell_words =
        shape.input_words = 64;
    return shape;
}

struct Platform : sc_core::sc_module {
    SC_HAS_PROCESS(Platform);
    Platform(const sc_core::sc_module_name& name, MemoryStyle style, std::function<void(Platform&)> program,
             const CoreFactory& core, bool realigns, const sc_time& dma_period)
        : sc_module(name), cpu("cpu"), memory("memory", style),
          accelerator("accelerator", parameters(style, core, realigns, dma_period)),
          control_checker("control_checker", [](const std::string& text) { FAIL_CHECK("control: " << text); }),
          memory_checker("memory_checker", [](const std::string& text) { FAIL_CHECK("memory: " << text); }),
          software_(std::move(program)) {
        cpu.bind(control_checker.from_initiator);
        control_checker.to_target.bind(accelerator.control);
        accelerator.memory.bind(memory_checker.from_initiator);
        memory_checker.to_target.bind(memory.socket);
        accelerator.core_interrupt(core_line);
        accelerator.mm2s_interrupt(mm2s_line);
        accelerator.s2mm_interrupt(s2mm_line);
        accelerator.reset(reset_line);
        SC_THREAD(run);
    }
    static AcceleratorParameters parameters(MemoryStyle style, const CoreFactory& core, bool realigns,
                                            const sc_time& dma_period) {
        AcceleratorParameters result;
        result.dma_clock_period = dma_period;
        result.core = core;
        result.dma.realigns = realigns;
        result.shape = small_shape();
        result.memory_transport = transport(style);
        return result;
    }
    static MemoryTransport transport(MemoryStyle style) {
        switch (style) {
        case MemoryStyle::four_phases:
        case MemoryStyle::completes: return MemoryTransport::non_blocking;
        case MemoryStyle::four_phases_ahead:
        case MemoryStyle::completes_ahead: return MemoryTransport::sent_ahead;
        case MemoryStyle::waits:
        case MemoryStyle::annotates: break;
        }
        return MemoryTransport::blocking;
    }
    tlm::tlm_response_status access(tlm::tlm_generic_payload& payload, sc_time& delay) {
        payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        cpu->b_transport(payload, delay);
        return payload.get_response_status();
    }
    void write(std::uint64_t address, std::uint32_t value) {
        Word payload(tlm::TLM_WRITE_COMMAND, address, value);
        sc_time delay = sc_core::SC_ZERO_TIME;
        CHECK(access(payload, delay) == tlm::TLM_OK_RESPONSE);
        sc_core::wait(delay);
    }
    std::uint32_t read(std::uint64_t address) {
        std::uint32_t value = 0;
        Word payload(tlm::TLM_READ_COMMAND, address, value);
        sc_time delay = sc_core::SC_ZERO_TIME;
        CHECK(access(payload, delay) == tlm::TLM_OK_RESPONSE);
        sc_core::wait(delay);
        return value;
    }
    /// Loads `bytes` from memory into the state memory, and returns the time that it took.
    sc_time load(std::uint64_t address, std::uint32_t bytes, LoadTarget target = LoadTarget::state) {
        write(reg::kLoadAddress, 0);
        write(reg::kLoadTarget, static_cast<std::uint32_t>(target));
        write(kDmaRegisters + dma_reg::kControl, dma_reg::kRun | dma_reg::kInterrupts);
        write(kDmaRegisters + dma_reg::kAddress, static_cast<std::uint32_t>(address));
        const auto begin = sc_core::sc_time_stamp().value();
        write(kDmaRegisters + dma_reg::kLength, bytes);
        if (!mm2s_line.read()) sc_core::wait(mm2s_line.posedge_event());
        return sc_time::from_value(sc_core::sc_time_stamp().value() - begin);
    }
    void run() {
        software_(*this);
        finished = true;
    }

    tlm_utils::simple_initiator_socket<Platform, 32> cpu;
    UserMemory memory;
    Accelerator accelerator;
    ProtocolChecker<32> control_checker;
    ProtocolChecker<64> memory_checker;
    sc_core::sc_signal<bool> core_line;
    sc_core::sc_signal<bool> mm2s_line;
    sc_core::sc_signal<bool> s2mm_line;
    sc_core::sc_signal<bool> reset_line;
    bool finished = false;

private:
    std::function<void(Platform&)> software_;
};

void run_program(MemoryStyle style, std::function<void(Platform&)> program, const CoreFactory& core = make_systemc_core,
                 bool realigns = false, const sc_time& dma_period = sc_core::SC_ZERO_TIME) {
    const TestKernel kernel;
    Platform platform("platform", style, std::move(program), core, realigns, dma_period);
    sc_core::sc_start(sc_time(1, sc_core::SC_MS));
    CHECK(platform.finished);
}

} // namespace

TEST_CASE("a transfer takes the same time from a memory that waits, that annotates and that has four phases") {
    for (const MemoryStyle style : kStyles)
        run_program(style, [](Platform& platform) {
            // LENGTH in cycle c; request in c + 2, answer 30 cycles later, 6 to TVALID; 16 beats; a cycle to the
            // interrupt.
            CHECK(platform.load(0x1000, 128) == sc_time(5.0 * (2 + 30 + 6 + 16), sc_core::SC_NS));
            CHECK(platform.read(kDmaRegisters + dma_reg::kStatus) == 0x1002);
        });
}

TEST_CASE("registers of the DMA can be written while memory has bursts of the other channel") {
    for (const MemoryStyle style : kStyles)
        run_program(style, [](Platform& platform) {
            platform.write(kDmaRegisters + dma_reg::kControl, dma_reg::kRun);
            platform.write(kDmaRegisters + dma_reg::kLength, 128);
            sc_core::wait(sc_time(20, sc_core::SC_NS));
            platform.write(kDmaRegisters + dma_reg::kS2mm + dma_reg::kAddress, 0x1230); // memory answers 150 ns later
            CHECK(platform.read(kDmaRegisters + dma_reg::kS2mm + dma_reg::kAddress) == 0x1230);
            CHECK((platform.read(kDmaRegisters + dma_reg::kControl) & dma_reg::kReset) == 0);
        });
}

TEST_CASE("memory without the address stops the DMA with a decode error; a soft reset makes it work again") {
    for (const MemoryStyle style : kStyles)
        run_program(style, [](Platform& platform) {
            platform.load(kMemoryEnd - 128, 512);
            CHECK((platform.read(kDmaRegisters + dma_reg::kStatus) & ~1U) == 0x4040);
            sc_core::wait(sc_time(1, sc_core::SC_US));
            CHECK(platform.read(kDmaRegisters + dma_reg::kStatus) == 0x4041);
            platform.write(kDmaRegisters + dma_reg::kControl, dma_reg::kReset);
            while ((platform.read(kDmaRegisters + dma_reg::kControl) & dma_reg::kReset) != 0) {
            }
            CHECK(platform.read(kDmaRegisters + dma_reg::kStatus) == 1);
            platform.load(0, 128);
            CHECK(platform.read(kDmaRegisters + dma_reg::kStatus) == 0x1002);
        });
}

TEST_CASE("a reset in the middle of a load leaves core and DMA as new, and the next load takes its time") {
    std::vector<CoreFactory> cores = {make_systemc_core};
    if (!rtl_shapes().empty()) cores.push_back(make_rtl_core);
    for (const CoreFactory& core : cores)
        for (const MemoryStyle style : kStyles)
            run_program(
                style,
                [](Platform& platform) {
                    const sc_time undisturbed = platform.load(0x1000, 128);
                    platform.write(kDmaRegisters + dma_reg::kStatus, dma_reg::kInterrupts);
                    platform.write(reg::kPacketVectors, 7);
                    platform.write(kDmaRegisters + dma_reg::kLength, 896); // to the end of the memory
                    sc_core::wait(sc_time(333, sc_core::SC_NS));
                    platform.reset_line.write(true);
                    sc_core::wait(sc_time(3, sc_core::SC_NS));
                    platform.reset_line.write(false);
                    CHECK(platform.read(kDmaRegisters + dma_reg::kStatus) == dma_reg::kHalted);
                    CHECK(platform.read(reg::kPacketVectors) == 1);
                    sc_core::wait(sc_time(1, sc_core::SC_US)); // memory answers the bursts from before
                    CHECK((platform.read(kDmaRegisters + dma_reg::kControl) & dma_reg::kReset) == 0);
                    CHECK_FALSE(platform.mm2s_line.read());
                    CHECK(platform.load(0x1000, 128) == undisturbed);
                },
                core);
}

TEST_CASE("words of a load behind the end of a memory have no effect") {
    run_program(MemoryStyle::annotates, [](Platform& platform) {
        for (const LoadTarget target : {LoadTarget::weights, LoadTarget::scales, LoadTarget::biases, LoadTarget::tables,
                                        LoadTarget::state, LoadTarget::cell}) {
            platform.load(0, 0xF000, target);
            CHECK(platform.read(kDmaRegisters + dma_reg::kStatus) == 0x1002);
            platform.write(kDmaRegisters + dma_reg::kStatus, dma_reg::kInterrupts);
        }
    });
}

TEST_CASE("parameters outside their range are refused by name") {
    const auto refusal = [](const std::function<void(AcceleratorParameters&)>& change) -> std::string {
        const TestKernel kernel;
        AcceleratorParameters parameters;
        parameters.shape = small_shape();
        change(parameters);
        try {
            const Accelerator accelerator("accelerator", parameters);
        } catch (const std::invalid_argument& error) {
            return error.what();
        }
        return "";
    };
    CHECK(refusal([](AcceleratorParameters& p) { p.shape.weight_words = kAuto; }) ==
          "bru::AcceleratorParameters: shape.weight_words is 0; choose a value from 1 to 4194304");
    CHECK(refusal([](AcceleratorParameters& p) { p.shape.update_width = 3; }).find("update_width is 3") !=
          std::string::npos);
    CHECK(refusal([](AcceleratorParameters& p) { p.dma.length_bits = 27; }).find("length_bits is 27") !=
          std::string::npos);
    CHECK(refusal([](AcceleratorParameters& p) { p.core = nullptr; }).find("core makes no core") != std::string::npos);
    CHECK(refusal([](AcceleratorParameters&) {}).empty());
}

TEST_CASE("a buffer between beats is refused without the realignment engine, and read right with it") {
    for (const bool realigns : {false, true})
        for (const MemoryStyle style : kStyles)
            run_program(
                style,
                [realigns](Platform& platform) {
                    platform.load(0x1003, 128);
                    const std::uint32_t status = platform.read(kDmaRegisters + dma_reg::kStatus);
                    CHECK(status == (realigns ? 0x1002U : dma_reg::kInterruptOnError | dma_reg::kInternalError | 1U));
                },
                make_systemc_core, realigns);
}

TEST_CASE("an annotated delay counts, and an access takes effect at a clock edge") {
    run_program(MemoryStyle::annotates, [](Platform& platform) {
        std::uint32_t value = 0;
        Word payload(tlm::TLM_READ_COMMAND, reg::kVersion, value);
        sc_time delay(10'003, sc_core::SC_NS);
        CHECK(platform.access(payload, delay) == tlm::TLM_OK_RESPONSE);
        CHECK(value == kVersionValue);
        CHECK(sc_core::sc_time_stamp() + delay == sc_time(10'010, sc_core::SC_NS)); // edge in 10,005, one cycle
    });
}

TEST_CASE("an access of a register of the core crosses to the core's clock and back, and one of the DMA does not") {
    // The core has 5 ns, the DMA 4 ns. The access enters the crossing in cycle 3 of the DMA (12 ns); the Gray code
    // changes at 20 ns, where the core has edge 4. It samples with edge 5, and the sixth of its edges is edge 10: 50
    // ns. The response is in cycle 11 of the core; the Gray code changes at 65 ns, the first edge of the DMA behind it
    // is 68 ns, and the sixth is 88 ns.
    const auto program = [](Platform& platform) {
        std::uint32_t value = 0;
        Word payload(tlm::TLM_READ_COMMAND, reg::kVersion, value);
        sc_time delay(9, sc_core::SC_NS);
        CHECK(platform.access(payload, delay) == tlm::TLM_OK_RESPONSE);
        CHECK(value == kVersionValue);
        CHECK(platform.accelerator.last_core_access() == 10);
        CHECK(sc_core::sc_time_stamp() + delay == sc_time(88, sc_core::SC_NS));
        sc_core::wait(delay);
        Word of_dma(tlm::TLM_READ_COMMAND, kDmaRegisters, value);
        delay = sc_time(1, sc_core::SC_NS);
        CHECK(platform.access(of_dma, delay) == tlm::TLM_OK_RESPONSE);
        CHECK(sc_core::sc_time_stamp() + delay == sc_time(96, sc_core::SC_NS)); // edge in 92, one cycle
    };
    const sc_time dma_period(4, sc_core::SC_NS);
    run_program(MemoryStyle::annotates, program, make_systemc_core, false, dma_period);
    if (!rtl_shapes().empty()) run_program(MemoryStyle::annotates, program, make_rtl_core, false, dma_period);
}

TEST_CASE("with a clock of its own, the DMA's transfers take its cycles") {
    for (const MemoryStyle style : kStyles)
        run_program(
            style,
            [](Platform& platform) {
                // LENGTH in cycle c; request in c + 2, answer 150 ns or 38 cycles later, 6 to TVALID; 16 beats
                // go into the FIFO; a cycle to the interrupt.
                CHECK(platform.load(0x1000, 128) == sc_time(4.0 * (2 + 38 + 6 + 16), sc_core::SC_NS));
            },
            make_systemc_core, false, sc_time(4, sc_core::SC_NS));
}

TEST_CASE("accesses that are not one register are answered as the base protocol says") {
    run_program(MemoryStyle::annotates, [](Platform& platform) {
        const auto answer = [&](const std::function<void(tlm::tlm_generic_payload&)>& change) {
            std::uint32_t value = 5;
            Word payload(tlm::TLM_WRITE_COMMAND, reg::kLoadAddress, value);
            change(payload);
            sc_time delay = sc_core::SC_ZERO_TIME;
            return platform.access(payload, delay);
        };
        unsigned char enables = 0xFF;
        for (const std::uint64_t address : {0x15ULL, 0x2000ULL, 0xFFFCULL, 0x10060ULL, 0xFFFF'FFFF'FFFF'FFFCULL})
            CHECK(answer([&](auto& p) { p.set_address(address); }) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
        CHECK(answer([&](auto& p) {
                  p.set_byte_enable_ptr(&enables);
                  p.set_byte_enable_length(1);
              }) == tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        CHECK(answer([](auto& p) { p.set_data_length(2); }) == tlm::TLM_BURST_ERROR_RESPONSE);
        CHECK(answer([](auto& p) { p.set_data_length(8); }) == tlm::TLM_BURST_ERROR_RESPONSE);
        CHECK(answer([](auto& p) { p.set_streaming_width(2); }) == tlm::TLM_BURST_ERROR_RESPONSE);
        CHECK(answer([](auto& p) { p.set_command(tlm::TLM_IGNORE_COMMAND); }) == tlm::TLM_OK_RESPONSE);
        CHECK(answer([](auto& p) { // no bytes, as the standard writes a transfer of none
                  p.set_command(tlm::TLM_IGNORE_COMMAND);
                  p.set_data_ptr(nullptr);
                  p.set_data_length(0);
              }) == tlm::TLM_OK_RESPONSE);
        CHECK(platform.read(reg::kLoadAddress) == 0);
    });
}

TEST_CASE("debug reads see registers, debug writes and direct memory access are refused") {
    run_program(MemoryStyle::annotates, [](Platform& platform) {
        std::uint32_t value = 0;
        Word payload(tlm::TLM_READ_COMMAND, reg::kVersion, value);
        CHECK(platform.cpu->transport_dbg(payload) == 4);
        CHECK(value == kVersionValue);
        payload.set_address(kDmaRegisters + dma_reg::kStatus);
        CHECK(platform.cpu->transport_dbg(payload) == 4);
        CHECK(value == dma_reg::kHalted);
        payload.set_command(tlm::TLM_WRITE_COMMAND);
        CHECK(platform.cpu->transport_dbg(payload) == 0);
        tlm::tlm_dmi dmi;
        CHECK_FALSE(platform.cpu->get_direct_mem_ptr(payload, dmi));
        CHECK_FALSE(payload.is_dmi_allowed());
    });
}
