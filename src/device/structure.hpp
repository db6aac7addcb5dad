// What the RTL of a shape is made of, block by block: bits of adders, multiplexers, registers and memories that follow
// from the source of rtl/. Quantities only; how many LUTs or flip-flops a quantity takes is calibrated against
// synthesis.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "device/memory_shape.hpp"

namespace bru {

/// One kind of logic in a block, for example the bits of its adders. The same terms appear for every shape, with the
/// quantity 0 where a shape has none of it.
struct StructureTerm {
    std::string name;
    double quantity = 0;
    double moving = 0; ///< of the quantity, what changes in a cycle in which the block works: for the power estimate
};

/// What a block reads or writes in a cycle in which it works: one word of each of its memories, however deep.
struct MemoryAccess {
    double lut_bits = 0; ///< in LUT RAM
    double ram_bits = 0; ///< in block RAM
};

struct BlockStructure {
    std::string block; ///< as docs/architecture.md calls it; `delays` is what bru_core has beside its blocks
    std::vector<StructureTerm> lut; ///< logic and shift registers; LUTs of memories are exact and not among them
    std::vector<StructureTerm> ff;
    std::vector<StructureTerm> levels; ///< of the critical path, docs/resources.md
    MemoryMapping memory;              ///< sum over the block's memories
    MemoryAccess access;
    std::int64_t dsp = 0;
};

/// The blocks of bru_core in the order of docs/architecture.md. Every depth of the shape must be known.
std::vector<BlockStructure> structure_of(const Shape& shape);

/// A shape whose depths are all known: those that are still `auto` become what one block RAM holds at its widest, and
/// the cells LSTMs.
Shape with_least_depths(Shape shape);

/// LUTs of a multiplexer of that many inputs, a bit: LUT6 of four inputs, MUXF7 and MUXF8 behind them are free.
std::int64_t multiplexer_luts(std::int64_t inputs);

} // namespace bru
