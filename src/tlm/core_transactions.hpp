// The transactions inside the core. A RowGroupRun carries whole row groups of one vector through the
// pipeline in one call; the cycles in which their chunks were issued travel with it, and every block adds
// its own latency on the way.
#pragma once

#include <cstdint>

#include "tlm/callback_sockets.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

struct Descriptor;

/// Row groups [first_group, first_group + group_count) of one vector. Row arrays are gate-major over the
/// whole vector: row gate * unit_stride + unit (dense: row), so that blocks work on long vectors.
/// group_count 0 is a probe: nothing is computed, only latency_cycles is added up.
struct RowGroupRun {
    const Descriptor* descriptor = nullptr;
    int descriptor_index = 0;
    int first_group = 0;
    int group_count = 0;
    const Cycle* begin_cycles =
        nullptr; ///< per group of the run: issue of its last chunk, or later where scale_bias was busy
    const Cycle* first_part_begin_cycles = nullptr; ///< the same of the groups' x part; for a timeline only

    // Sources and destinations, chosen by the sequencer.
    std::uint64_t input_step = 0;       ///< step number since start; x from the input is that step's
    std::uint32_t x_address = 0;        ///< x from state: chunk address of its first chunks
    std::uint32_t x_second_address = 0; ///< and of those of the second direction
    std::uint32_t h_read_address = 0;
    std::uint32_t h_write_address = 0;
    std::uint32_t cell_read_address = 0; ///< slices
    bool emit = false;                   ///< its slices leave the machine
    bool vector_ends = false;            ///< the run holds the vector's last group
    bool end_of_run = false;             ///< with vector_ends: the last vector that leaves

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

/// Words of a memory: weights read by the lanes, or any memory loaded through the stream.
struct MemoryAccess {
    bool write = false;
    std::uint32_t address = 0; ///< word
    std::uint32_t words = 0;
    const std::uint64_t* data = nullptr; ///< write: words * ceil(bits/64) beats; read: set by the memory
    std::uint64_t generation = 0;        ///< read: changes whenever the memory is written
};

/// Activations of one vector, from stream_input or state_registers; `values` is set by the target and
/// valid until the next write.
struct ActivationRead {
    std::uint64_t step = 0;    ///< stream_input: step number since start
    std::uint32_t address = 0; ///< state_registers: chunk
    std::uint32_t chunks = 0;
    const std::int16_t* values = nullptr;
    std::uint32_t one_hot_index = 0; ///< stream_input, one-hot: chunk * W + column
};

/// The c values of a vector's units, in state_registers; the pointers are set by the target.
struct CellAccess {
    std::uint32_t read_address = 0; ///< slice of unit 0
    std::uint32_t write_address = 0;
    const std::int16_t* current = nullptr; ///< per unit
    std::int16_t* next = nullptr;
};

/// tanh of c, looked up by cell_update.
struct TanhLookup {
    const std::int16_t* cells = nullptr; ///< Q4.11
    std::int16_t* values = nullptr;
    int count = 0;
    int latency_cycles = 0;
};

using RunProtocol = Protocol<RowGroupRun>;
using RunInitiatorSocket = CallbackInitiatorSocket<RunProtocol>;
using RunTargetSocket = CallbackTargetSocket<RunProtocol>;
using MemoryProtocol = Protocol<MemoryAccess>;
using MemoryInitiatorSocket = CallbackInitiatorSocket<MemoryProtocol>;
using MemoryTargetSocket = CallbackTargetSocket<MemoryProtocol>;
using ActivationProtocol = Protocol<ActivationRead>;
using ActivationInitiatorSocket = CallbackInitiatorSocket<ActivationProtocol>;
using ActivationTargetSocket = CallbackTargetSocket<ActivationProtocol>;
using CellProtocol = Protocol<CellAccess>;
using CellInitiatorSocket = CallbackInitiatorSocket<CellProtocol>;
using CellTargetSocket = CallbackTargetSocket<CellProtocol>;
using TanhProtocol = Protocol<TanhLookup>;
using TanhInitiatorSocket = CallbackInitiatorSocket<TanhProtocol>;
using TanhTargetSocket = CallbackTargetSocket<TanhProtocol>;

} // namespace bru
