#include "platform/host_inputs.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "machine/stream_format.hpp"

namespace bru {

namespace {

constexpr std::size_t kMostTransferBeats = (1U << 20) - 1; ///< the driver splits what LENGTH does not hold

} // namespace

void HostInputs::open() {
    fetch_step();
    if (!have_step_) throw InputError("the trace has no steps; give one with at least one step");
}

void HostInputs::fetch_step() {
    const Step* step = task_.steps.next();
    have_step_ = step != nullptr;
    if (have_step_) next_step_ = *step;
}

Cycle HostInputs::next_arrival() const {
    if (!task_.options.timed_arrivals) return 0;
    const double cycles = std::ceil(next_step_.arrival_us * task_.configuration.clock_mhz);
    constexpr double kMostCycles = 1e15; // 77 days at 150 MHz
    if (!(cycles >= 0 && cycles < kMostCycles))
        throw InputError(fmt::format(
            "step {} of the trace (counted from 0): arrival time {} us is out of range; allowed are 0 to {:.0f} us",
            task_.input_steps, next_step_.arrival_us, kMostCycles / task_.configuration.clock_mhz));
    return start_cycle_ + static_cast<Cycle>(cycles);
}

std::vector<std::uint64_t>& HostInputs::take_transfer(Cycle now) {
    beats_.clear();
    for (std::int64_t count = 0; count < task_.configuration.host.input_transfer_steps && have_step_; ++count) {
        const Cycle arrival = next_arrival();
        if (arrival > now || beats_.size() + task_.image.beats_per_input_step > kMostTransferBeats) break;
        check_sequence_length();
        std::swap(step_, next_step_); // both keep their memory
        fetch_step();
        const bool end = !have_step_;
        if (end) step_.last = true; // a trace that was cut short ends its sequence
        task_.encoder.append(step_, end, beats_);
        task_.outputs.expect(step_);
        if (task_.options.timed_arrivals) task_.outputs.step_arrived(arrival);
        ++task_.input_steps;
        sequence_length_ = step_.last ? 0 : sequence_length_;
        all_taken_ = end;
    }
    return beats_;
}

void HostInputs::check_sequence_length() {
    ++sequence_length_;
    if (!task_.image.sequence_mode) return;
    const auto most = std::min<std::uint64_t>(task_.configuration.shape.max_sequence_steps, task_.image.input_slots);
    if (sequence_length_ <= most) return;
    throw InputError(fmt::format(
        "sequence {} (counted from 0) has more than {} steps, which is what the on-chip buffers of a reverse "
        "or bidirectional layer hold; {}, or cut the sequences",
        task_.outputs.sequences() - 1, most,
        most < narrow<std::uint64_t>(task_.configuration.shape.max_sequence_steps)
            ? "set --bru.input_words higher, or auto"
            : "set --bru.max_sequence_steps (and input_words, where it is not auto) higher"));
}

} // namespace bru
