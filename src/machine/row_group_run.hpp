// What passes through the core: a vector as the sequencer plans it, and the row groups of a vector on their way through
// the pipeline. The cycles in which the chunks were issued travel with the groups, and every block adds its own
// latency.
#pragma once

#include <cstdint>

#include "machine/cycle.hpp"
#include "machine/descriptor.hpp"

namespace bru {

/// One vector of the order of work: where it reads and writes, and what depends on it.
struct VectorPlan {
    const Descriptor* descriptor = nullptr;
    std::uint32_t descriptor_index = 0;
    std::uint32_t stream = 0;           ///< of its step
    std::uint64_t input_step = 0;       ///< step number since start; x from the input is that step's
    std::uint32_t one_hot_index = 0;    ///< x from a one-hot input: chunk * W + column
    bool first_step = false;            ///< of its sequence in the descriptor's direction: initial h and c
    bool emit = false;                  ///< its slices leave the machine
    bool end_of_run = false;            ///< the last vector that leaves
    Cycle header_ready = 0;             ///< the header that its first chunk waits for can be used from here on
    std::uint64_t release_below = 0;    ///< with its last x chunk the steps below this give back their slots; 0: none
    std::uint32_t x_address = 0;        ///< x from state: chunk address of its first chunks
    std::uint32_t x_second_address = 0; ///< and of those of the second direction
    std::uint32_t h_read_address = 0;
    std::uint32_t h_write_address = 0;
    std::uint32_t cell_read_address = 0; ///< slices
    std::uint32_t cell_write_address = 0;
};

/// Row groups [first_group, first_group + group_count) of one vector. Row arrays are gate-major over the
/// whole vector: row gate * unit_stride + unit (dense: row), so that blocks work on long vectors.
struct RowGroupRun : VectorPlan {
    int first_group = 0;
    int group_count = 0;
    /// Per group of the run: the issue of its last chunk, or a later cycle where scale_bias was busy.
    const Cycle* begin_cycles = nullptr;
    bool vector_ends = false; ///< the run holds the vector's last group

    int latency_cycles = 0; ///< from a group's begin cycle to where its first slice is now

    // Filled by the blocks; arrays over all rows of the vector, valid in the run's groups.
    const std::int32_t* parts[2] = {nullptr, nullptr}; ///< dot_product_lanes: m, or the sum over all planes
    bool part_is_masked_sum[2] = {false, false};       ///< one plane: the part is 2m - S
    std::int32_t activation_sums[2] = {0, 0};          ///< S
    const std::int16_t* z = nullptr;                   ///< scale_bias: Q3.12
    const std::int32_t* logits = nullptr;              ///< scale_bias: dense
    const std::int16_t* gates = nullptr;               ///< activation_lut
    const std::int16_t* hidden = nullptr;              ///< cell_update: h of the vector's units
};

} // namespace bru
