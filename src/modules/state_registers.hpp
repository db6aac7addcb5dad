// state_registers: the h vectors of all layers in chunks of W activations, and c in slices of E values. Timing:
// a chunk is read in kMemoryReadCycles (inside dot_product_lanes' pipeline), a slice of h written at the end
// of cycle q can be read by a chunk issued in q + kStateWriteCycles. Units beyond the vector are not written.
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>

#include "machine/core_shape.hpp"
#include "machine/timing.hpp"
#include "observe/observer.hpp"
#include "tlm/core_transactions.hpp"

namespace bru {

class StateRegisters : public sc_core::sc_module {
public:
    StateRegisters(const sc_core::sc_module_name& name, const CoreShape& shape);

    void observe(Observer& observer) { observers_.add(observer); }
    int latency_cycles() const { return kStateWriteCycles; } ///< from a slice's entry to the first issue that reads it

    ActivationTargetSocket read_socket; ///< from dot_product_lanes
    RunTargetSocket hidden_socket;      ///< from cell_update: h'
    CellTargetSocket cell_socket;       ///< from cell_update: c
    MemoryTargetSocket state_load_socket;
    MemoryTargetSocket cell_load_socket;

private:
    void write_hidden(const RowGroupRun& run);
    void load_state(const MemoryAccess& access);
    void load_cells(const MemoryAccess& access);

    CoreShape shape_;
    Observers observers_;
    std::vector<std::int16_t> activations_; ///< chunk after chunk
    std::vector<std::int16_t> zeros_;       ///< what lies beyond
    std::vector<std::int16_t> cells_;       ///< slice after slice
};

} // namespace bru
