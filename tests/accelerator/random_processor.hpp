// A processor that runs software over a port of the driver, as a test draws it: plain b_transport, decoupled from the
// kernel, or nb_transport. An access and an interrupt take as long as those of `bru run`.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <utility>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include "accelerator/control_port.hpp"
#include "driver/bru.h"
#include "machine/cycle.hpp"
#include "machine/registers.hpp"
#include "platform/ddr_memory.hpp"
#include "tlm/cycle_time.hpp"
#include "tlm/register_access.hpp"

namespace bru::test {

enum class AccessStyle { blocking, decoupled, non_blocking };

/// An interrupt line as software sees it: what it was when the present time began.
class SampledLine : public sc_core::sc_module {
public:
    SC_HAS_PROCESS(SampledLine);
    explicit SampledLine(const sc_core::sc_module_name& name) : sc_module(name), signal("signal") {
        SC_METHOD(note);
        sensitive << signal;
        dont_initialize();
    }
    bool at_begin() const { return changed_ == sc_core::sc_time_stamp() ? before_ : signal.read(); }
    sc_core::sc_signal<bool> signal;

private:
    void note() {
        if (changed_ != sc_core::sc_time_stamp()) before_ = !signal.read();
        changed_ = sc_core::sc_time_stamp();
    }
    sc_core::sc_time changed_ = sc_core::sc_max_time();
    bool before_ = false;
};

struct ProcessorPlan {
    AccessStyle style = AccessStyle::blocking;
    sc_core::sc_time quantum;     ///< decoupled
    bool annotates = false;       ///< non_blocking: the time up to an access is a delay of BEGIN_REQ
    bool ends_in_call = false;    ///< non_blocking: END_RESP is returned and not sent
    Cycle access_cycles = 1;      ///< until an access takes effect
    Cycle interrupt_cycles = 1;   ///< from a line to the software
    bool has_reset_wire = false;  ///< the port has a reset, which pulses `reset`
    sc_core::sc_time reset_width; ///< of that pulse
    unsigned length_bits = 23;
};

using Software = std::function<void(const bru_port&, const bru_addresses&)>;

struct RandomProcessor : sc_core::sc_module {
    SC_HAS_PROCESS(RandomProcessor);
    RandomProcessor(const sc_core::sc_module_name& name, const ProcessorPlan& wanted, const CycleClock& time_base,
                    SparseMemory& bytes, Software runs)
        : sc_module(name), socket("socket"), core("core"), mm2s("mm2s"), s2mm("s2mm"), reset("reset"), plan(wanted),
          clock_(time_base), memory_(bytes), software_(std::move(runs)) {
        socket.register_nb_transport_bw(this, &RandomProcessor::nb_transport_bw);
        SC_THREAD(run);
        set_stack_size(1 << 20);
    }

    tlm_utils::simple_initiator_socket<RandomProcessor, 32> socket;
    SampledLine core;
    SampledLine mm2s;
    SampledLine s2mm;
    sc_core::sc_signal<bool> reset;
    ProcessorPlan plan;
    std::exception_ptr failure = nullptr;
    bool finished = false;

private:
    /// Lives until nobody holds it.
    struct Access : tlm::tlm_generic_payload, private tlm::tlm_mm_interface {
        Access(tlm::tlm_command command, std::uint64_t address, std::uint32_t written)
            : tlm_generic_payload(this), value(written) {
            set_register_access(*this, command, address, value);
        }
        std::uint32_t value;

    private:
        void free(tlm::tlm_generic_payload*) override { delete this; }
    };

    void run() {
        tlm_utils::tlm_quantumkeeper::set_global_quantum(plan.quantum);
        keeper_.reset();
        try {
            const bru_port port = make_port();
            software_(port, {0, 0x10000, plan.length_bits});
            finished = true;
            sc_core::wait(sc_core::sc_time(1, sc_core::SC_US)); // until the target lets go of the last access
        } catch (const sc_core::sc_unwind_exception&) {
            throw; // the kernel ends the thread
        } catch (...) {
            failure = std::current_exception();
        }
        sc_core::sc_stop();
    }

    bru_port make_port() {
        bru_port port = {};
        port.context = this;
        port.ticks_per_s = 200'000'000;
        port.read32 = [](void* self, std::uintptr_t address) {
            return static_cast<RandomProcessor*>(self)->access(tlm::TLM_READ_COMMAND, address, 0);
        };
        port.write32 = [](void* self, std::uintptr_t address, std::uint32_t value) {
            static_cast<RandomProcessor*>(self)->access(tlm::TLM_WRITE_COMMAND, address, value);
        };
        port.clean = [](void* self, const bru_buffer* buffer, std::size_t bytes) {
            static_cast<RandomProcessor*>(self)->memory_.write(buffer->bus_address, buffer->data, bytes);
        };
        port.invalidate = [](void* self, const bru_buffer* buffer, std::size_t bytes) {
            static_cast<RandomProcessor*>(self)->memory_.read(buffer->bus_address, buffer->data, bytes);
        };
        port.pending = [](void* self) { return static_cast<RandomProcessor*>(self)->lines(); };
        port.wait = [](void* self, std::uint64_t deadline) {
            return static_cast<RandomProcessor*>(self)->sleep(deadline);
        };
        port.now = [](void* self) { return static_cast<RandomProcessor*>(self)->now(); };
        if (plan.has_reset_wire) port.reset = [](void* self) { static_cast<RandomProcessor*>(self)->pulse_reset(); };
        return port;
    }

    std::uint64_t now() const { return keeper_.get_current_time().value() / clock_.ticks_per_cycle(); }

    std::uint32_t access(tlm::tlm_command command, std::uint64_t address, std::uint32_t written) {
        Access& payload = *new Access(command, address, written);
        payload.acquire();
        const bool writes_core = command == tlm::TLM_WRITE_COMMAND && address < kDmaRegisters;
        // As the processor of `bru run`: an access takes effect when its cycles are over.
        const sc_core::sc_time before = clock_.duration(plan.access_cycles - (writes_core ? kWriteEffectCycles : 0));
        switch (plan.style) {
        case AccessStyle::blocking: {
            sc_core::wait(before);
            sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
            socket->b_transport(payload, delay);
            sc_core::wait(delay);
            break;
        }
        case AccessStyle::decoupled: {
            keeper_.inc(before);
            sc_core::sc_time delay = keeper_.get_local_time();
            socket->b_transport(payload, delay);
            keeper_.set(delay);
            if (keeper_.need_sync()) keeper_.sync();
            break;
        }
        case AccessStyle::non_blocking: access_in_phases(payload, before); break;
        }
        const std::uint32_t value = payload.value;
        const bool right = payload.is_response_ok();
        payload.release();
        if (!right) throw std::runtime_error("bus error");
        return value;
    }

    void access_in_phases(Access& payload, const sc_core::sc_time& before) {
        sc_core::sc_time delay = before;
        if (!plan.annotates) {
            sc_core::wait(before);
            delay = sc_core::SC_ZERO_TIME;
        }
        responded_ = false;
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        const tlm::tlm_sync_enum answer = socket->nb_transport_fw(payload, phase, delay);
        if (answer == tlm::TLM_COMPLETED) return sc_core::wait(delay);
        if (answer == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP) {
            sc_core::wait(delay);
            responded_ = true;
        }
        while (!responded_) sc_core::wait(response_);
        if (plan.ends_in_call) return;
        phase = tlm::END_RESP;
        delay = sc_core::SC_ZERO_TIME;
        socket->nb_transport_fw(payload, phase, delay);
    }
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
        responded_ = true;
        response_.notify(delay);
        if (!plan.ends_in_call) return tlm::TLM_ACCEPTED;
        phase = tlm::END_RESP;
        return tlm::TLM_UPDATED;
    }

    std::uint32_t lines() {
        keeper_.sync();
        return (s2mm.at_begin() ? std::uint32_t{BRU_LINE_S2MM} : 0) |
               (mm2s.at_begin() ? std::uint32_t{BRU_LINE_MM2S} : 0) |
               (core.at_begin() ? std::uint32_t{BRU_LINE_CORE} : 0);
    }
    bool any_line() const { return core.signal.read() || mm2s.signal.read() || s2mm.signal.read(); }

    std::uint32_t sleep(std::uint64_t deadline) {
        keeper_.sync();
        const auto interrupts = core.signal.posedge_event() | mm2s.signal.posedge_event() | s2mm.signal.posedge_event();
        while (!any_line() && now() < deadline) {
            if (deadline == BRU_FOREVER)
                sc_core::wait(interrupts);
            else
                sc_core::wait(clock_.time_until(deadline), interrupts);
            keeper_.reset();
        }
        if (now() >= deadline) return 0;
        sc_core::wait(clock_.time_until(now() + plan.interrupt_cycles));
        keeper_.reset();
        return lines();
    }

    void pulse_reset() {
        keeper_.sync();
        reset.write(true);
        sc_core::wait(plan.reset_width);
        reset.write(false);
        sc_core::wait(clock_.duration(1));
        keeper_.reset();
    }

    CycleClock clock_;
    SparseMemory& memory_;
    Software software_;
    tlm_utils::tlm_quantumkeeper keeper_;
    sc_core::sc_event response_;
    bool responded_ = false;
};

} // namespace bru::test
