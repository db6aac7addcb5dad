// activation_lut: the sigmoid and tanh tables, for the gates and for tanh(c). Timing: kTableReadCycles (block
// RAM with output register), pipelined; the address is made in the stage before it.
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>

#include "machine/core_shape.hpp"
#include "machine/timing.hpp"
#include "modules/simd/row_layout.hpp"
#include "observe/observer.hpp"
#include "tlm/core_transactions.hpp"

namespace bru {

class ActivationLut : public sc_core::sc_module {
public:
    ActivationLut(const sc_core::sc_module_name& name, const CoreShape& shape);

    void observe(Observer& observer) { observers_.add(observer); }
    int latency_cycles() const { return kTableReadCycles; } ///< of a look-up

    RunTargetSocket z_socket;       ///< from scale_bias
    TanhTargetSocket cell_socket;   ///< from cell_update: tanh(c)
    MemoryTargetSocket load_socket; ///< one beat per address: sigmoid, tanh
    RunInitiatorSocket gate_socket; ///< to cell_update

private:
    void load(const MemoryAccess& access);
    void look_up_gates(RowGroupRun& run);
    void look_up_cells(TanhLookup& lookup);

    CoreShape shape_;
    Observers observers_;
    std::vector<std::int16_t> sigmoid_;
    std::vector<std::int16_t> tanh_;
    AlignedBuffer<std::int16_t> gates_;
    AlignedBuffer<std::int16_t> cells_as_z_;
};

} // namespace bru
