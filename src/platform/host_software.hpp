// What the host runs over the driver: it loads a network, streams the steps of the trace through it as they arrive,
// takes the outputs, and reads the counters.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "driver/bru.h"
#include "machine/cycle.hpp"
#include "platform/host_inputs.hpp"
#include "platform/host_task.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

class HostSoftware {
public:
    HostSoftware(HostTask& task, const bru_port& port, bru_addresses addresses);

    /// Leaves what it learned in the task. The counted time begins and ends when the accesses that start and stop the
    /// counters take effect.
    void run();

private:
    void load();
    void select();
    [[noreturn]] void refuse_vector() const; ///< no transfer holds it
    void stream();
    void start();
    void take_output(std::size_t bytes);
    void receive();
    bool feed_due() const;
    void feed();
    bool finished() const;
    Cycle now() const { return clock_.current_cycle(); }

    HostTask& task_;
    const bru_port& port_;
    CycleClock clock_; ///< of the core
    bru_device device_ = {};
    bru_image image_;
    bru_network network_ = {};
    HostInputs inputs_;
    std::unique_ptr<std::uint64_t[]> load_beats_; ///< while weights are loaded
    std::vector<std::uint64_t> output_beats_;     ///< of a packet
    int next_input_buffer_ = 0;
};

} // namespace bru
