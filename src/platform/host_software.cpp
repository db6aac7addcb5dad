#include "platform/host_software.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <systemc>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "machine/stream_format.hpp"
#include "platform/driver_image.hpp"
#include "platform/platform_clocks.hpp"

namespace bru {

namespace {

// Buffers in DDR: those of core 0, and from one core to the next.
constexpr std::size_t kLoadBytes = 1U << 20;
constexpr std::uint64_t kLoadBuffer = 0x1000'0000;
constexpr std::uint64_t kInputBuffers[2] = {0x2000'0000, 0x2800'0000};
constexpr std::uint64_t kInputBytes = 0x80'0000; ///< of one transfer at most (host_inputs.cpp)
constexpr std::uint64_t kOutputBuffer = 0x3000'0000;
constexpr std::uint64_t kOutputBytes = 0x400'0000; ///< of one transfer of the DMA at most

void expect(bru_result result) {
    if (result == BRU_OK) return;
    throw std::runtime_error(fmt::format("the driver of the host: {}", bru_result_text(result)));
}

} // namespace

HostSoftware::HostSoftware(HostTask& task, const bru_port& port, bru_addresses addresses)
    : task_(task), port_(port), clock_(platform_clocks(task.configuration).core),
      image_(driver_image(task.image, task.configuration.shape, task.network)), inputs_(task) {
    bru_initialise(&device_, &port_, addresses);
    device_.drain_ticks = drain_cycles(task.configuration);
}

void HostSoftware::run() {
    task_.finished = !task_.has_steps;
    if (task_.finished) return;
    bru_start_counters(&device_);
    const Cycle begin = task_.last_access();
    bru_enable(&device_);
    load();
    select();
    stream();
    bru_stop_counters(&device_);
    const Cycle end = task_.last_access();
    task_.total_cycles = end - begin;
    task_.count_begin = begin + 1;
    task_.count_end = end + 1;
    const bru_counters counters = bru_read_counters(&device_);
    std::copy(std::begin(counters.values), std::end(counters.values), task_.counters.begin());
    task_.finished = true;
}

/// An image without values has none to stage: what the DMA reads then does not matter.
void HostSoftware::load() {
    if (task_.image.has_values) load_beats_.reset(new std::uint64_t[kLoadBytes / kBeatBytes]); // not cleared
    const bru_buffer staging = {load_beats_.get(), kLoadBuffer + task_.core * kLoadBytes, kLoadBytes};
    expect(bru_load(&device_, &network_, &image_, &staging));
    load_beats_.reset();
}

void HostSoftware::select() {
    const HostTiming& host = task_.configuration.host;
    const bool one_by_one = host.output_packet_vectors == kAuto && task_.options.timed_arrivals;
    const auto wanted = one_by_one ? 1 : narrow<std::uint32_t>(back_to_back_packet_vectors(host));
    const std::uint32_t packet_vectors = bru_packet_vectors(&device_, &image_, wanted);
    if (packet_vectors == 0) refuse_vector();
    bru_select(&device_, &network_, packet_vectors);
    output_beats_.resize(device_.packet_bytes / kBeatBytes);
}

void HostSoftware::refuse_vector() const {
    const std::uint32_t vector_bytes = image_.vector_beats * std::uint32_t{kBeatBytes};
    std::int64_t bits = task_.configuration.dma.length_bits;
    while ((std::uint64_t{1} << bits) <= vector_bytes) ++bits;
    throw InputError(fmt::format("dma.length_bits = {}: a transfer has at most {} bytes, and an output vector has {}; "
                                 "set --dma.length_bits={} or more",
                                 task_.configuration.dma.length_bits, device_.most_bytes, vector_bytes, bits));
}

bool HostSoftware::finished() const {
    return task_.outputs.taken_vectors() >= task_.outputs.expected_vectors() && inputs_.all_taken();
}

void HostSoftware::stream() {
    inputs_.open();
    receive();
    start();
    bool core_done = false;
    while (!core_done || !finished()) {
        if (feed_due()) {
            feed();
            continue;
        }
        const bool waits_for_step = !bru_sending(&device_) && inputs_.has_step();
        bru_event event = {};
        const bru_result result =
            bru_next_event(&device_, waits_for_step ? inputs_.next_arrival() : BRU_FOREVER, &event);
        if (result == BRU_TIMEOUT) continue; // the step has arrived
        expect(result);
        if (event.kind == BRU_EVENT_RECEIVED) take_output(event.bytes);
        if (event.kind == BRU_EVENT_DONE) core_done = true;
    }
}

/// Writes `start`, and then begins with the inputs, or (start_delay_cycles) the other way round.
void HostSoftware::start() {
    const auto inputs_begin = [this] {
        inputs_.start_at(now());
        task_.on_start(now());
    };
    if (task_.options.start_delay_cycles) {
        inputs_begin();
        if (feed_due()) feed();
        sc_core::wait(clock_.time_until(now() + *task_.options.start_delay_cycles));
    }
    bru_start(&device_);
    if (task_.start_line != nullptr) task_.start_line->pass();
    if (!task_.options.start_delay_cycles) inputs_begin();
}

void HostSoftware::take_output(std::size_t bytes) {
    const std::size_t beats = bytes / kBeatBytes;
    if (PortRecord* const record = task_.record) {
        record->output_beats.insert(record->output_beats.end(), output_beats_.begin(), output_beats_.begin() + beats);
        record->output_packets.push_back(beats);
    }
    const std::size_t vector_beats = task_.image.beats_per_output_vector;
    for (std::size_t beat = 0; beat + vector_beats <= beats; beat += vector_beats)
        task_.outputs.take_vector(output_beats_.data() + beat);
    if (!finished()) receive();
}

void HostSoftware::receive() {
    const bru_buffer buffer = {output_beats_.data(), kOutputBuffer + task_.core * kOutputBytes, device_.packet_bytes};
    expect(bru_receive(&device_, &buffer, device_.packet_bytes));
}

bool HostSoftware::feed_due() const {
    return !bru_sending(&device_) && inputs_.has_step() && inputs_.next_arrival() <= now();
}

void HostSoftware::feed() {
    std::vector<std::uint64_t>& beats = inputs_.take_transfer(now());
    const std::size_t bytes = beats.size() * kBeatBytes;
    const bru_buffer buffer = {beats.data(), kInputBuffers[next_input_buffer_] + task_.core * kInputBytes, bytes};
    next_input_buffer_ = 1 - next_input_buffer_;
    expect(bru_send(&device_, &buffer, bytes));
}

} // namespace bru
