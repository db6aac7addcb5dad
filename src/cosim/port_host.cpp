#include "cosim/port_host.hpp"

#include "machine/descriptor.hpp"
#include "machine/registers.hpp"

namespace bru {

namespace {

constexpr int kLongestPause = 6;
constexpr int kLongestStall = 3000;           ///< of the receiver: longer than it takes to fill every FIFO
constexpr std::uint32_t kReadableEnd = 0x100; ///< registers; reserved addresses lie among and beyond them

} // namespace

PortHost::PortHost(const PortScript& script, const PortTraffic& traffic, std::uint64_t seed)
    : script_(script), traffic_(traffic), engine_(seed) {}

const CoreInputs& PortHost::drive() {
    ++cycle_;
    presets_ = count_began_ && traffic_.presets_counters;
    count_began_ = false;
    if (cycles_to_reset_ > 0 && --cycles_to_reset_ == 0) {
        forget_all();
        next_ = reset_target_;
    }
    follow_script();
    inputs_.aresetn = reset_cycles_ == 0;
    if (reset_cycles_ > 0) {
        --reset_cycles_;
        forget_all();
        return inputs_;
    }
    add_traffic();
    drive_write();
    drive_read();
    drive_streams();
    return inputs_;
}

// ---------------------------------------------------------------- script

void PortHost::follow_script() {
    if (reset_cycles_ > 0) return;
    if (wait_cycles_ > 0) {
        --wait_cycles_;
        return;
    }
    while (next_ < script_.steps.size() && do_step(script_.steps[next_])) {
        ++next_;
        if (reset_cycles_ > 0 || wait_cycles_ > 0) return;
    }
}

/// False: not yet. A write has been taken before the next step.
bool PortHost::do_step(const PortStep& step) {
    // A reset ends a write of the random traffic, too: behind a contradiction the two cores may answer it in other
    // cycles.
    if (write_waits_ && step.operation != PortOperation::reset) return false;
    switch (step.operation) {
    case PortOperation::write:
        if (!write_idle() || !counters_are_free(step.address)) return false;
        begin_write(step.address, step.value);
        return true;
    case PortOperation::read:
        if (read_waits_ || reads_due_ > 0) return false;
        begin_read(step.address);
        return true;
    case PortOperation::send:
        for (const std::uint64_t beat : *step.beats) beats_.push_back({beat, percent(50)});
        return true;
    case PortOperation::sent: return beats_.empty() && !inputs_.s_axis_tvalid;
    case PortOperation::done:
        if (!done_seen_) {
            if (!read_waits_ && reads_due_ == 0 && percent(5)) begin_read(reg::kStatus);
            return false;
        }
        old_interrupt_ = true;
        return true;
    case PortOperation::wait:
        wait_cycles_ = step.value;
        wait_ends_with_output_ = false;
        return true;
    case PortOperation::wait_output:
        wait_cycles_ = step.value;
        wait_ends_with_output_ = true;
        return true;
    case PortOperation::hold_output: hold_cycles_ = step.value; return true;
    case PortOperation::reset: reset_cycles_ = step.value; return true;
    case PortOperation::reset_after:
        cycles_to_reset_ = step.value;
        reset_target_ = step.target;
        return true;
    case PortOperation::reset_at_beat:
    case PortOperation::reset_at_output:
    case PortOperation::reset_at_packet:
        beats_to_reset_ = step.value;
        reset_counts_ = step.operation;
        reset_delay_ = step.address;
        reset_target_ = step.target;
        return true;
    case PortOperation::compared: // from here on both outsides are the same again
        compared_from_ = cycle_;
        engine_.seed(cycle_);
        receiver_percent_ = 100;
        receiver_cycles_ = 0;
        return true;
    case PortOperation::counters_stand: counters_stand_ = true; return true;
    case PortOperation::no_reset: cycles_to_reset_ = beats_to_reset_ = 0; return true;
    }
    return true;
}

// ---------------------------------------------------------------- AXI4-Lite

/// Nobody reads a counter any more when it may begin to count.
bool PortHost::counters_are_free(std::uint32_t address) {
    if (address != reg::kControl || !counters_stand_) return true;
    if (read_waits_ || reads_due_ > 0) return false;
    counters_stand_ = false;
    return true;
}

void PortHost::begin_write(std::uint32_t address, std::uint32_t value) {
    inputs_.awaddr = address;
    inputs_.wdata = value;
    write_waits_ = true;
    address_taken_ = false;
    data_taken_ = false;
    address_pause_ = traffic_.channels_apart ? below(kLongestPause) : 0;
    data_pause_ = traffic_.channels_apart ? below(kLongestPause) : 0;
}

void PortHost::begin_read(std::uint32_t address) {
    inputs_.araddr = address;
    read_waits_ = true;
    read_pause_ = traffic_.channels_apart ? below(kLongestPause) : 0;
}

void PortHost::drive_write() {
    inputs_.awvalid = write_waits_ && !address_taken_ && address_pause_ == 0;
    inputs_.wvalid = write_waits_ && !data_taken_ && data_pause_ == 0;
    if (address_pause_ > 0) --address_pause_;
    if (data_pause_ > 0) --data_pause_;
    inputs_.bready = !traffic_.channels_apart || percent(60);
}

void PortHost::drive_read() {
    inputs_.arvalid = read_waits_ && read_pause_ == 0;
    if (read_pause_ > 0) --read_pause_;
    inputs_.rready = !traffic_.channels_apart || percent(60);
}

/// Reads at random moments, and writes that must not matter.
void PortHost::add_traffic() {
    if (traffic_.access_percent == 0) return;
    if (!read_waits_ && reads_due_ <= (traffic_.channels_apart ? 1 : 0) && percent(traffic_.access_percent))
        begin_read(random_register());
    const bool script_writes =
        next_ < script_.steps.size() && script_.steps[next_].operation == PortOperation::write && wait_cycles_ == 0;
    if (script_writes || !write_idle() || !percent(traffic_.access_percent / 2)) return;
    const auto value = static_cast<std::uint32_t>(engine_());
    begin_write(harmless_address(), value);
}

/// Where a write must not matter: the interrupt, what is read only, reserved addresses, fields that no descriptor has.
std::uint32_t PortHost::harmless_address() {
    const auto word_below = [this](std::uint32_t end) {
        return 4 * static_cast<std::uint32_t>(below(static_cast<int>(end / 4)));
    };
    switch (below(7)) {
    case 0: return reg::kInterruptStatus;
    case 1: return reg::kInterruptEnable;
    case 2: return reg::kVersion + word_below(4 * (1 + reg::kShapeRegisters));
    case 3: return reg::kCounter + word_below(kReadableEnd - reg::kCounter);
    case 4: return kReadableEnd + word_below(reg::kDescriptor - kReadableEnd);
    case 6: return reg::kStatus;
    default:
        return reg::kDescriptor + reg::kDescriptorBytes * static_cast<std::uint32_t>(below(kMaxDescriptors)) +
               4 * kDescriptorFields + word_below(reg::kDescriptorBytes - 4 * kDescriptorFields);
    }
}

/// Any address; of the counters only where they stand still.
std::uint32_t PortHost::random_register() {
    if (percent(30)) return reg::kStatus;
    if (percent(10)) return kReadableEnd + 4 * static_cast<std::uint32_t>(below(0x1F00 / 4));
    const auto address = 4 * static_cast<std::uint32_t>(below(kReadableEnd / 4));
    const bool counter = address >= reg::kCounter;
    return counter && !counters_stand_ ? address - reg::kCounter : address;
}

// ---------------------------------------------------------------- streams

void PortHost::drive_streams() {
    if (!inputs_.s_axis_tvalid && !beats_.empty() && !percent(traffic_.input_pause_percent)) {
        inputs_.s_axis_tvalid = true;
        inputs_.s_axis_tdata = beats_.front().data;
        inputs_.s_axis_tlast = beats_.front().last;
        beats_.pop_front();
    }
    if (receiver_cycles_ > 0) --receiver_cycles_;
    if (receiver_cycles_ == 0) { // fast, slow or not at all for a while
        const int stall = traffic_.output_stall_percent;
        const int choices[] = {100, 100 - stall, stall > 0 ? 10 : 100, stall > 50 ? 0 : 100};
        receiver_percent_ = choices[below(4)];
        receiver_cycles_ = 1 + below(stall == 100 && below(4) == 0 ? kLongestStall : 100);
    }
    inputs_.m_axis_tready = percent(receiver_percent_) && hold_cycles_ == 0;
    if (hold_cycles_ > 0) --hold_cycles_;
}

void PortHost::observe(const CoreOutputs& outputs) {
    if (!inputs_.aresetn) return;
    address_taken_ = address_taken_ || (inputs_.awvalid && outputs.awready);
    data_taken_ = data_taken_ || (inputs_.wvalid && outputs.wready);
    if (outputs.bvalid && inputs_.bready && responses_due_ > 0) --responses_due_;
    if (outputs.rvalid && inputs_.rready && reads_due_ > 0) {
        --reads_due_;
        if (read_address_ == reg::kStatus && (outputs.rdata & kStatusDone) != 0) done_seen_ = !old_read_;
    }
    if (inputs_.arvalid && outputs.arready) {
        read_waits_ = false;
        read_address_ = inputs_.araddr;
        old_read_ = false;
        ++reads_due_;
    }
    if (outputs.irq && !old_interrupt_) done_seen_ = true;
    if (write_waits_ && address_taken_ && data_taken_) end_write();
    const bool input_moves = inputs_.s_axis_tvalid && outputs.s_axis_tready;
    const bool output_moves = outputs.m_axis_tvalid && inputs_.m_axis_tready;
    if (output_moves && wait_ends_with_output_) wait_cycles_ = 0;
    const bool counts = reset_counts_ == PortOperation::reset_at_beat     ? input_moves || output_moves
                        : reset_counts_ == PortOperation::reset_at_output ? output_moves
                                                                          : output_moves && outputs.m_axis_tlast;
    if (beats_to_reset_ > 0 && counts && --beats_to_reset_ == 0) cycles_to_reset_ = reset_delay_ + 1;
    if (input_moves) inputs_.s_axis_tvalid = false;
}

void PortHost::end_write() {
    write_waits_ = false;
    ++responses_due_;
    if (inputs_.awaddr == reg::kInterruptStatus && (inputs_.wdata & 1) != 0) old_interrupt_ = false;
    if (inputs_.awaddr != reg::kControl) return;
    const bool starts = (inputs_.wdata & kControlStart) != 0;
    count_began_ = (inputs_.wdata & kControlCount) != 0 && !starts; // a run that begins takes no preset
    if (!starts) return;
    done_seen_ = false; // what was seen and what is being read is of the run before
    old_read_ = true;
}

/// As a master in reset, which may take no response: the core has none any more.
void PortHost::forget_all() {
    const bool aresetn = inputs_.aresetn;
    inputs_ = CoreInputs();
    inputs_.aresetn = aresetn;
    inputs_.bready = inputs_.rready = !traffic_.channels_apart;
    wait_cycles_ = 0;
    hold_cycles_ = 0;
    cycles_to_reset_ = beats_to_reset_ = 0;
    write_waits_ = false;
    responses_due_ = 0;
    read_waits_ = false;
    reads_due_ = 0;
    counters_stand_ = false;
    done_seen_ = false;
    old_interrupt_ = false;
    beats_.clear();
}

} // namespace bru
