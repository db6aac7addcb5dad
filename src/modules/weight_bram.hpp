// weight_bram: L*W weight bits per word, written by the load stream, read in the sequencer's order, a word per
// cycle. Timing: kMemoryReadCycles from address to word (block RAM with output register).
#pragma once

#include <systemc>

#include "machine/core_shape.hpp"
#include "tlm/core_transactions.hpp"
#include "tlm/loaded_memory.hpp"

namespace bru {

class WeightBram : public sc_core::sc_module {
public:
    WeightBram(const sc_core::sc_module_name& name, const CoreShape& shape);

    MemoryTargetSocket load_socket;
    MemoryTargetSocket read_socket; ///< from dot_product_lanes

private:
    LoadedMemory memory_;
};

} // namespace bru
