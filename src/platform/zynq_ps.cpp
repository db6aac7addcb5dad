#include "platform/zynq_ps.hpp"

#include <algorithm>

#include "base/enumeration.hpp"
#include "base/integers.hpp"
#include "machine/core_registers.hpp"
#include "machine/descriptor.hpp"
#include "machine/dma_registers.hpp"
#include "machine/stream_format.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

namespace {

// Buffers in DDR.
constexpr std::uint64_t kLoadBuffer = 0x1000'0000;
constexpr std::uint64_t kInputBuffers[2] = {0x2000'0000, 0x2800'0000};
constexpr std::uint64_t kOutputBuffer = 0x3000'0000;
constexpr std::size_t kLoadBeats = (1U << 20) / kBeatBytes;

} // namespace

ZynqPs::ZynqPs(const sc_core::sc_module_name& name, HostTask& task, Memory& memory)
    : sc_module(name), core_socket("core_socket"), dma_socket("dma_socket"), core_interrupt("core_interrupt"),
      mm2s_interrupt("mm2s_interrupt"), s2mm_interrupt("s2mm_interrupt"), task_(task), memory_(memory),
      access_cycles_(task.configuration.cycles(task.configuration.host.register_access_ns)),
      interrupt_cycles_(task.configuration.cycles(task.configuration.host.interrupt_latency_ns)), inputs_(task) {
    SC_THREAD(software);
}

/// Exceptions must not pass through the kernel, which would turn them into reports without their text's place.
void ZynqPs::software() {
    try {
        run();
    } catch (...) {
        task_.failure = std::current_exception();
    }
    sc_core::sc_stop();
}

void ZynqPs::run() {
    const Cycle begin = current_cycle() + access_cycles_;
    write(core_socket, reg::kControl, kControlCount);
    write(dma_socket, dma_reg::kControl, dma_reg::kRun | dma_reg::kInterruptOnComplete);
    write(dma_socket, dma_reg::kS2mm + dma_reg::kControl, dma_reg::kRun | dma_reg::kInterruptOnComplete);
    load_network();
    configure();
    stream();
    const Cycle end = current_cycle() + access_cycles_;
    write(core_socket, reg::kControl, kControlFreeze);
    task_.total_cycles = end - begin;
    task_.count_end = end + 1;
    for (std::uint32_t counter = 0; counter < reg::kCounters; ++counter) {
        const std::uint64_t low = read(core_socket, reg::kCounter + 8 * counter);
        task_.counters[counter] = low | std::uint64_t{read(core_socket, reg::kCounter + 8 * counter + 4)} << 32;
    }
    task_.finished = true;
}

// ---------------------------------------------------------------- before the start

void ZynqPs::load_network() {
    for (const LoadRegion& region : task_.image.regions)
        if (region.beat_count > 0) load(region);
    write(core_socket, reg::kLoadTarget, index_of(LoadTarget::run));
}

void ZynqPs::load(const LoadRegion& region) {
    const std::size_t word_beats = region.beats_per_word;
    const std::size_t most = std::max<std::size_t>(kLoadBeats / word_beats, 1) * word_beats;
    for (std::size_t first = 0; first < region.beat_count; first += most) {
        const std::size_t count = std::min(most, region.beat_count - first);
        write(core_socket, reg::kLoadAddress, region.first_word + first / word_beats);
        write(core_socket, reg::kLoadTarget, index_of(region.target));
        if (task_.image.has_values) memory_.write(kLoadBuffer, region.beats.data() + first, count * kBeatBytes);
        dma_transfer(0, kLoadBuffer, count * kBeatBytes);
        while (!mm2s_interrupt.read()) sc_core::wait(mm2s_interrupt.posedge_event());
        serve_latency();
        write(dma_socket, dma_reg::kStatus, dma_reg::kInterruptOnComplete);
    }
}

void ZynqPs::configure() {
    const NetworkImage& image = task_.image;
    std::uint32_t base = reg::kDescriptor;
    for (const Descriptor& descriptor : image.descriptors) {
        const auto* fields = reinterpret_cast<const std::uint32_t*>(&descriptor);
        for (std::uint32_t field = 0; field < kDescriptorFields; ++field)
            write(core_socket, base + 4 * field, fields[field]);
        base += reg::kDescriptorBytes;
    }
    const HostTiming& host = task_.configuration.host;
    const bool one_by_one = host.output_packet_vectors == kAuto && task_.options.timed_arrivals;
    packet_vectors_ = one_by_one ? 1 : back_to_back_packet_vectors(host);
    const std::uint64_t vector_bytes = narrow<std::uint64_t>(image.beats_per_output_vector) * kBeatBytes;
    packet_vectors_ = std::clamp<std::uint64_t>(dma_reg::kMaxLength / vector_bytes, 1, packet_vectors_);
    write(core_socket, reg::kDescriptors, image.descriptors.size());
    write(core_socket, reg::kMode, mode_register(image.sequence_mode, image.mode));
    write(core_socket, reg::kInput, image.input_chunks | (image.one_hot ? kInputOneHot : 0));
    write(core_socket, reg::kInputSlots, image.input_slots);
    write(core_socket, reg::kPacketVectors, packet_vectors_);
    write(core_socket, reg::kInterruptEnable, 1);
}

// ---------------------------------------------------------------- the run

void ZynqPs::stream() {
    inputs_.open();
    start_output_transfer();
    start();
    bool core_done = false;
    while (!core_done || task_.outputs.taken_vectors() < task_.outputs.expected_vectors() || !inputs_.all_taken()) {
        if (feed_due()) {
            feed();
            continue;
        }
        if (!core_interrupt.read() && !mm2s_interrupt.read() && !s2mm_interrupt.read()) {
            wait_for_event();
            continue;
        }
        serve_latency();
        if (s2mm_interrupt.read()) serve_output();
        if (mm2s_interrupt.read()) serve_input();
        if (core_interrupt.read()) {
            write(core_socket, reg::kInterruptStatus, 1);
            core_done = true;
        }
    }
}

/// Writes `start`, and then begins with the inputs, or (start_delay_cycles) the other way round.
void ZynqPs::start() {
    const auto inputs_begin = [this] {
        inputs_.start_at(current_cycle());
        task_.on_start(current_cycle());
    };
    if (task_.options.start_delay_cycles) {
        inputs_begin();
        if (feed_due()) feed();
        wait_cycles(*task_.options.start_delay_cycles);
    }
    write(core_socket, reg::kControl, kControlStart);
    if (!task_.options.start_delay_cycles) inputs_begin();
}

void ZynqPs::wait_for_event() {
    const auto interrupts =
        core_interrupt.posedge_event() | mm2s_interrupt.posedge_event() | s2mm_interrupt.posedge_event();
    if (!mm2s_busy_ && inputs_.has_step())
        sc_core::wait(time_until(inputs_.next_arrival()), interrupts);
    else
        sc_core::wait(interrupts);
}

void ZynqPs::serve_output() {
    write(dma_socket, dma_reg::kS2mm + dma_reg::kStatus, dma_reg::kInterruptOnComplete);
    const std::uint32_t bytes = read(dma_socket, dma_reg::kS2mm + dma_reg::kLength);
    output_beats_.resize(bytes / kBeatBytes);
    memory_.read(kOutputBuffer, output_beats_.data(), bytes);
    if (PortRecord* const record = task_.options.record) {
        record->output_beats.insert(record->output_beats.end(), output_beats_.begin(), output_beats_.end());
        record->output_packets.push_back(output_beats_.size());
    }
    const std::size_t vector_beats = task_.image.beats_per_output_vector;
    for (std::size_t beat = 0; beat + vector_beats <= output_beats_.size(); beat += vector_beats)
        task_.outputs.take_vector(output_beats_.data() + beat);
    if (!inputs_.all_taken() || task_.outputs.taken_vectors() < task_.outputs.expected_vectors())
        start_output_transfer();
}

void ZynqPs::start_output_transfer() {
    dma_transfer(dma_reg::kS2mm, kOutputBuffer, packet_vectors_ * task_.image.beats_per_output_vector * kBeatBytes);
}

void ZynqPs::serve_input() {
    write(dma_socket, dma_reg::kStatus, dma_reg::kInterruptOnComplete);
    mm2s_busy_ = false;
}

bool ZynqPs::feed_due() const { return !mm2s_busy_ && inputs_.has_step() && inputs_.next_arrival() <= current_cycle(); }

void ZynqPs::feed() {
    const std::vector<std::uint64_t>& beats = inputs_.take_transfer(current_cycle());
    const std::uint64_t address = kInputBuffers[input_buffer_];
    input_buffer_ = 1 - input_buffer_;
    memory_.write(address, beats.data(), beats.size() * kBeatBytes);
    mm2s_busy_ = true;
    dma_transfer(0, address, beats.size() * kBeatBytes);
}

// ---------------------------------------------------------------- registers

/// To the beginning of a cycle, wherever in the present one the kernel is.
void ZynqPs::wait_cycles(Cycle cycles) { sc_core::wait(time_until(current_cycle() + cycles)); }

void ZynqPs::serve_latency() {
    const Cycle begin = current_cycle();
    wait_cycles(interrupt_cycles_);
    observers_.tell(&Observer::interrupt_served, begin, current_cycle());
}

void ZynqPs::dma_transfer(std::uint32_t channel, std::uint64_t address, std::uint64_t bytes) {
    write(dma_socket, channel + dma_reg::kAddress, address);
    write(dma_socket, channel + dma_reg::kLength, bytes);
}

void ZynqPs::write(Socket& socket, std::uint32_t offset, std::uint64_t value) {
    auto word = narrow<std::uint32_t>(value);
    access(socket, tlm::TLM_WRITE_COMMAND, offset, word);
}

std::uint32_t ZynqPs::read(Socket& socket, std::uint32_t offset) {
    std::uint32_t value = 0;
    access(socket, tlm::TLM_READ_COMMAND, offset, value);
    return value;
}

void ZynqPs::access(Socket& socket, tlm::tlm_command command, std::uint32_t offset, std::uint32_t& value) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(offset);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(sizeof value);
    payload.set_streaming_width(sizeof value);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    const Cycle begin = current_cycle();
    wait_cycles(access_cycles_);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->b_transport(payload, delay);
    sc_core::wait(delay);
    RegisterAccess done;
    done.block = &socket == &core_socket ? RegisterBlock::core : RegisterBlock::dma;
    done.write = command == tlm::TLM_WRITE_COMMAND;
    done.offset = offset;
    done.value = value;
    done.begin = begin;
    done.end = current_cycle();
    observers_.tell(&Observer::register_accessed, done);
}

} // namespace bru
