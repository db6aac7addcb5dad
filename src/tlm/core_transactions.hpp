// The transactions inside the core: row groups on their way through the pipeline (machine/row_group_run.hpp), and
// accesses to the memories.
#pragma once

#include <cstdint>

#include "machine/row_group_run.hpp"
#include "tlm/callback_sockets.hpp"
#include "tlm/cycle_time.hpp"

namespace bru {

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

/// tanh of c, or of a GRU's u, looked up by cell_update.
struct TanhLookup {
    const std::int16_t* arguments = nullptr; ///< c in Q4.11, or u in Q3.12
    CellKind cell = CellKind::lstm;
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
