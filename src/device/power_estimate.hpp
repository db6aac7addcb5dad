// First-order power of a machine at work: what the part takes anyway, and for every block the energy of what changes in
// the cycles in which it works: outputs of LUTs, words of memories, DSPs. An estimate of the order of magnitude; the
// figures are the device file's.
#pragma once

#include <string>
#include <vector>

#include "device/resource_estimate.hpp"

namespace bru {

/// How much a run made the machine work.
struct Activity {
    double seconds = 0; ///< of machine time
    double steps = 0;
    double chunk_cycles = 0;       ///< in which a chunk was issued: weights, lanes, sequencer
    double part_slice_cycles = 0;  ///< in which scale_bias took a slice of a part
    double unit_slice_cycles = 0;  ///< in which a slice of units passed tables, cell_update and state
    double input_chunk_cycles = 0; ///< of the chunk cycles, those in which a chunk of an input was read
    double input_beat_cycles = 0;  ///< in which a beat came in
    double output_beat_cycles = 0; ///< in which a beat left
};

struct BlockPower {
    std::string block;
    double watts = 0; ///< dynamic
};

struct PowerEstimate {
    double static_watts = 0;
    std::vector<BlockPower> blocks;
    double seconds = 0;
    double steps = 0;

    double dynamic_watts() const;
    double watts() const { return static_watts + dynamic_watts(); }
    double microjoules() const { return 1e6 * watts() * seconds; } ///< of the whole activity
    double microjoules_per_step() const { return per_step(watts()); }
    /// The share of a step's energy that so much power makes.
    double per_step(double watts) const { return steps > 0 ? 1e6 * watts * seconds / steps : 0; }
};

/// Nothing moves in a machine that ran for no time: all zero then but the static power.
PowerEstimate estimate_power(const ResourceEstimate& estimate, const Activity& activity);

} // namespace bru
