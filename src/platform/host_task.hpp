// What the task of a core runs, and where it leaves what it learned.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "machine/registers.hpp"
#include "platform/network_image.hpp"
#include "platform/output_assembler.hpp"
#include "platform/simulation.hpp"
#include "platform/start_line.hpp"
#include "platform/step_encoder.hpp"

namespace bru {

struct HostTask {
    const Configuration& configuration; ///< resolved
    const NetworkImage& image;
    const Network& network;
    const SimulationOptions& options;
    StepSource& steps;
    StepEncoder& encoder;
    OutputAssembler& outputs;
    PortRecord* record = nullptr;
    std::size_t core = 0;                     ///< its number on the chip
    StartLine* start_line = nullptr;          ///< where several cores start together
    bool has_steps = true;                    ///< false: the core is left alone
    std::function<void(Cycle)> on_start = {}; ///< inputs begin
    std::function<Cycle()> last_access = {};  ///< when the last access of a register of the core took effect

    std::array<std::uint64_t, reg::kCounters> counters{};
    std::uint64_t total_cycles = 0;
    Cycle count_begin = 0; ///< the first counted cycle
    Cycle count_end = 0;   ///< the cycle after the last counted one
    std::uint64_t input_steps = 0;
    bool finished = false;
};

} // namespace bru
