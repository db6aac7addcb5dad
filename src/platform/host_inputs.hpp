// The steps of the trace on their way into the machine: when each arrives, and which of them one DMA transfer takes.
// Keeps one step ahead, since the last step of the trace is sent with a mark.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/cycle.hpp"
#include "model/step.hpp"
#include "platform/host_task.hpp"

namespace bru {

class HostInputs {
public:
    explicit HostInputs(HostTask& task) : task_(task) {}

    /// Reads the first step. Throws InputError where the trace has none.
    void open();
    /// Arrival times count from this cycle on.
    void start_at(Cycle cycle) { start_cycle_ = cycle; }

    bool has_step() const { return have_step_; }
    bool all_taken() const { return all_taken_; } ///< the last step of the trace is part of a transfer
    /// The cycle in which the next step arrives. Throws InputError where the trace gives a time out of range.
    Cycle next_arrival() const;

    /// The beats of all steps that have arrived in `now`, as many as a transfer takes; valid until the next call.
    /// Throws InputError on a sequence that the machine cannot hold.
    std::vector<std::uint64_t>& take_transfer(Cycle now);

private:
    void fetch_step();
    void check_sequence_length();

    HostTask& task_;
    Step next_step_; ///< fetched, not yet taken
    Step step_;      ///< being taken
    bool have_step_ = false;
    bool all_taken_ = false;
    std::uint64_t sequence_length_ = 0;
    Cycle start_cycle_ = 0;
    std::vector<std::uint64_t> beats_;
};

} // namespace bru
