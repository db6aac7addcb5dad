#include "platform/zynq_ps.hpp"

#include <utility>

#include "accelerator/control_port.hpp"
#include "base/integers.hpp"
#include "machine/registers.hpp"
#include "platform/platform_clocks.hpp"
#include "tlm/register_access.hpp"

namespace bru {

namespace {

constexpr std::size_t kStackBytes = 1 << 20; ///< an emulated processor needs more than SystemC's 64 KiB

} // namespace

ZynqPs::ZynqPs(const sc_core::sc_module_name& name, const Configuration& configuration, Memory& memory,
               SharedProcessor& processor, std::size_t task, HostProgram program)
    : sc_module(name), control_socket("control_socket"), core_interrupt("core_interrupt"),
      mm2s_interrupt("mm2s_interrupt"), s2mm_interrupt("s2mm_interrupt"), program_(std::move(program)), memory_(memory),
      processor_(processor), task_(task), clock_(platform_clocks(configuration).core),
      ticks_per_s_(static_cast<std::uint64_t>(configuration.clock_mhz * 1e6)),
      length_bits_(narrow<unsigned>(configuration.dma.length_bits)),
      access_cycles_(configuration.cycles(configuration.host.register_access_ns)),
      interrupt_cycles_(configuration.cycles(configuration.host.interrupt_latency_ns)) {
    SC_THREAD(software);
    set_stack_size(kStackBytes);
    SC_METHOD(note_core_interrupt);
    sensitive << core_interrupt.pos();
    dont_initialize();
}

/// Exceptions must not pass through the kernel, which would turn them into reports without their text's place.
void ZynqPs::software() {
    try {
        const bru_port port = make_port();
        program_(port, {0, kDmaRegisters, length_bits_});
    } catch (const sc_core::sc_unwind_exception&) {
        throw; // the kernel ends the thread
    } catch (...) {
        failure_ = std::current_exception();
    }
    processor_.task_ended(failure_ != nullptr);
}

/// What the driver calls. Caches are the copies of buffers that the simulator keeps outside the simulated memory; a
/// buffer without data has nothing to copy.
bru_port ZynqPs::make_port() {
    bru_port port = {};
    port.context = this;
    port.ticks_per_s = ticks_per_s_;
    port.read32 = [](void* self, std::uintptr_t address) { return static_cast<ZynqPs*>(self)->read(address); };
    port.write32 = [](void* self, std::uintptr_t address, std::uint32_t value) {
        static_cast<ZynqPs*>(self)->write(address, value);
    };
    port.clean = [](void* self, const bru_buffer* buffer, std::size_t bytes) {
        if (buffer->data != nullptr)
            static_cast<ZynqPs*>(self)->memory_.write(buffer->bus_address, buffer->data, bytes);
    };
    port.invalidate = [](void* self, const bru_buffer* buffer, std::size_t bytes) {
        static_cast<ZynqPs*>(self)->memory_.read(buffer->bus_address, buffer->data, bytes);
    };
    port.pending = [](void* self) { return static_cast<const ZynqPs*>(self)->pending(); };
    port.wait = [](void* self, std::uint64_t deadline) { return static_cast<ZynqPs*>(self)->wait_for_lines(deadline); };
    port.now = [](void* self) { return std::uint64_t{static_cast<const ZynqPs*>(self)->clock_.current_cycle()}; };
    return port;
}

std::uint32_t ZynqPs::pending() const {
    return (s2mm_interrupt.read() ? std::uint32_t{BRU_LINE_S2MM} : 0) |
           (mm2s_interrupt.read() ? std::uint32_t{BRU_LINE_MM2S} : 0) |
           (core_interrupt.read() && clock_.current_cycle() >= core_line_seen_from_ ? std::uint32_t{BRU_LINE_CORE} : 0);
}

std::uint32_t ZynqPs::wait_for_lines(std::uint64_t deadline) {
    const auto interrupts =
        core_interrupt.posedge_event() | mm2s_interrupt.posedge_event() | s2mm_interrupt.posedge_event();
    while (!any_line() && clock_.current_cycle() < deadline) {
        if (deadline == BRU_FOREVER)
            sc_core::wait(interrupts);
        else
            sc_core::wait(clock_.time_until(deadline), interrupts);
    }
    if (clock_.current_cycle() >= deadline) return 0;
    serve_latency();
    core_line_seen_from_ = 0; // it woke this task, or could have
    return pending();
}

void ZynqPs::serve_latency() {
    const Cycle begin = clock_.current_cycle();
    sc_core::wait(clock_.time_until(begin + interrupt_cycles_)); // other tasks may work meanwhile
    observers_.tell(&Observer::interrupt_served, begin, clock_.current_cycle());
}

void ZynqPs::write(std::uintptr_t address, std::uint32_t value) { access(address, tlm::TLM_WRITE_COMMAND, value); }

std::uint32_t ZynqPs::read(std::uintptr_t address) {
    std::uint32_t value = 0;
    access(address, tlm::TLM_READ_COMMAND, value);
    return value;
}

void ZynqPs::access(std::uintptr_t address, tlm::tlm_command command, std::uint32_t& value) {
    tlm::tlm_generic_payload payload;
    set_register_access(payload, command, address, value);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    const Cycle begin = clock_.current_cycle();
    const bool of_core = address < kDmaRegisters;
    const bool writes = command == tlm::TLM_WRITE_COMMAND;
    // The access takes effect when the time of an access is over.
    processor_.work(task_, access_cycles_, of_core && writes ? kWriteEffectCycles : 0);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    control_socket->b_transport(payload, delay);
    sc_core::wait(delay);
    RegisterAccess done;
    done.block = of_core ? RegisterBlock::core : RegisterBlock::dma;
    done.write = writes;
    done.offset = static_cast<std::uint32_t>(of_core ? address : address - kDmaRegisters);
    done.value = value;
    done.begin = begin;
    done.end = clock_.current_cycle();
    observers_.tell(&Observer::register_accessed, done);
}

} // namespace bru
