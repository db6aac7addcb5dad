// The kind of cell that the machine computes, an LSTM: its gates in the order of the lanes, the function that each gate
// passes, and the update of c and h. What the blocks, the reference and the float execution know of the kind of cell is
// here; the arithmetic of each line is in number_formats.hpp.
#pragma once

#include <array>
#include <cstdint>

#include "model/number_formats.hpp"

namespace bru {

struct LstmCell {
    static constexpr int kGates = 4;
    enum Gate { kInput, kForget, kCandidate, kOutput }; ///< i, f, g, o

    /// The function of a gate's z.
    static constexpr TableFunction function_of(int gate) {
        return gate == kCandidate ? TableFunction::tanh : TableFunction::sigmoid;
    }

    struct State {
        std::int32_t c = 0; ///< Q4.11
        std::int32_t h = 0; ///< an activation
    };
    /// c' and h' of one unit. `gates` are in the order of Gate, with 15 fraction bits; `tanh_of` looks up a z in Q3.12.
    template <typename TanhOf>
    static State update(const std::array<std::int32_t, kGates>& gates, std::int32_t c, int activation_bits,
                        const TanhOf& tanh_of) {
        const std::int32_t next = next_cell(gates[kForget], c, gates[kInput], gates[kCandidate]);
        return {next, next_hidden(gates[kOutput], tanh_of(cell_as_z(next)), activation_bits)};
    }
};

} // namespace bru
