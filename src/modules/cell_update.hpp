// cell_update: c' = f c + i g and h' = o tanh(c') of E units per cycle, or s' and h' of GRU units. Timing: kCellCycles
// to c' (u) and its table address, the table's kTableReadCycles, kHiddenCycles to h'; pipelined, a slice per cycle.
#pragma once

#include <cstdint>

#include <systemc>

#include "machine/core_shape.hpp"
#include "machine/timing.hpp"
#include "modules/simd/row_layout.hpp"
#include "observe/observer.hpp"
#include "tlm/core_transactions.hpp"

namespace bru {

class CellUpdate : public sc_core::sc_module {
public:
    CellUpdate(const sc_core::sc_module_name& name, const CoreShape& shape);

    void observe(Observer& observer) { observers_.add(observer); }
    /// From a slice's entry to h', with the table's cycles for tanh(c') between the two halves.
    int latency_cycles(int table_cycles) const { return kCellCycles + table_cycles + kHiddenCycles; }

    std::uint64_t saturated_cells() const {
        return saturated_cells_;
    } ///< c, or u of a GRU, at a limit of its format so far

    RunTargetSocket gate_socket;      ///< from activation_lut
    TanhInitiatorSocket tanh_socket;  ///< to activation_lut
    CellInitiatorSocket cell_socket;  ///< to state_registers: c
    RunInitiatorSocket hidden_socket; ///< to state_registers: h
    RunInitiatorSocket emit_socket;   ///< to stream_output: h that leaves the machine

private:
    void begin(const RowGroupRun& run, const CellAccess& cells, TanhLookup& lookup);
    void finish(RowGroupRun& run, const CellAccess& cells);

    CoreShape shape_;
    Observers observers_;
    AlignedBuffer<std::int16_t> candidate_sums_; ///< u of GRU units
    AlignedBuffer<std::int16_t> tanh_;
    AlignedBuffer<std::int16_t> hidden_;
    std::uint64_t saturated_cells_ = 0;
};

} // namespace bru
