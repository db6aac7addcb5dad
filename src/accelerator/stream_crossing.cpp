#include "accelerator/stream_crossing.hpp"

#include <algorithm>

#include "base/integers.hpp"

namespace bru {

StreamCrossing::StreamCrossing(const sc_core::sc_module_name& name, const CycleClock& source, const CycleClock& target,
                               const CrossingTiming& timing)
    : sc_module(name), input_socket("input_socket"), output_socket("output_socket"),
      to_target_(source.ticks_per_cycle(), target.ticks_per_cycle(), narrow<Cycle>(timing.stages) + kEmptyEdges),
      to_source_(target.ticks_per_cycle(), source.ticks_per_cycle(), narrow<Cycle>(timing.stages) + kFullEdges),
      places_(narrow<std::uint64_t>(timing.beats)), read_cycles_(places_) {
    input_socket.on_nb_transport_fw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
        if (!held_) offered_.append(transfer.beats, transfer.count);
        write();
        return tlm::TLM_ACCEPTED;
    };
    output_socket.on_nb_transport_bw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
        on_transfers(transfer);
        return tlm::TLM_ACCEPTED;
    };
}

void StreamCrossing::reset(bool held) {
    held_ = held;
    offered_.pop(offered_.size());
    written_ = 0;
    read_ = 0;
    next_write_cycle_ = 0;
}

void StreamCrossing::on_transfers(const StreamTransfer& transfer) {
    if (held_) return;
    for (std::size_t beat = 0; beat < transfer.count; ++beat)
        read_cycles_[read_ + beat] = transfer.transfer_cycles[beat];
    read_ += transfer.count;
    if (on_read) on_read(transfer.transfer_cycles, transfer.count);
    write();
}

/// Writes what has a place in a cycle that is known.
void StreamCrossing::write() {
    if (writing_) return; // the call under way goes on with what is known now
    writing_ = true;
    while (true) {
        writes_.clear();
        beats_.clear();
        while (!offered_.empty() && written_ < read_ + places_) write_front();
        if (writes_.empty()) break;
        if (on_write) on_write(writes_.data(), writes_.size());
        answer_beats(input_socket, writes_.data(), writes_.size());
        offer_beats(output_socket, beats_.data(), beats_.size());
    }
    writing_ = false;
}

void StreamCrossing::write_front() {
    StreamBeat beat = offered_.front();
    offered_.pop();
    Cycle cycle = std::max(beat.valid_cycle, next_write_cycle_);
    if (written_ >= places_) cycle = std::max(cycle, to_source_.seen(read_cycles_[written_ - places_]));
    ++written_;
    next_write_cycle_ = cycle + 1;
    writes_.push_back(cycle);
    beat.valid_cycle = to_target_.seen(cycle);
    beats_.push_back(beat);
}

} // namespace bru
