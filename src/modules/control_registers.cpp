#include "modules/control_registers.hpp"

#include <algorithm>
#include <cstring>

#include "base/integers.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "machine/register_check.hpp"
#include "machine/registers.hpp"
#include "machine/shape_registers.hpp"

namespace bru {

namespace {

// What the registers hold.
constexpr std::uint32_t kLoadTargetMask = 7;
constexpr std::uint32_t kDescriptorsMask = 63;
constexpr std::uint32_t kModeMask = 0x331;
constexpr std::uint32_t kInputMask = kInputOneHot | 0xFFFF;

} // namespace

ControlRegisters::ControlRegisters(const sc_core::sc_module_name& name, const CoreShape& shape, const CycleClock& clock)
    : sc_module(name), axi_lite_socket("axi_lite_socket"), interrupt("interrupt"), sequencer("sequencer"),
      shape_(shape), clock_(clock) {
    marks_.fill(true); // no descriptor was written yet
    axi_lite_socket.register_b_transport(this, &ControlRegisters::b_transport);
    SC_METHOD(serve_events);
    sensitive << service_event_;
    dont_initialize();
    SC_METHOD(take_writes);
    sensitive << write_event_;
    dont_initialize();
}

void ControlRegisters::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const auto offset = narrow<std::uint32_t>(payload.get_address());
    std::uint32_t value = 0;
    if (payload.get_data_length() != sizeof value) {
        payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
        return;
    }
    if (payload.is_write()) {
        std::memcpy(&value, payload.get_data_ptr(), sizeof value);
        writes_.push({offset, value});
        write_event_.notify(clock_.time_until_end(clock_.current_cycle() + kWriteEffectCycles));
    } else {
        value = read(offset);
        std::memcpy(payload.get_data_ptr(), &value, sizeof value);
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    delay += clock_.duration(payload.is_write() ? kWriteCycles : kReadCycles);
}

/// At the end of the cycle: behind all that is read in it.
void ControlRegisters::take_writes() {
    for (; !writes_.empty(); writes_.pop()) write(writes_.front().offset, writes_.front().value);
}

void ControlRegisters::write(std::uint32_t offset, std::uint32_t value) {
    if (offset >= reg::kDescriptor) {
        const std::uint32_t index = (offset - reg::kDescriptor) / reg::kDescriptorBytes;
        const std::uint32_t field = (offset - reg::kDescriptor) % reg::kDescriptorBytes / sizeof value;
        if (index >= kMaxDescriptors || field >= kDescriptorFields) return;
        marks_[index] = out_of_range(field, value, shape_) || (marks_[index] && field != 0);
        std::memcpy(reinterpret_cast<unsigned char*>(&registers_.descriptors[index]) + field * sizeof value, &value,
                    sizeof value);
        return;
    }
    switch (offset) {
    case reg::kControl: write_control(value); break;
    case reg::kInterruptEnable: interrupt_enable_ = value & 1; break;
    case reg::kInterruptStatus: interrupt_status_ &= ~value; break;
    case reg::kLoadTarget:
        registers_.load_target = static_cast<LoadTarget>(value & kLoadTargetMask);
        on_load_target();
        break;
    case reg::kLoadAddress: registers_.load_address = value & kMostLoadAddress; break;
    case reg::kDescriptors:
        registers_.descriptor_count = value & kDescriptorsMask;
        count_is_wrong_ = value == 0 || value > kMaxDescriptors;
        break;
    case reg::kMode: registers_.mode = value & kModeMask; break;
    case reg::kInput: registers_.input = value & kInputMask; break;
    case reg::kInputSlots: registers_.input_slots = value; break;
    case reg::kPacketVectors: registers_.packet_vectors = value; break; // 0 counts as 1
    default: break; // read-only and reserved addresses ignore writes
    }
    note_interrupt(clock_.current_cycle() + 1);
    if (interrupt_due() != interrupt.read()) service_event_.notify(sc_core::SC_ZERO_TIME);
}

void ControlRegisters::write_control(std::uint32_t value) {
    const Cycle now = clock_.current_cycle();
    if ((value & kControlCount) != 0) {
        counters_.fill(0);
        counting_ = true;
        count_start_ = now;
        sequencer->count_from(now);
    }
    if ((value & (kControlCount | kControlFreeze)) == kControlFreeze && counting_) {
        counting_ = false;
        const auto classes = sequencer->class_cycles(now);
        std::copy(classes.begin(), classes.end(), counters_.begin());
    }
    if ((value & kControlStart) != 0) start(now);
}

/// A start that cannot be is refused.
void ControlRegisters::start(Cycle now) {
    if ((started_ && !done_) || has_mistake()) {
        mistake(now + 1);
        return;
    }
    const std::string undefined = contradiction(registers_, shape_);
    if (!undefined.empty()) {
        const std::string text = undefined + "; the start is refused, where the RTL runs";
        // Not the macro: that names the source file in what is installed.
        sc_core::sc_report_handler::report(sc_core::SC_WARNING, "/bru/control_registers", text.c_str(), "", 0);
        mistake(now + 1);
        return;
    }
    started_ = true;
    done_ = false;
    run_registers_ = registers_;
    sequencer->start(now);
}

/// Whether a register or a descriptor that the run would use has a value that it cannot have.
bool ControlRegisters::has_mistake() const {
    constexpr std::uint32_t kNone = 3; // of the output kinds and of the output steps
    const bool mode = static_cast<std::uint32_t>(registers_.output_kind()) == kNone ||
                      static_cast<std::uint32_t>(registers_.output_steps()) == kNone;
    return mode || count_is_wrong_ ||
           std::any_of(marks_.begin(), marks_.begin() + registers_.descriptor_count,
                       [](bool marked) { return marked; });
}

std::uint32_t ControlRegisters::read(std::uint32_t offset) const {
    if (offset >= reg::kCounter && offset < reg::kCounter + 8 * reg::kCounters) {
        const std::uint64_t value = counters_[(offset - reg::kCounter) / 8];
        return static_cast<std::uint32_t>(offset % 8 == 0 ? value : value >> 32);
    }
    if (offset >= reg::kShape && offset < reg::kShape + 4 * reg::kShapeRegisters) {
        return shape_registers(shape_.shape)[(offset - reg::kShape) / 4];
    }
    switch (offset) {
    case reg::kStatus:
        return (sequencer->running(clock_.current_cycle()) ? kStatusRunning : 0) | (done_ ? kStatusDone : 0) |
               (clock_.current_cycle() >= error_from_ ? kStatusError : 0);
    case reg::kInterruptEnable: return interrupt_enable_;
    case reg::kInterruptStatus: return interrupt_status_;
    case reg::kLoadTarget: return static_cast<std::uint32_t>(registers_.load_target);
    case reg::kLoadAddress: return registers_.load_address;
    case reg::kDescriptors: return registers_.descriptor_count;
    case reg::kMode: return registers_.mode;
    case reg::kInput: return registers_.input;
    case reg::kInputSlots: return registers_.input_slots;
    case reg::kPacketVectors: return registers_.packet_vectors;
    case reg::kVersion: return kVersionValue;
    default: return 0;
    }
}

/// The descriptors lie in a memory, which a reset leaves alone.
void ControlRegisters::reset(Cycle until) {
    const auto descriptors = registers_.descriptors;
    registers_ = CoreRegisters();
    registers_.descriptors = descriptors;
    writes_ = {};
    write_event_.cancel();
    interrupt_enable_ = 0;
    interrupt_status_ = 0;
    done_ = false;
    started_ = false;
    count_is_wrong_ = true;
    error_from_ = kNever;
    last_transfers_ = {};
    finish_cycles_ = {};
    done_cycles_ = {};
    counting_ = false;
    count_start_ = until;
    counters_.fill(0);
    note_interrupt(clock_.current_cycle());
    service_event_.cancel();
    service_event_.notify(sc_core::SC_ZERO_TIME);
}

void ControlRegisters::header_accepted(Cycle cycle) {
    if (!counting_) return;
    if (counters_[kCounterSteps]++ == 0) counters_[kCounterFirstInput] = cycle - count_start_;
}

void ControlRegisters::output_transferred(Cycle cycle, bool last_of_run) {
    if (counting_) counters_[kCounterLastOutput] = cycle - count_start_;
    if (!last_of_run) return;
    last_transfers_.push(cycle);
    schedule_done();
}

void ControlRegisters::work_finished(Cycle cycle) {
    finish_cycles_.push(cycle);
    schedule_done();
}

/// Done: the last beat has left and the last chunk was issued.
void ControlRegisters::schedule_done() {
    if (last_transfers_.empty() || finish_cycles_.empty()) return;
    done_cycles_.push(std::max(last_transfers_.front(), finish_cycles_.front()) + 1);
    last_transfers_.pop();
    finish_cycles_.pop();
    if (done_cycles_.size() == 1) service_event_.notify(clock_.time_until(done_cycles_.front()));
}

/// The only process that writes the interrupt.
void ControlRegisters::serve_events() {
    const Cycle now = clock_.current_cycle();
    if (!done_cycles_.empty() && done_cycles_.front() <= now) {
        done_cycles_.pop();
        done_ = true;
        interrupt_status_ |= 1;
        note_interrupt(now);
    }
    interrupt.write(interrupt_due());
    if (!done_cycles_.empty()) service_event_.notify(clock_.time_until(done_cycles_.front()));
}

/// The port changes at once; a waveform shows a register's new value in the cycle after the write.
void ControlRegisters::note_interrupt(Cycle visible_from) {
    const bool high = interrupt_due();
    if (high == interrupt_high_) return;
    if (!high) observers_.tell(&Observer::core_interrupt_was_high, interrupt_from_, visible_from);
    interrupt_high_ = high;
    interrupt_from_ = visible_from;
}

void ControlRegisters::finish_observation(Observer& observer, Cycle end) const {
    if (interrupt_high_) observer.core_interrupt_was_high(interrupt_from_, end);
}

} // namespace bru
